// Test: summary_test.cpp.

#include "results/summary_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "experiment/variants.h"
#include "results/baseline.h"
#include "results/claims_text.h"
#include "results/json_number.h"
#include "results/quantity_text.h"
#include "results/recommendation_text.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;
using experiment::MetricInfo;
using experiment::Quantity;

// The metrics with a column on a terminal. Those of the ranking stand where clean and robust
// accuracy would.
std::vector<MetricInfo> narrow_metrics(const Summary& summary) {
  const experiment::Ranking usual = experiment::ranking_of(false);
  const experiment::Ranking& ranking = summary.recommendation.ranking;
  std::vector<MetricInfo> metrics = experiment::sampled_metrics();
  std::erase_if(metrics, [](const MetricInfo& metric) { return !metric.narrow; });
  for (MetricInfo& metric : metrics) {
    if (metric.metric == usual.clean) metric = experiment::info(ranking.clean);
    if (metric.metric == usual.robust) metric = experiment::info(ranking.robust);
  }
  return metrics;
}

std::string metric_column(const MetricInfo& metric, const std::string& text) {
  return fmt::format("{:<{}} ", text, metric.names_fault ? 31 : 22);
}

std::string metric_head(const MetricInfo& metric) {
  return fmt::format("{}{}", metric.title, metric.quantity == Quantity::share ? " %" : "");
}

// The first number of each line ends in the same column.
std::string aligned(const std::string& text) {
  const std::size_t digits = std::min(text.find(' '), text.size());
  return std::string(digits < 5 ? 5 - digits : 0, ' ') + text;
}

std::string metric_cell(const VariantStatistics& s, const MetricInfo& metric,
                        const Baseline& baseline) {
  const Interval& estimate = s.metrics.at(metric.metric);
  std::string cell = aligned(estimate_numbers(estimate, metric.quantity));
  if (no_better_than(baseline, metric.metric, estimate)) cell += " !";
  if (metric.names_fault) cell += " " + s.worst_fault;
  return cell;
}

std::string costs_columns(const std::array<std::string, 5>& c) {
  return fmt::format("{:>9}{:>9}{:>8}{:>8}{:>8}\n", c[0], c[1], c[2], c[3], c[4]);
}

std::string devices_table(const Summary& summary) {
  if (summary.devices.empty()) return "";
  std::string text = fmt::format("\n{:<17} {:<11} {:>12} {:>8} {:>8}\n", "variant", "on",
                                 "instructions", "flash B", "RAM B");
  for (const auto& [variant, target, cost] : summary.devices) {
    text += fmt::format("{:<17} {:<11} {:>12} {:>8} {:>8}\n", variant, target, cost.instructions,
                        cost.flash_bytes, cost.ram_bytes);
  }
  return text;
}

std::string table_head(const Summary& summary, bool latency) {
  std::string text = fmt::format("{:<17}", "variant");
  for (const MetricInfo& metric : narrow_metrics(summary)) {
    text += metric_column(metric, metric_head(metric));
  }
  return text + costs_columns({latency ? "us" : "", "weights", "coded", "arena", "kMAC"});
}

std::string microseconds(const SummaryRow& row) {
  const double us = row.latency.median_us;
  return std::isnan(us) ? "-" : fmt::format("{:.1f}{}", us, row.latency.disturbed ? "?" : "");
}

std::string table_row(const Summary& summary, const SummaryRow& row, const std::string& name,
                      bool tie, bool latency) {
  std::string text = fmt::format("{:<17}", name);
  for (const MetricInfo& metric : narrow_metrics(summary)) {
    const bool marked = tie && metric.metric == summary.recommendation.ranking.robust;
    text +=
        metric_column(metric, metric_cell(row.statistics, metric, summary.recommendation.baseline) +
                                  (marked ? " =" : ""));
  }
  return text +
         costs_columns({latency ? microseconds(row) : "", fmt::format("{}", row.model.weight_bytes),
                        fmt::format("{}", row.model.coded_weight_bytes),
                        fmt::format("{}", row.model.arena_bytes),
                        fmt::format("{}", row.model.macs / 1000)});
}

