// edgeproof gate STUDY --min-robust-accuracy 0.9 --max-weight-bytes 32KB --junit gate.xml

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

#include "cli/commands.h"
#include "cli/gate_text.h"
#include "cli/open_study.h"
#include "cli/quantity.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "results/gate.h"

namespace edgeproof::cli {
namespace {

constexpr int kFailed = 1;

struct Options {
  std::string study, against, baseline, junit, markdown;
  std::string weight_bytes, arena_bytes, latency;
  std::vector<std::string> variants;
  results::Thresholds thresholds;
};

// A share from 0 to 1 that an option sets.
struct ShareOption {
  const char* name;
  std::optional<double> results::Thresholds::*member;
  const char* meaning;
};

constexpr std::array<ShareOption, 6> kShares{
    {{"--min-robust-accuracy", &results::Thresholds::robust_accuracy,
      "Mean over faults and severities, from 0 to 1"},
     {"--min-clean-accuracy", &results::Thresholds::clean_accuracy, "On clean windows"},
     {"--min-worst-fault", &results::Thresholds::worst_fault, "Under the fault that costs most"},
     {"--min-macro-f1", &results::Thresholds::macro_f1, "On clean windows"},
     {"--max-drop", &results::Thresholds::drop,
      "Of clean and of robust accuracy, from another variant's: 0.02 is two points"},
     {"--max-clip-rate", &results::Thresholds::clip_rate,
      "Share of values that saturate on clean windows, in the worst layer"}}};

results::Thresholds thresholds_of(const Options& options) {
  results::Thresholds thresholds = options.thresholds;
  if (!options.weight_bytes.empty()) {
    thresholds.weight_bytes = quantity("--max-weight-bytes", options.weight_bytes, byte_units());
  }
  if (!options.arena_bytes.empty()) {
    thresholds.arena_bytes = quantity("--max-arena-bytes", options.arena_bytes, byte_units());
  }
  if (!options.latency.empty()) {
    thresholds.latency_us = quantity("--max-latency-us", options.latency, time_units());
  }
  const bool referred = !options.against.empty() || !options.baseline.empty();
  if (referred && !thresholds.drop) {
    fail(ErrorCode::bad_config,
         "--against and --baseline say what --max-drop is from: give it too");
  }
  if (!thresholds.empty()) return thresholds;
  std::vector<std::string> names;
  for (const ShareOption& share : kShares) names.emplace_back(share.name);
  fail(ErrorCode::bad_config,
       "no threshold to check: give one or more of {}, --max-weight-bytes, --max-arena-bytes, "
       "--max-latency-us",
       join(names, ", "));
}

// What drops are judged by: from the variant --against (fp32) of the study itself, or of --baseline
// (there the same variant, if none is named).
std::vector<results::Change> changes_of(const Options& options, const store::Store& store,
                                        const results::Summary& summary,
                                        const std::vector<std::string>& variants) {
  const bool itself = options.baseline.empty();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& name : variants) {
    const std::string& before = itself ? "fp32" : name;
    pairs.emplace_back(options.against.empty() ? before : options.against, name);
  }
  const experiment::Config& config = summary.config;
  if (itself) {
    return results::paired_changes(summary.predictions, summary.predictions, pairs,
                                   results::SeedDraws::shared, config.resamples, available_cores());
  }
  const store::Store baseline = open_study(options.baseline);
  const results::Predicted before = results::read_predicted(baseline);
  results::check_same_tests(baseline, before, store, {config, summary.predictions});
  return results::paired_changes(before.predictions, summary.predictions, pairs,
                                 results::seed_draws(before.config, config), config.resamples,
                                 available_cores());
}

std::vector<std::string> variants_of(const Options& options, const experiment::Config& config) {
  std::vector<std::string> variants = options.variants;
  if (variants.empty()) {
    variants = results::shipped_variants(config);
    if (variants.empty()) {
      fail(ErrorCode::bad_config,
           "{}: has no integer variant that is neither a control nor simulated; name variants with "
           "--variant",
           options.study);
    }
    fmt::print("checked: the integer variants that are neither controls nor simulated: {}\n",
               join(variants, ", "));
  }
  for (size_t i = 0; i < variants.size(); ++i) {
    if (std::find(variants.begin(), variants.begin() + static_cast<std::ptrdiff_t>(i),
                  variants[i]) != variants.begin() + static_cast<std::ptrdiff_t>(i)) {
      fail(ErrorCode::bad_config, "--variant '{}' is given twice", variants[i]);
    }
    if (std::ranges::find(config.variants, variants[i]) != config.variants.end()) continue;
    fail(ErrorCode::bad_config, "{}: has no variant '{}'{}", options.study, variants[i],
         did_you_mean(variants[i], config.variants));
  }
  return variants;
}

void run_command(const Options& options) {
  const results::Thresholds thresholds = thresholds_of(options);
  const store::Store store = open_study(options.study);
  const auto variants = variants_of(options, results::stored_config(store));
  const results::Summary summary = results::summarize(store, available_cores());
  const auto changes = thresholds.drop ? changes_of(options, store, summary, variants)
                                       : std::vector<results::Change>();
  const Checks checks = results::gate(summary, store, variants, thresholds, changes);
  if (!options.junit.empty()) write_file(options.junit, gate_junit(checks, summary.config.name));
  if (!options.markdown.empty()) {
    write_file(options.markdown, gate_markdown(checks, summary.config.name));
  }
  fmt::print("{}", gate_table(checks));
  if (failures(checks) > 0) throw CLI::RuntimeError(kFailed);
}

}  // namespace

void add_gate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("gate", "Check a finished study against thresholds");
  command->add_option("STUDY", options->study, "A study's folder, or its study.db")->required();
  command
      ->add_option("--variant", options->variants,
                   "Checked; may be repeated (default: the integer variants that are neither "
                   "controls nor simulated)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  for (const ShareOption& share : kShares) {
    command->add_option(share.name, options->thresholds.*share.member, share.meaning)
        ->check(CLI::Range(0.0, 1.0))
        ->type_name("SHARE");
  }
  command->add_option("--against", options->against, "What drops are from (default: fp32)")
      ->type_name("VARIANT");
  command
      ->add_option("--baseline", options->baseline,
                   "Drops are from this study of the same test windows (default: the same variant)")
      ->type_name("STUDY");
  command
      ->add_option("--max-weight-bytes", options->weight_bytes,
                   "Of weights, biases and scales, such as 32KB (of 1024)")
      ->type_name("SIZE");
  command->add_option("--max-arena-bytes", options->arena_bytes, "Of activations, such as 16KB")
      ->type_name("SIZE");
  command
      ->add_option("--max-latency-us", options->latency,
                   "Median of a window on the machine that ran the study, such as 50")
      ->type_name("TIME");
  command->add_option("--junit", options->junit, "Write the checks as JUnit XML")
      ->type_name("FILE.xml");
  command->add_option("--markdown", options->markdown, "Write them as a Markdown table")
      ->type_name("FILE.md");
  command->footer(
      "Examples:\n"
      "  edgeproof gate har --min-robust-accuracy 0.85 --max-weight-bytes 32KB --junit gate.xml\n"
      "  edgeproof gate today --variant fault_qat_int8 --max-drop 0.02 --baseline last-week\n"
      "Accuracies are judged by the lower ends of their 95 % intervals, drops by the upper ends.\n"
      "Exit code 0: all hold; 1: one does not; 2: bad input.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
