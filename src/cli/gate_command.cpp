// edgeproof gate STUDY --min-robust-accuracy 0.9 --max-weight-bytes 32KB --junit gate.xml

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <optional>

#include "cli/commands.h"
#include "cli/gate_text.h"
#include "cli/open_study.h"
#include "cli/quantity.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "experiment/metric.h"
#include "results/gate.h"

namespace edgeproof::cli {
namespace {

using experiment::Metric;
using experiment::MetricInfo;
using experiment::Quantity;

constexpr int kFailed = 1;
constexpr double kLargestRatio = 1000;  // that a threshold can be

struct Options {
  std::string study, against, baseline, junit, markdown;
  std::vector<std::string> variants;
  std::map<Metric, std::optional<double>> numbers;  // thresholds of shares and ratios
  std::map<Metric, std::string> quantities;         // of costs, with units
  std::optional<double> drop, clip_rate;
};

// Those of which a gate knows a threshold.
std::vector<MetricInfo> gated_metrics() {
  std::vector<MetricInfo> gated;
  for (const MetricInfo& metric : experiment::all_metrics()) {
    if (metric.option != nullptr) gated.push_back(metric);
  }
  return gated;
}

std::string option_name(const MetricInfo& metric) {
  const bool minimum = metric.better == experiment::Better::higher;
  return fmt::format("--{}-{}", minimum ? "min" : "max", metric.option);
}

// How a threshold of a cost is given.
struct CostForm {
  const char *type, *example;
  const Units& units;
};

CostForm form_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::bytes:
      return {"SIZE", "32KB (of 1024)", byte_units()};
    case Quantity::microseconds:
      return {"TIME", "50 or 2ms", time_units()};
    default:
      return {"COUNT", "2M", count_units()};
  }
}

results::Thresholds thresholds_of(const Options& options) {
  results::Thresholds thresholds{.drop = options.drop, .clip_rate = options.clip_rate};
  for (const auto& [metric, wanted] : options.numbers) {
    if (wanted) thresholds.metrics[metric] = *wanted;
  }
  for (const auto& [metric, wanted] : options.quantities) {
    const MetricInfo& of = experiment::info(metric);
    if (wanted.empty()) continue;
    thresholds.metrics[metric] = quantity(option_name(of), wanted, form_of(of.quantity).units);
  }
  const bool referred = !options.against.empty() || !options.baseline.empty();
  if (referred && !thresholds.drop) {
    fail(ErrorCode::bad_config,
         "--against and --baseline say what --max-drop is from: give it too");
  }
  if (!thresholds.empty()) return thresholds;
  std::vector<std::string> names;
  for (const MetricInfo& metric : gated_metrics()) names.push_back(option_name(metric));
  fail(ErrorCode::bad_config,
       "no threshold to check: give one or more of {}, --max-drop, --max-clip-rate",
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

std::vector<std::string> variants_of(const Options& options, const results::Summary& summary) {
  const experiment::Config& config = summary.config;
  std::vector<std::string> variants = options.variants;
  if (variants.empty()) {
    const std::string& ship = summary.recommendation.ship;
    if (ship.empty()) {
      fail(ErrorCode::bad_config,
           "{}: recommends no variant ('edgeproof summary {} --recommend' says why); name those to "
           "check with --variant",
           options.study, options.study);
    }
    variants.push_back(ship);
    fmt::print("checked: {}, which the study recommends (--variant names others)\n", ship);
  }
  for (std::size_t i = 0; i < variants.size(); ++i) {
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
  const results::Summary summary = results::summarize(store, available_cores());
  const auto variants = variants_of(options, summary);
  const auto changes = thresholds.drop ? changes_of(options, store, summary, variants)
                                       : std::vector<results::Change>();
  const Checks checks = results::gate(summary, store, variants, thresholds, changes);
  if (!options.junit.empty()) write_file(options.junit, gate_junit(checks, summary.config.title()));
  if (!options.markdown.empty()) {
    write_file(options.markdown, gate_markdown(checks, summary.config.title()));
  }
  fmt::print("{}", gate_table(checks));
  if (failures(checks) > 0) throw CLI::RuntimeError(kFailed);
}

void add_thresholds(CLI::App& command, Options& options) {
  const auto add_share = [&](const std::string& name, std::optional<double>& share,
                             const char* meaning) {
    command.add_option(name, share, meaning)->check(CLI::Range(0.0, 1.0))->type_name("SHARE");
  };
  for (const MetricInfo& metric : gated_metrics()) {
    const std::string name = option_name(metric);
    if (metric.of_costs != nullptr) {
      const CostForm form = form_of(metric.quantity);
      command
          .add_option(name, options.quantities[metric.metric],
                      fmt::format("{}, such as {}", metric.meaning, form.example))
          ->type_name(form.type);
    } else if (metric.quantity == Quantity::share) {
      add_share(name, options.numbers[metric.metric], metric.meaning);
    } else {
      command.add_option(name, options.numbers[metric.metric], metric.meaning)
          ->check(CLI::Range(0.0, kLargestRatio))
          ->type_name("RATIO");
    }
  }
  add_share("--max-drop", options.drop,
            "Of clean and of robust accuracy, from another variant's: 0.02 is two points");
  add_share("--max-clip-rate", options.clip_rate,
            "Share of values that saturate on clean windows, in the worst layer");
}

}  // namespace

void add_gate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("gate", "Check a finished study against thresholds");
  command->add_option("STUDY", options->study, "A study's folder, or its study.db")->required();
  command
      ->add_option("--variant", options->variants,
                   "Checked; may be repeated (default: the one that the study recommends, as "
                   "'edgeproof summary STUDY --recommend' has it)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_thresholds(*command, *options);
  command->add_option("--against", options->against, "What drops are from (default: fp32)")
      ->type_name("VARIANT");
  command
      ->add_option("--baseline", options->baseline,
                   "Drops are from this study of the same test windows (default: the same variant)")
      ->type_name("STUDY");
  command->add_option("--junit", options->junit, "Write the checks as JUnit XML")
      ->type_name("FILE.xml");
  command->add_option("--markdown", options->markdown, "Write them as a Markdown table")
      ->type_name("FILE.md");
  command->footer(
      "Examples:\n"
      "  edgeproof gate har --min-robust-accuracy 0.85 --max-weight-bytes 32KB --junit gate.xml\n"
      "  edgeproof gate today --variant fault_qat_int8 --max-drop 0.02 --baseline last-week\n"
      "Minima are judged by the lower ends of the 95 % intervals, maxima and drops by the upper "
      "ends.\n"
      "Exit code 0: all hold; 1: one does not; 2: bad input.");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
