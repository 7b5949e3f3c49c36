// Test: verdict_test.cpp.

#include "results/estimates.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace edgeproof::results {
namespace {

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

bool is_cost(experiment::Metric metric) {
  return metric == experiment::Metric::latency || metric == experiment::Metric::bytes ||
         metric == experiment::Metric::ram || metric == experiment::Metric::macs;
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
  switch (call.metric) {
    case experiment::Metric::latency: {
      const auto latency = store_.latency(call.variant);
      if (!latency) {
        fail(ErrorCode::bad_input,
             "the study is not finished: '{}' has no latency; run it again to go on", call.variant);
      }
      return {latency->median_us, {}};
    }
    case experiment::Metric::bytes:
      return {static_cast<double>(deployed(call).weight_bytes), {}};
    case experiment::Metric::ram:
      return {static_cast<double>(deployed(call).arena_bytes), {}};
    case experiment::Metric::macs:
      return {static_cast<double>(deployed(call).macs), {}};
    case experiment::Metric::ece:
      return calibration_error(call);
    case experiment::Metric::f1:
      if (!call.fault.empty()) return f1(call);
      break;
    default:
      break;
  }
  const std::string& baseline = call.baseline.empty() ? call.variant : call.baseline;
  const Bootstrap& all = *bootstrap_;
  Estimate result{of_samples(call, all.point(call.variant), all.point(baseline)), {}};
  for (size_t r = 0; r < all.resamples(); ++r) {
    result.drawn.push_back(of_samples(call, all.drawn(r, call.variant), all.drawn(r, baseline)));
  }
  return result;
}

store::DeployedModel Estimator::deployed(const experiment::MetricCall& call) const {
  return store_.deployed(call.variant, config_.seeds.front());
}

double Estimator::of_samples(const experiment::MetricCall& call, const Sample& s,
                             const Sample& base) const {
  switch (call.metric) {
    case experiment::Metric::clean:
      return s.clean;
    case experiment::Metric::accuracy:
      return mean(cells(call, s));
    case experiment::Metric::robust_accuracy:
      return call.severity == 0 ? s.robust : mean(cells(call, s));
    case experiment::Metric::f1:
      return s.f1;
    case experiment::Metric::worst_fault:
      return s.worst;
    case experiment::Metric::mfe:
      return s.mfe;
    case experiment::Metric::relative_mfe:
      return s.relative_mfe;
    case experiment::Metric::recovery:
      return (s.robust - base.robust) / (base.clean - base.robust);
    default:
      return std::numeric_limits<double>::quiet_NaN();
  }
}

// The accuracies that a call is the mean of: those of its fault and severity, or of all.
std::vector<double> Estimator::cells(const experiment::MetricCall& call, const Sample& s) const {
  std::vector<double> some;
  for (size_t f = 0; f < p_.faults.size(); ++f) {
    for (size_t i = 0; i < p_.severities.size(); ++i) {
      if (!call.fault.empty() && p_.faults[f] != call.fault) continue;
      if (call.severity != 0 && p_.severities[i] != call.severity) continue;
      some.push_back(s.cells[1 + f * p_.severities.size() + i]);
    }
  }
  return some;
}

// The indices of the conditions that a call is the mean of.
std::vector<size_t> Estimator::conditions(const experiment::MetricCall& call) const {
  std::vector<size_t> some;
  const std::vector<experiment::Condition> all = p_.conditions();
  for (size_t c = 0; c < all.size(); ++c) {
    const bool wanted = call.fault.empty() ? all[c].severity == 0 : all[c].fault == call.fault;
    if (wanted && (call.severity == 0 || call.severity == all[c].severity)) some.push_back(c);
  }
  return some;
}

// On all the data and on each resample.
template <typename Function>
Estimate Estimator::resampled(const Function& of_weights) const {
  Estimate result{of_weights(resampler_.all()), {}};
  result.drawn.resize(static_cast<size_t>(resamples_));
  parallel_for(resamples_, threads_, [&](int r) {
    result.drawn[static_cast<size_t>(r)] =
        of_weights(resampler_.draw(static_cast<std::uint32_t>(r)));
  });
  return result;
}

Estimate Estimator::f1(const experiment::MetricCall& call) const {
  const std::vector<size_t> some = conditions(call);
  const size_t variant = variant_index(p_, call.variant);
  return resampled([&](const Weights& weights) {
    double sum = 0;
    for (const size_t c : some) sum += macro_f1_under(p_, variant, c, weights);
    return sum / static_cast<double>(some.size());
  });
}

// The store has this error of all test windows together: only seeds can be drawn.
Estimate Estimator::calibration_error(const experiment::MetricCall& call) const {
  const std::vector<experiment::Condition> all = p_.conditions();
  const std::vector<size_t> some = conditions(call);
  std::vector<double> of_seed;
  for (const std::int64_t seed : config_.seeds) {
    double sum = 0;
    for (const size_t c : some) sum += store_.evaluation(call.variant, seed, all[c]).ece;
    of_seed.push_back(sum / static_cast<double>(some.size()));
  }
  return resampled([&](const Weights& weights) {
    return std::inner_product(of_seed.begin(), of_seed.end(), weights.seeds.begin(), 0.0) /
           static_cast<double>(of_seed.size());
  });
}

}  // namespace edgeproof::results
