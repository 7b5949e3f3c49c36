// edgeproof study [FILE.toml] -o DIR

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/finish_study.h"
#include "core/parallel.h"
#include "study/study.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string file;
  std::string output = "edgeproof-study";
  std::string data_dir;
  int threads = 0;
  bool print_config = false;
};

void run_command(const Options& options) {
  const study::Config config =
      options.file.empty() ? study::Config() : study::read_config(options.file);
  if (options.print_config) {
    fmt::print("{}", study::to_toml(config));
    return;
  }
  std::filesystem::path base = options.data_dir;
  if (base.empty()) base = std::filesystem::path(options.file).parent_path();
  const int threads = options.threads == 0 ? available_cores() : options.threads;
  const std::filesystem::path output = options.output;
  run_resumable(output, [&] {
    study::run_study(config, {.output = output, .base = base, .threads = threads});
  });
  const std::string table = finish_study(output, threads);
  fmt::print("{}\nreport: {}\n", table, (output / "report.html").string());
}

}  // namespace

void add_study(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "study", "Train, compress, break the sensors, measure, report: which variant to ship?");
  command->add_option(
      "FILE", options->file,
      "The study's configuration (TOML); without one, the default study on generated "
      "motion data");
  command
      ->add_option("-o,--output", options->output,
                   "Folder for the result store, tables, models and report.html")
      ->capture_default_str();
  command->add_option(
      "--data-dir", options->data_dir,
      "Folder that paths in [data] and [model] are relative to (default: FILE's own)");
  command->add_option("--threads", options->threads, "0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("--print-config", options->print_config,
                    "Print every key with its value and meaning, and stop");
  command->footer(
      "Examples:\n"
      "  edgeproof study                                    the default study\n"
      "  edgeproof study --print-config > study.toml        a configuration to start from\n"
      "  edgeproof study studies/uci_har.toml --data-dir DIR -o har\n"
      "A study that was stopped goes on where it was when the same command is given again.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
