#include "results/compare.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// The settings of a configuration that decide what a study is tested on. Where files lie does not:
// the data's checksum knows them.
std::vector<std::string> test_settings(const experiment::Config& config) {
  const std::vector<std::string> sections{"data", "window", "split", "faults"};
  std::vector<std::string> texts;
  for (const auto& [section, key, value] : experiment::settings_of(config)) {
    const bool place = key == "path" || key == "paths" || key == "files";
    if (!place && has(sections, section)) {
      texts.push_back(fmt::format("[{}] {} = {}", section, key, value));
    }
  }
  return texts;
}

const char* verdict(const Change& change) {
  if (change.tie) return "tie";
  return experiment::is_better(change.metric, change.difference.value) ? "better" : "worse";
}

std::string table(const StudyComparison& comparison) {
  std::string text = fmt::format("{:<20}{:<26}{:>8}{:>8}  {:<30}{:>7}  {}\n", "variant", "metric",
                                 "before", "after", "difference", "p", "verdict");
  for (const Change& c : comparison.changes) {
    const experiment::MetricInfo& metric = experiment::info(c.metric);
    text +=
        fmt::format("{:<20}{:<26}{:>8}{:>8}  {:<30}{:>7.4f}  {}\n", c.after_variant, metric.title,
                    value_text(c.before, metric.quantity), value_text(c.after, metric.quantity),
                    difference_text(c.difference, metric.quantity), c.p_adjusted, verdict(c));
  }
  text += "paired by window, 95 % intervals; p and verdict with Holm's correction over a metric\n";
  if (!comparison.only_before.empty()) {
    text += fmt::format("only before: {}\n", join(comparison.only_before, ", "));
  }
  if (!comparison.only_after.empty()) {
    text += fmt::format("only after: {}\n", join(comparison.only_after, ", "));
  }
  return text;
}

std::string csv(const StudyComparison& comparison) {
  std::string text =
      "variant,metric,before,after,difference,difference_lo,difference_hi,p_adjusted,verdict\n";
  for (const Change& c : comparison.changes) {
    text += fmt::format("{},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{}\n", c.after_variant,
                        experiment::info(c.metric).title, c.before, c.after, c.difference.value,
                        c.difference.lo, c.difference.hi, c.p_adjusted, verdict(c));
  }
  for (const std::string& name : comparison.only_before) text += name + ",,,,,,,,only before\n";
  for (const std::string& name : comparison.only_after) text += name + ",,,,,,,,only after\n";
  return text;
}

std::string json(const StudyComparison& comparison) {
  nlohmann::ordered_json all;
  all["changes"] = nlohmann::ordered_json::array();
  for (const Change& c : comparison.changes) {
    all["changes"].push_back({{"variant", c.after_variant},
                              {"metric", experiment::info(c.metric).title},
                              {"before", c.before},
                              {"after", c.after},
                              {"difference", c.difference.value},
                              {"difference_lo", c.difference.lo},
                              {"difference_hi", c.difference.hi},
                              {"p_adjusted", c.p_adjusted},
                              {"verdict", verdict(c)}});
  }
  all["only_before"] = comparison.only_before;
  all["only_after"] = comparison.only_after;
  return all.dump(2) + "\n";
}

}  // namespace

std::vector<Change> paired_changes(const Predictions& before, const Predictions& after,
                                   const std::vector<std::pair<std::string, std::string>>& pairs,
                                   SeedDraws seeds, int resamples, int threads) {
  std::vector<std::string> names_before, names_after;
  for (const auto& [b, a] : pairs) {
    names_before.push_back(b);
    names_after.push_back(a);
  }
  const Bootstrap from(before, names_before, SeedDraws::shared, resamples, threads);
  const Bootstrap to(after, names_after, seeds, resamples, threads);
  std::vector<Change> changes;
  for (const Metric metric : experiment::compared_metrics()) {
    double Sample::*const of = experiment::info(metric).of;
    const std::size_t first = changes.size();
    std::vector<double> p_values;
    for (const auto& [b, a] : pairs) {
      const auto [difference, p] = paired_difference(of, to, a, from, b);
      p_values.push_back(p);
      changes.push_back({metric, b, a, from.point(b).*of, to.point(a).*of, difference});
    }
    const std::vector<double> adjusted = holm(p_values);
    for (std::size_t i = 0; i < adjusted.size(); ++i) {
      changes[first + i].p_adjusted = adjusted[i];
      changes[first + i].tie = adjusted[i] > 1 - kLevel;
    }
  }
  return changes;
}

Predicted read_predicted(const store::Store& store) {
  experiment::Config config = stored_config(store);
  Predictions predictions = read_predictions(store, config);
  return {std::move(config), std::move(predictions)};
}

SeedDraws seed_draws(const experiment::Config& a, const experiment::Config& b) {
  return a.seeds == b.seeds ? SeedDraws::shared : SeedDraws::separate;
}

void check_same_tests(const store::Store& before, const Predicted& of_before,
                      const store::Store& after, const Predicted& of_after) {
  const auto refuse = [](const std::string& what) {
    fail(ErrorCode::bad_config, "the studies are not of the same test windows: they differ in {}",
         what);
  };
  const auto keys_before = test_settings(of_before.config),
             keys_after = test_settings(of_after.config);
  for (std::size_t i = 0; i < std::min(keys_before.size(), keys_after.size()); ++i) {
    if (keys_before[i] == keys_after[i]) continue;
    refuse(fmt::format("'{}' and '{}'", keys_before[i], keys_after[i]));
  }
  const auto checksum = [](const store::Store& store) {
    return store.fact("data_checksum").value_or("none").substr(0, 12);
  };
  if (before.fact("data_checksum") != after.fact("data_checksum")) {
    refuse(fmt::format("their data: checksums {} and {}", checksum(before), checksum(after)));
  }
  const Predictions &a = of_before.predictions, &b = of_after.predictions;
  if (a.test.labels != b.test.labels || a.test.groups != b.test.groups ||
      a.test.classes != b.test.classes) {
    refuse("the test windows' labels or groups");
  }
  if (a.faults != b.faults) {
    refuse(fmt::format("the faults that apply: {} and {}", join(a.faults, ", "),
                       join(b.faults, ", ")));
  }
}

StudyComparison compare_studies(const store::Store& before, const store::Store& after,
                                int threads) {
  const Predicted a = read_predicted(before), b = read_predicted(after);
  check_same_tests(before, a, after, b);
  StudyComparison comparison;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& name : b.config.variants) {
    if (has(a.config.variants, name)) {
      pairs.emplace_back(name, name);
    } else {
      comparison.only_after.push_back(name);
    }
  }
  for (const std::string& name : a.config.variants) {
    if (!has(b.config.variants, name)) comparison.only_before.push_back(name);
  }
  comparison.changes =
      paired_changes(a.predictions, b.predictions, pairs, seed_draws(a.config, b.config),
                     std::max(a.config.resamples, b.config.resamples), threads);
  return comparison;
}

std::string render(const StudyComparison& comparison, Format format) {
  if (format == Format::csv) return csv(comparison);
  if (format == Format::json) return json(comparison);
  return table(comparison);
}

}  // namespace edgeproof::results
