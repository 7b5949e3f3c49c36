// Test: summary_test.cpp.

#include "results/summary_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <nlohmann/json.hpp>

#include "core/text.h"
#include "experiment/variants.h"
#include "results/claims_text.h"
#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;
using experiment::MetricInfo;
using experiment::Quantity;

// The metrics with a column on a terminal.
std::vector<MetricInfo> narrow_metrics() {
  std::vector<MetricInfo> metrics = experiment::sampled_metrics();
  std::erase_if(metrics, [](const MetricInfo& metric) { return !metric.narrow; });
  return metrics;
}

std::string metric_column(const MetricInfo& metric, const std::string& text) {
  return fmt::format("{:<{}}", text, metric.names_fault ? 30 : 22);
}

std::string metric_head(const MetricInfo& metric) {
  return fmt::format("{}{}", metric.title, metric.quantity == Quantity::share ? " %" : "");
}

// The first number of each line ends in the same column.
std::string metric_cell(const VariantStatistics& s, const MetricInfo& metric) {
  const std::string text = estimate_numbers(s.metrics.at(metric.metric), metric.quantity);
  const std::size_t digits = std::min(text.find(' '), text.size());
  std::string cell = std::string(digits < 5 ? 5 - digits : 0, ' ') + text;
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

std::string table_head(bool latency) {
  std::string text = fmt::format("{:<17}", "variant");
  for (const MetricInfo& metric : narrow_metrics()) {
    text += metric_column(metric, metric_head(metric));
  }
  return text + costs_columns({latency ? "us" : "", "weights", "coded", "arena", "kMAC"});
}

std::string table_row(const SummaryRow& row, const std::string& name, bool tie, bool latency) {
  std::string text = fmt::format("{:<17}", name);
  for (const MetricInfo& metric : narrow_metrics()) {
    const bool marked = tie && metric.metric == Metric::robust_accuracy;
    text += metric_column(metric, metric_cell(row.statistics, metric) + (marked ? " =" : ""));
  }
  const std::string mark = row.latency.disturbed ? "?" : "";
  return text + costs_columns({latency ? fmt::format("{:.1f}{}", row.latency.median_us, mark) : "",
                               fmt::format("{}", row.model.weight_bytes),
                               fmt::format("{}", row.model.coded_weight_bytes),
                               fmt::format("{}", row.model.arena_bytes),
                               fmt::format("{}", row.model.macs / 1000)});
}

std::string table(const Summary& summary, bool latency) {
  std::string text = table_head(latency);
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
    text += table_row(row, name + (control ? " *" : "") + (in_int8 ? " ~" : ""), tie, latency);
  }
  if (controls) text += "* control arm: there to tell effects apart\n";
  if (simulated) {
    text +=
        "~ activations of fewer than 8 bits, simulated: accuracy is theirs, time and arena "
        "int8's\n";
  }
  if (ties)
    text += "= robust accuracy ties with fp32's (paired difference, Holm-corrected, 95 %)\n";
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
  return text;
}

std::string csv_number(double value) {
  return std::isnan(value) ? "" : fmt::format("{:.6f}", value);
}

std::string csv(const Summary& summary, bool latency) {
  std::string text = "variant";
  for (const MetricInfo& metric : experiment::sampled_metrics()) {
    text += fmt::format(",{0},{0}_lo,{0}_hi", metric.key);
  }
  text += latency ? ",latency_us,latency_us_p99,latency_disturbed" : "";
  text += ",weight_bytes,coded_weight_bytes,arena_bytes,macs\n";
  for (const SummaryRow& row : summary.rows) {
    text += row.statistics.variant;
    for (const auto& [metric, i] : row.statistics.metrics) {
      text += fmt::format(",{},{},{}", csv_number(i.value), csv_number(i.lo), csv_number(i.hi));
    }
    if (latency) {
      text += fmt::format(",{:.3f},{:.3f},{:d}", row.latency.median_us, row.latency.p99_us,
                          row.latency.disturbed);
    }
    text += fmt::format(",{},{},{},{}\n", row.model.weight_bytes, row.model.coded_weight_bytes,
                        row.model.arena_bytes, row.model.macs);
  }
  return text;
}

std::string json(const Summary& summary, bool latency) {
  auto all = nlohmann::ordered_json::array();
  const experiment::Variants variants = summary.config.all_variants();
  for (const SummaryRow& row : summary.rows) {
    nlohmann::ordered_json o;
    o["variant"] = row.statistics.variant;
    o["control"] = variants.at(row.statistics.variant).control;
    o["simulated"] = variants.at(row.statistics.variant).recipe.is_simulated();
    for (const auto& [metric, i] : row.statistics.metrics) {
      const std::string key = experiment::info(metric).key;
      o[key] = i.value;
      o[key + "_lo"] = i.lo;
      o[key + "_hi"] = i.hi;
    }
    if (!summary.error_free_faults.empty()) o["mfe_leaves_out"] = summary.error_free_faults;
    o["worst_fault"] = row.statistics.worst_fault;
    o["robust_ties_with_fp32"] = summary.ties_with_fp32(row.statistics.variant);
    if (latency) {
      o["latency_us"] = row.latency.median_us;
      o["latency_us_p99"] = row.latency.p99_us;
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
