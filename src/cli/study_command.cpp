// edgeproof study [FILE.toml] -o DIR

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "report/from_study.h"
#include "report/report.h"
#include "study/study.h"
#include "study/summary.h"

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
  try {
    study::run_study(config, {.output = options.output, .base = base, .threads = threads});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::interrupted) throw;
    fail(ErrorCode::interrupted,
         "interrupted; what is finished is in {}: the same command goes on from there",
         options.output);
  }
  const auto store = study::Store::open_existing(study::store_path(options.output));
  const study::Summary summary = study::summarize(store, threads);
  study::write_files(summary, store, options.output);
  const std::filesystem::path page = std::filesystem::path(options.output) / "report.html";
  write_file(page, report::render(report::from_study(summary, store)));
  fmt::print("{}\nreport: {}\n", study::render(summary, study::Format::table), page.string());
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
  command->add_option("--data-dir", options->data_dir,
                      "Folder that paths in [data] are relative to (default: FILE's own)");
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
