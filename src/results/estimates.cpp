// Test: verdict_test.cpp.

#include "results/estimates.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace edgeproof::results {

using experiment::Metric;
using experiment::MetricInfo;

store::Latency latency_of(const store::Store& store, const std::string& variant) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  return store.latency(variant).value_or(store::Latency{kNone, kNone, 0});
}

experiment::Costs costs_of(const store::DeployedModel& model, const store::Latency& latency) {
  return {.weight_bytes = static_cast<double>(model.weight_bytes),
          .arena_bytes = static_cast<double>(model.arena_bytes),
          .macs = static_cast<double>(model.macs),
          .latency_us = latency.median_us};
}

Estimator::Estimator(const experiment::Config& config, const Predictions& predictions,
                     const store::Store& store, const std::vector<std::string>& variants,
                     int resamples, int threads)
    : config_(config),
      p_(predictions),
      store_(store),
      resamples_(resamples),
      threads_(threads),
      resampler_(predictions) {
  if (variants.empty()) return;
  bootstrap_ = std::make_unique<Bootstrap>(p_, variants, SeedDraws::shared, resamples, threads);
}

Estimate Estimator::estimate(const experiment::MetricCall& call) const {
  if (experiment::info(call.metric).of_costs != nullptr) return {cost(call), {}};
  if (call.metric == Metric::ece) return calibration_error(call);
  if (call.metric == Metric::f1 && !call.fault.empty()) return f1(call);
  const std::string& baseline = call.baseline.empty() ? call.variant : call.baseline;
  const std::vector<Sample>& drawn = bootstrap_->drawn(call.variant);
  const std::vector<Sample>& drawn_baseline = bootstrap_->drawn(baseline);
  Estimate result{of_samples(call, bootstrap_->point(call.variant), bootstrap_->point(baseline)),
                  {}};
  for (std::size_t r = 0; r < drawn.size(); ++r) {
    result.drawn.push_back(of_samples(call, drawn[r], drawn_baseline[r]));
  }
  return result;
}

double Estimator::cost(const experiment::MetricCall& call) const {
  const MetricInfo& metric = experiment::info(call.metric);
  const double cost = costs_of(store_.deployed(call.variant, config_.seeds.front()),
                               latency_of(store_, call.variant)).*
                      metric.of_costs;
  if (std::isnan(cost)) {
    fail(ErrorCode::bad_input, "the study is not finished: '{}' has no {}; run it again to go on",
         call.variant, metric.title);
  }
  return cost;
}

double Estimator::of_samples(const experiment::MetricCall& call, const Sample& s,
                             const Sample& base) const {
  if (call.metric == Metric::recovery) return (s.robust - base.robust) / (base.clean - base.robust);
  const MetricInfo& metric = experiment::info(call.metric);
  const bool narrowed = !call.fault.empty() || call.severity != 0;
  return narrowed ? mean_of_cells(call, s.*metric.cells) : s.*metric.of;
}

// Over the call's fault and severity, or over all.
double Estimator::mean_of_cells(const experiment::MetricCall& call,
                                const std::vector<double>& cells) const {
  double sum = 0, count = 0;
  for (std::size_t f = 0; f < p_.faults.size(); ++f) {
    for (std::size_t i = 0; i < p_.severities.size(); ++i) {
      if (!call.fault.empty() && p_.faults[f] != call.fault) continue;
      if (call.severity != 0 && p_.severities[i] != call.severity) continue;
      sum += cells[1 + f * p_.severities.size() + i];
      ++count;
    }
  }
  return sum / count;
}

// The indices of the conditions that a call is the mean of.
std::vector<std::size_t> Estimator::conditions(const experiment::MetricCall& call) const {
  std::vector<std::size_t> some;
  const std::vector<experiment::Condition> all = p_.conditions();
  for (std::size_t c = 0; c < all.size(); ++c) {
    const bool wanted = call.fault.empty() ? all[c].severity == 0 : all[c].fault == call.fault;
    if (wanted && (call.severity == 0 || call.severity == all[c].severity)) some.push_back(c);
  }
  return some;
}

// On all the data and on each resample.
template <typename Function>
Estimate Estimator::resampled(const Function& of_weights) const {
  Estimate result{of_weights(resampler_.all()), {}};
  result.drawn.resize(static_cast<std::size_t>(resamples_));
  parallel_for(resamples_, threads_, [&](int r) {
    result.drawn[static_cast<std::size_t>(r)] =
        of_weights(resampler_.draw(static_cast<std::uint32_t>(r)));
  });
  return result;
}

Estimate Estimator::f1(const experiment::MetricCall& call) const {
  const std::vector<std::size_t> some = conditions(call);
  const std::size_t variant = variant_index(p_, call.variant);
  return resampled([&](const Weights& weights) {
    double sum = 0;
    for (const std::size_t c : some) sum += macro_f1_under(p_, variant, c, weights);
    return sum / static_cast<double>(some.size());
  });
}

// The store has this error of all test windows together: only seeds can be drawn.
Estimate Estimator::calibration_error(const experiment::MetricCall& call) const {
  const std::vector<experiment::Condition> all = p_.conditions();
  const std::vector<std::size_t> some = conditions(call);
  std::vector<double> of_seed;
  for (const std::int64_t seed : config_.seeds) {
    double sum = 0;
    for (const std::size_t c : some) sum += store_.evaluation(call.variant, seed, all[c]).ece;
    of_seed.push_back(sum / static_cast<double>(some.size()));
  }
  return resampled([&](const Weights& weights) {
    return std::inner_product(of_seed.begin(), of_seed.end(), weights.seeds.begin(), 0.0) /
           static_cast<double>(of_seed.size());
  });
}

}  // namespace edgeproof::results
