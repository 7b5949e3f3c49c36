// Test: compare_test.cpp.

#include "results/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::results {
namespace {

constexpr double kRounding = 1e-9;  // of sums of shares, which may miss 1 by as much

const SummaryRow& row_of(const Summary& summary, const std::string& name) {
  for (const SummaryRow& row : summary.rows) {
    if (row.statistics.variant == name) return row;
  }
  fail(ErrorCode::bad_config, "the study has no variant '{}'{}", name,
       did_you_mean(name, summary.config.variants));
}

// Of the layer that saturates most, over all seeds.
double largest_clip_rate(const Summary& summary, const store::Store& store,
                         const std::string& variant) {
  std::vector<double> clipped, values;
  for (const std::int64_t seed : summary.config.seeds) {
    const store::Evaluation clean = store.evaluation(variant, seed, {});
    clipped.resize(std::max(clipped.size(), clean.clipped.size()));
    values.resize(clipped.size());
    for (std::size_t n = 0; n < clean.clipped.size(); ++n) {
      clipped[n] += static_cast<double>(clean.clipped[n]);
      values[n] += static_cast<double>(clean.values[n]);
    }
  }
  if (clipped.empty()) {
    fail(ErrorCode::bad_config, "variant '{}' is FP32, which has no clip rate", variant);
  }
  double largest = 0;
  for (std::size_t n = 0; n < clipped.size(); ++n) {
    if (values[n] > 0) largest = std::max(largest, clipped[n] / values[n]);
  }
  return largest;
}

Check judged(Check check) {
  check.ok = check.at_least ? check.judged() >= check.wanted - kRounding
                            : check.judged() <= check.wanted + kRounding;
  return check;
}

Check check_metric(const SummaryRow& row, const experiment::MetricInfo& metric, double wanted) {
  Check check{.variant = row.statistics.variant,
              .what = metric.title,
              .quantity = metric.quantity,
              .at_least = metric.better == experiment::Better::higher,
              .wanted = wanted};
  if (metric.names_fault) check.what += " (" + row.statistics.worst_fault + ")";
  if (metric.of_costs != nullptr) {
    const double cost = row.costs().*metric.of_costs;
    check.found = {cost, cost, cost};
  } else {
    check.found = row.statistics.metrics.at(metric.metric);
    check.has_interval = true;
  }
  return judged(std::move(check));
}

// Of a variant, each threshold of those metrics that come from costs, or of those that do not.
std::vector<Check> check_metrics(const SummaryRow& row, const Thresholds& thresholds, bool costs) {
  std::vector<Check> checks;
  for (const auto& [metric, wanted] : thresholds.metrics) {
    const experiment::MetricInfo& of = experiment::info(metric);
    if ((of.of_costs != nullptr) == costs) checks.push_back(check_metric(row, of, wanted));
  }
  return checks;
}

std::vector<Check> check_drops(const std::string& variant, double wanted,
                               const std::vector<Change>& changes,
                               const experiment::Ranking& ranking) {
  std::vector<Check> checks;
  for (const Change& change : changes) {
    const bool ranks = change.metric == ranking.robust || change.metric == ranking.clean;
    if (change.after_variant != variant || !ranks) continue;
    const Interval& d = change.difference;
    const experiment::MetricInfo& metric = experiment::info(change.metric);
    checks.push_back(
        judged({.variant = variant,
                .what = fmt::format("{}, drop from {}", metric.title, change.before_variant),
                .quantity = metric.quantity,
                .found = {-d.value, -d.hi, -d.lo},
                .has_interval = true,
                .wanted = wanted}));
  }
  return checks;
}

Check check_clip_rate(const std::string& variant, double found, double wanted) {
  return judged(
      {.variant = variant, .what = "clip rate", .found = {found, found, found}, .wanted = wanted});
}

}  // namespace

std::vector<Check> gate(const Summary& summary, const store::Store& store,
                        const std::vector<std::string>& variants, const Thresholds& thresholds,
                        const std::vector<Change>& changes) {
  std::vector<Check> all;
  const auto add = [&](const std::vector<Check>& some) {
    all.insert(all.end(), some.begin(), some.end());
  };
  for (const std::string& name : variants) {
    const SummaryRow& row = row_of(summary, name);
    add(check_metrics(row, thresholds, false));
    if (thresholds.drop)
      add(check_drops(name, *thresholds.drop, changes, summary.recommendation.ranking));
    add(check_metrics(row, thresholds, true));
    if (thresholds.clip_rate) {
      add({check_clip_rate(name, largest_clip_rate(summary, store, name), *thresholds.clip_rate)});
    }
  }
  return all;
}

}  // namespace edgeproof::results