std::string baseline_row(const Summary& summary) {
  std::string text = fmt::format("{:<17}", kMajorityName);
  for (const MetricInfo& metric : narrow_metrics(summary)) {
    const double value = value_of(summary.recommendation.baseline, metric.metric);
    text +=
        metric_column(metric, std::isnan(value) ? "" : aligned(fmt::format("{:.1f}", 100 * value)));
  }
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

bool has_mark(const Summary& summary) {
  return std::ranges::any_of(summary.rows, [&](const SummaryRow& row) {
    return std::ranges::any_of(narrow_metrics(summary), [&](const MetricInfo& metric) {
      return no_better_than(summary.recommendation.baseline, metric.metric,
                            row.statistics.metrics.at(metric.metric));
    });
  });
}

// What the study is about and what to do: below the table.
std::string conclusions(const Summary& summary) {
  std::string text = "\n";
  if (!summary.split.empty()) text += fmt::format("Split: {}.\n", summary.split);
  for (const std::string& finding : summary.split_findings) {
    text += fmt::format("Warning: {}.\n", finding);
  }
  for (const TrainingNote& note : summary.training_notes) {
    text += fmt::format("Training: {}.\n", note.text);
  }
  for (const std::string& line : recommendation_sentences(summary.recommendation)) {
    text += line + "\n";
  }
  return text;
}

std::string table(const Summary& summary, bool latency) {
  std::string text = table_head(summary, latency);
  const experiment::Variants variants = summary.config.all_variants();
  bool controls = false, ties = false, simulated = false, disturbed = false;
  for (const SummaryRow& row : summary.rows) {
    const std::string& name = row.statistics.variant;
    const bool control = variants.at(name).control;
    const bool tie = summary.ties_with_fp32(name);
    const bool in_int8 = variants.at(name).recipe.is_simulated();
    controls |= control;
    simulated |= in_int8;
    ties |= tie;
    disturbed |= latency && row.latency.disturbed;
    text +=
        table_row(summary, row, name + (control ? " *" : "") + (in_int8 ? " ~" : ""), tie, latency);
  }
  text += baseline_row(summary);
  if (controls) text += "* control arm of a comparison, which may be shipped like any other\n";
  if (simulated) {
    text +=
        "~ activations of fewer than 8 bits, simulated: accuracy is theirs, time and arena "
        "int8's\n";
  }
  if (ties) {
    text += fmt::format("= {} ties with fp32's (paired difference, Holm-corrected, 95 %)\n",
                        experiment::info(summary.recommendation.ranking.robust).title);
  }
  if (has_mark(summary)) {
    text += fmt::format("! no better than always answering '{}', the majority class\n",
                        summary.recommendation.baseline.answer);
  }
  if (disturbed) {
    text +=
        "? timed while the machine was busy, so that it may be less: 'edgeproof study … --retime' "
        "on an idle machine times it again\n";
  }
  if (!summary.error_free_faults.empty()) {
    text += fmt::format("mFE leaves out {}: fp32 makes no error there\n",
                        join(summary.error_free_faults, ", "));
  }
  text += devices_table(summary);
  if (!summary.claims.empty()) text += "\n" + claims_table(summary.claims);
  return text + conclusions(summary);
}

std::string csv_number(double value, int decimals = 6) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "";
}

