// 2,000 resamples are some dot products each (resampling.cpp).

#include "results/statistics.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "results/baseline.h"
#include "results/resampling.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;
using experiment::MetricInfo;

// A number made from one variant's sample, on all the data and on each resample.
template <typename Function>
Interval estimate(const Bootstrap& bootstrap, const std::string& variant, const Function& of) {
  std::vector<double> resampled;
  for (const Sample& sample : bootstrap.drawn(variant)) resampled.push_back(of(sample));
  return interval(of(bootstrap.point(variant)), std::move(resampled));
}

VariantStatistics statistics_of(const Predictions& p, const Bootstrap& bootstrap,
                                const std::string& variant) {
  const std::size_t severities = p.severities.size();
  const auto curve = [severities](const Sample& sample, std::size_t fault) {
    const auto begin = sample.cells.begin() + static_cast<std::ptrdiff_t>(1 + fault * severities);
    return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(severities));
  };
  VariantStatistics s;
  s.variant = variant;
  for (const MetricInfo& metric : experiment::sampled_metrics()) {
    s.metrics[metric.metric] =
        estimate(bootstrap, variant, [&](const Sample& x) { return x.*metric.of; });
  }
  s.worst_fault = p.faults[bootstrap.point(variant).worst_fault];
  for (std::size_t i = 0; i < severities; ++i) {
    s.robust_accuracy_at.push_back(estimate(bootstrap, variant, [&](const Sample& x) {
      double sum = 0;
      for (std::size_t f = 0; f < p.faults.size(); ++f) sum += x.cells[1 + f * severities + i];
      return sum / static_cast<double>(p.faults.size());
    }));
  }
  for (std::size_t f = 0; f < p.faults.size(); ++f) {
    auto& of_fault = s.accuracy.emplace_back();
    for (std::size_t i = 0; i < severities; ++i) {
      of_fault.push_back(estimate(
          bootstrap, variant, [&](const Sample& x) { return x.cells[1 + f * severities + i]; }));
    }
    s.fault_accuracy.push_back(estimate(bootstrap, variant, [&](const Sample& x) {
      const auto values = curve(x, f);
      return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(severities);
    }));
    s.breaking_point.push_back(estimate(bootstrap, variant, [&](const Sample& x) {
      return breaking_point(x.clean, p.severities, curve(x, f));
    }));
  }
  return s;
}

}  // namespace

std::vector<Comparison> compare(const Bootstrap& bootstrap, const std::vector<Pairing>& pairings) {
  std::vector<Comparison> comparisons;
  std::vector<double> p_values;
  for (const auto& [metric, a, b] : pairings) {
    const auto [difference, p] =
        paired_difference(experiment::info(metric).of, bootstrap, a, bootstrap, b);
    p_values.push_back(p);
    comparisons.push_back({metric, a, b, difference});
  }
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    comparisons[i].p_adjusted = adjusted[i];
    comparisons[i].tie = adjusted[i] > 1 - kLevel;
  }
  return comparisons;
}

std::vector<double> holm(const std::vector<double>& p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    largest = std::max(largest, p[order[i]] * static_cast<double>(order.size() - i));
    adjusted[order[i]] = std::min(1.0, largest);
  }
  return adjusted;
}

double breaking_point(double clean, const std::vector<std::int64_t>& severities,
                      const std::vector<double>& accuracy, double drop) {
  double before_severity = 0, before = clean;
  for (std::size_t i = 0; i < severities.size(); ++i) {
    const auto severity = static_cast<double>(severities[i]);
    if (accuracy[i] <= clean - drop) {
      const double share = (before - (clean - drop)) / (before - accuracy[i]);
      return before_severity + share * (severity - before_severity);
    }
    before_severity = severity;
    before = accuracy[i];
  }
  return std::numeric_limits<double>::infinity();
}

Statistics statistics(const Predictions& p, const Bootstrap& bootstrap,
                      const std::vector<std::pair<std::string, std::string>>& pairs) {
  Statistics result;
  for (const std::string& variant : p.variants) {
    result.variants.push_back(statistics_of(p, bootstrap, variant));
  }
  for (const Metric metric : experiment::ranking_of(is_unbalanced(p.test)).both()) {
    std::vector<Pairing> pairings;
    for (const auto& [a, b] : pairs) pairings.push_back({metric, a, b});
    const std::vector<Comparison> all = compare(bootstrap, pairings);
    result.comparisons.insert(result.comparisons.end(), all.begin(), all.end());
  }
  for (std::size_t f = 0; f < p.faults.size(); ++f) {
    if (is_error_free(bootstrap.point("fp32"), f, p.severities.size())) {
      result.error_free_faults.push_back(p.faults[f]);
    }
  }
  return result;
}

}  // namespace edgeproof::results
