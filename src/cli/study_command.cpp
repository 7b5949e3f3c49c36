// edgeproof study [FILE.toml] -o DIR

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/finish_study.h"
#include "cli/live_report.h"
#include "cli/open_study.h"
#include "cli/provenance_option.h"
#include "cli/study_status.h"
#include "core/parallel.h"
#include "engine/ranks.h"
#include "engine/study.h"
#include "experiment/config_file.h"
#include "store/status.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string file;
  std::string output = "edgeproof-study";
  std::string data_dir;
  int threads = 0;
  bool print_config = false, dry_run = false, status = false, prune = false, retime = false;
  std::vector<int> ranks;                                                   // to simulate
  std::string export_as;                                                    // "csv" or "json"
  formats::ProvenanceDetail provenance = formats::ProvenanceDetail::brief;  // of models
};

void run_command(const Options& options) {
  if (options.status) {
    fmt::print("{}", status_text(options.output));
    return;
  }
  if (options.prune) {
    fmt::print("{}", prune_text(options.output, options.dry_run));
    return;
  }
  if (!options.export_as.empty()) {
    const store::Store store = open_study(options.output);
    fmt::print("{}",
               options.export_as == "csv" ? store::export_csv(store) : store::export_json(store));
    return;
  }
  const experiment::Config config =
      options.file.empty() ? experiment::Config() : experiment::read_config(options.file);
  if (options.print_config) {
    fmt::print("{}", experiment::to_toml(config));
    return;
  }
  std::filesystem::path base = options.data_dir;
  if (base.empty()) base = std::filesystem::path(options.file).parent_path();
  // Under mpirun there is a rank for each core.
  const int cores = engine::started_as_rank() ? 1 : available_cores();
  const int threads = options.threads == 0 ? cores : options.threads;
  const std::filesystem::path output = options.output;
  if (options.dry_run) {
    const engine::PlannedStudy plan = engine::plan_study(config, base);
    fmt::print("{}\n{}", experiment::text_of(plan.budgets),
               dry_run_text(plan.jobs, output, threads));
    if (!options.ranks.empty()) fmt::print("{}", simulation_text(plan.jobs, output, options.ranks));
    return;
  }
  bool first = true;
  run_resumable(output, [&] {
    std::optional<LiveReport> report;
    first = engine::run_study(config, {.output = output,
                                       .base = base,
                                       .threads = threads,
                                       .retime = options.retime,
                                       .on_begin = [&] { report.emplace(output); }});
  });
  if (!first) return;
  const std::string table = finish_study(output, threads, options.provenance);
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
  command->add_option("--threads", options->threads, "0: one for each core; under mpirun 1")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("--print-config", options->print_config,
                    "Print every key with its value and meaning, and stop");
  CLI::Option* dry_run =
      command->add_flag("--dry-run", options->dry_run,
                        "Print what there is to do and how long it will take, and stop");
  command
      ->add_option("--simulate-ranks", options->ranks,
                   "With --dry-run: what all of it would take under mpirun, such as 64,1024, from "
                   "jobs that the folder has timed")
      ->delimiter(',')
      ->check(CLI::Range(1, 1000000))
      ->needs(dry_run);
  command->add_flag("--status", options->status,
                    "Print how far the study in the folder -o is, which may be running, and stop");
  command->add_flag("--prune", options->prune,
                    "Free what results of earlier configurations take in the folder -o, say what "
                    "they were, and stop; with --dry-run only say it");
  command
      ->add_option("--export", options->export_as,
                   "Print all evaluations in the folder -o, one row each: csv or json")
      ->check(CLI::IsMember({"csv", "json"}))
      ->type_name("FORMAT");
  command->add_flag("--retime", options->retime,
                    "Measure latencies again that are marked with '?': the machine was busy");
  add_provenance_option(*command, options->provenance);
  command->footer(
      "Examples:\n"
      "  edgeproof study                                    the default study\n"
      "  edgeproof study --print-config > study.toml        a configuration to start from\n"
      "  edgeproof study studies/uci_har.toml --data-dir DIR -o har\n"
      "  edgeproof study study.toml -o har --dry-run        what there is to do\n"
      "  edgeproof study -o har --status                    how far it is, from another terminal\n"
      "  edgeproof study -o har --export csv > har.csv      every evaluation\n"
      "  edgeproof study -o har --prune                     frees what is no longer used\n"
      "A study that was stopped goes on where it was when the same command is given again; with a\n"
      "changed FILE it computes what the change touches.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
