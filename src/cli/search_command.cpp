// edgeproof search [FILE.toml] --max-flash 32KB --max-ram 16KB -o DIR

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "cli/commands.h"
#include "cli/finish_study.h"
#include "cli/provenance_option.h"
#include "cli/quantity.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "engine/search.h"
#include "experiment/config_file.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string file, output = "edgeproof-search", data_dir;
  std::string flash, ram, macs, latency;
  int trials = 0;
  int threads = 0;
  formats::ProvenanceDetail provenance = formats::ProvenanceDetail::brief;  // of models
};

engine::SearchBudget budget_of(const Options& options) {
  const auto whole = [&](const std::string& option, const std::string& text, const Units& units) {
    return text.empty() ? std::optional<std::int64_t>()
                        : static_cast<std::int64_t>(quantity(option, text, units));
  };
  engine::SearchBudget budget{
      .flash_bytes = whole("--max-flash", options.flash, byte_units()),
      .ram_bytes = whole("--max-ram", options.ram, byte_units()),
      .macs = whole("--max-macs", options.macs, {{"", 1}, {"k", 1e3}, {"M", 1e6}})};
  if (!options.latency.empty()) {
    budget.latency_us = quantity("--max-latency", options.latency, time_units());
  }
  return budget;
}

// What each strategy found for its trials.
std::string strategies_table(const store::Store& store) {
  std::map<std::string, std::vector<store::SearchTrial>> by_strategy;
  std::int64_t most_bytes = 0;
  for (const store::SearchTrial& trial : store.trials()) {
    by_strategy[trial.strategy].push_back(trial);
    most_bytes = std::max(most_bytes, trial.weight_bytes);
  }
  std::string text = fmt::format("{:8}  {:>6}  {:>14}  {:>8}  {:>6}\n", "strategy", "trials",
                                 "best robust %", "weights", "area");
  for (const auto& [strategy, trials] : by_strategy) {
    std::vector<experiment::Objectives> all;
    for (const store::SearchTrial& trial : trials) all.push_back(store::objectives_of(trial));
    const auto best = std::ranges::max_element(trials, {}, &store::SearchTrial::robust);
    const double area = experiment::hypervolume(all, {1, static_cast<double>(most_bytes)}) /
                        static_cast<double>(most_bytes);
    text += fmt::format("{:8}  {:>6}  {:>14.1f}  {:>8}  {:>6.3f}\n", strategy, trials.size(),
                        100 * best->robust, best->weight_bytes, area);
  }
  return text +
         "short trainings, judged on validation windows; area: mean of the best accuracy under "
         "fault\nover all sizes up to the largest tried\n";
}

void run_command(const Options& options) {
  experiment::Config config =
      options.file.empty() ? experiment::Config() : experiment::read_config(options.file);
  if (options.trials > 0) config.search.trials = options.trials;
  const engine::SearchBudget budget = budget_of(options);
  std::filesystem::path base = options.data_dir;
  if (base.empty()) base = std::filesystem::path(options.file).parent_path();
  const std::filesystem::path output = options.output;
  const engine::RunOptions run{
      .output = output,
      .base = base,
      .threads = options.threads == 0 ? available_cores() : options.threads};
  run_resumable(output, [&] {
    const experiment::Config found = engine::search(config, budget, run);
    write_file(output / "found.toml", experiment::to_toml(found));
    fmt::print("{}\n",
               strategies_table(store::Store::open_existing(store::search_store_path(output))));
    engine::run_study(found, run);
  });
  const std::string table = finish_study(output, run.threads, options.provenance);
  fmt::print("{}\nrecipes: {}\nreport: {}\n", table, (output / "found.toml").string(),
             (output / "report.html").string());
}

}  // namespace

void add_search(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "search", "Find the channels and weight bits of each layer that fit a budget");
  command->add_option("FILE", options->file,
                      "A study's configuration; its [search] section says how");
  command
      ->add_option("--max-flash", options->flash,
                   "Bytes of weights, biases and scales, such as 32KB (of 1024); without code")
      ->type_name("SIZE");
  command->add_option("--max-ram", options->ram, "Bytes of activations, such as 16KB")
      ->type_name("SIZE");
  command->add_option("--max-macs", options->macs, "Multiply-accumulates of a window, such as 500k")
      ->type_name("COUNT");
  command
      ->add_option("--max-latency", options->latency,
                   "Of a window on this machine, such as 20us: what is found depends on it")
      ->type_name("TIME");
  command->add_option("--trials", options->trials, "Instead of 'trials' in [search]")
      ->check(CLI::Range(1, 100000));
  command
      ->add_option("-o,--output", options->output,
                   "Folder for the search, the study of what it found, and report.html")
      ->capture_default_str();
  command->add_option(
      "--data-dir", options->data_dir,
      "Folder that paths in [data] and [model] are relative to (default: FILE's own)");
  command->add_option("--threads", options->threads, "0: one for each core")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_provenance_option(*command, options->provenance);
  command->footer(
      "Examples:\n"
      "  edgeproof search --max-flash 8KB --max-ram 4KB -o small\n"
      "  edgeproof search study.toml --max-flash 32KB --max-macs 500k --trials 100 -o har\n"
      "NSGA-II and random search get as many trials each. What they find, and the best network of\n"
      "uniform shares and bits, are then trained in full and compared on test data.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