std::string csv(const Summary& summary, bool latency) {
  std::string text = "variant";
  for (const MetricInfo& metric : experiment::sampled_metrics()) {
    text += fmt::format(",{0},{0}_lo,{0}_hi", metric.key);
  }
  text += latency ? ",latency_us,latency_us_p99,latency_disturbed" : "";
  text += ",weight_bytes,coded_weight_bytes,arena_bytes,macs,beats_majority_class\n";
  const Baseline& baseline = summary.recommendation.baseline;
  const Metric robust = summary.recommendation.ranking.robust;
  for (const SummaryRow& row : summary.rows) {
    text += row.statistics.variant;
    for (const auto& [metric, i] : row.statistics.metrics) {
      text += fmt::format(",{},{},{}", csv_number(i.value), csv_number(i.lo), csv_number(i.hi));
    }
    if (latency) {
      text += fmt::format(",{},{},{:d}", csv_number(row.latency.median_us, 3),
                          csv_number(row.latency.p99_us, 3), row.latency.disturbed);
    }
    text += fmt::format(",{},{},{},{},{}\n", row.model.weight_bytes, row.model.coded_weight_bytes,
                        row.model.arena_bytes, row.model.macs,
                        !no_better_than(baseline, robust, row.statistics.metrics.at(robust)));
  }
  text += kMajorityName;
  for (const MetricInfo& metric : experiment::sampled_metrics()) {
    const std::string value = csv_number(value_of(baseline, metric.metric));
    text += fmt::format(",{0},{0},{0}", value);
  }
  text += latency ? ",,,,,,,,\n" : ",,,,,\n";
  return text;
}

nlohmann::ordered_json baseline_json(const Baseline& baseline) {
  nlohmann::ordered_json o;
  o["variant"] = kMajorityName;
  o["answer"] = baseline.answer;
  for (const MetricInfo& metric : experiment::sampled_metrics()) {
    o[metric.key] = json_number(value_of(baseline, metric.metric));
  }
  return o;
}

std::string json(const Summary& summary, bool latency) {
  auto all = nlohmann::ordered_json::array();
  const Baseline& baseline = summary.recommendation.baseline;
  const Metric robust = summary.recommendation.ranking.robust;
  const experiment::Variants variants = summary.config.all_variants();
  for (const SummaryRow& row : summary.rows) {
    nlohmann::ordered_json o;
    o["variant"] = row.statistics.variant;
    o["control"] = variants.at(row.statistics.variant).control;
    o["simulated"] = variants.at(row.statistics.variant).recipe.is_simulated();
    for (const auto& [metric, i] : row.statistics.metrics) {
      const std::string key = experiment::info(metric).key;
      o[key] = json_number(i.value);
      o[key + "_lo"] = json_number(i.lo);
      o[key + "_hi"] = json_number(i.hi);
    }
    if (!summary.error_free_faults.empty()) o["mfe_leaves_out"] = summary.error_free_faults;
    o["worst_fault"] = row.statistics.worst_fault;
    o["beats_majority_class"] =
        !no_better_than(baseline, robust, row.statistics.metrics.at(robust));
    o["robust_ties_with_fp32"] = summary.ties_with_fp32(row.statistics.variant);
    if (latency) {
      o["latency_us"] = json_number(row.latency.median_us);
      o["latency_us_p99"] = json_number(row.latency.p99_us);
      o["latency_disturbed"] = row.latency.disturbed;
    }
    o["weight_bytes"] = row.model.weight_bytes;
    o["coded_weight_bytes"] = row.model.coded_weight_bytes;
    o["arena_bytes"] = row.model.arena_bytes;
    o["macs"] = row.model.macs;
    for (const auto& [variant, target, cost] : summary.devices) {
      if (variant != row.statistics.variant) continue;
      o["devices"][target] = {{"instructions", cost.instructions},
                              {"flash_bytes", cost.flash_bytes},
                              {"ram_bytes", cost.ram_bytes}};
    }
    all.push_back(std::move(o));
  }
  all.push_back(baseline_json(baseline));
  return all.dump(2) + "\n";
}

}  // namespace

std::string render(const Summary& summary, Format format, bool latency) {
  switch (format) {
    case Format::csv:
      return csv(summary, latency);
    case Format::json:
      return json(summary, latency);
    case Format::table:
      break;
  }
  return table(summary, latency);
}

}  // namespace edgeproof::results
