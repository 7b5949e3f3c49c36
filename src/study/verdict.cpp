// Every metric is a number on all the data, and, if it depends on what was drawn, one on each
// resample. Test: verdict_test.cpp.

#include "study/verdict.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "study/resampling.h"

namespace edgeproof::study {
namespace {

// Resamples for each claim: the smallest p-value that n resamples can give is 2 / (n + 1), and of m
// claims Holm's correction multiplies it by m.
constexpr int kEnough = 40;

// A number, and what it is on each resample: nothing if it is the same on all.
struct Estimate {
  double point = 0;
  std::vector<double> drawn;
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

bool is_cost(Metric metric) {
  return metric == Metric::latency || metric == Metric::bytes || metric == Metric::ram ||
         metric == Metric::macs;
}

class Judge {
 public:
  // `claims`: how many are judged together, of these variants.
  Judge(const Config& config, const Predictions& p, const Store& store, int threads, int claims,
        const std::vector<std::string>& variants)
      : config_(config),
        p_(p),
        store_(store),
        threads_(threads),
        resamples_(std::max(config.resamples, kEnough * claims)),
        resampler_(p) {
    if (variants.empty()) return;
    bootstrap_ = std::make_unique<Bootstrap>(p, variants, SeedDraws::shared, resamples_, threads);
  }

  Estimate estimate(const MetricCall& call) const {
    switch (call.metric) {
      case Metric::latency: {
        const auto latency = store_.latency(call.variant);
        if (!latency) {
          fail(ErrorCode::bad_input,
               "the study is not finished: '{}' has no latency; run it again to go on",
               call.variant);
        }
        return {latency->median_us, {}};
      }
      case Metric::bytes:
        return {static_cast<double>(deployed(call).weight_bytes), {}};
      case Metric::ram:
        return {static_cast<double>(deployed(call).arena_bytes), {}};
      case Metric::macs:
        return {static_cast<double>(deployed(call).macs), {}};
      case Metric::ece:
        return calibration_error(call);
      case Metric::f1:
        if (!call.fault.empty()) return f1(call);
        break;
      default:
        break;
    }
    Estimate result{of_sample(call, bootstrap_->point(call.variant), base_point(call)), {}};
    for (size_t r = 0; r < bootstrap_->resamples(); ++r) {
      const Sample* base = call.baseline.empty() ? nullptr : &bootstrap_->drawn(r, call.baseline);
      result.drawn.push_back(of_sample(call, bootstrap_->drawn(r, call.variant), base));
    }
    return result;
  }

 private:
  DeployedModel deployed(const MetricCall& call) const {
    return store_.deployed(call.variant, config_.seeds.front());
  }

  const Sample* base_point(const MetricCall& call) const {
    return call.baseline.empty() ? nullptr : &bootstrap_->point(call.baseline);
  }

  double of_sample(const MetricCall& call, const Sample& s, const Sample* base) const {
    switch (call.metric) {
      case Metric::clean:
        return s.clean;
      case Metric::accuracy:
        return mean(cells(call, s));
      case Metric::robust_accuracy:
        return call.severity == 0 ? s.robust : mean(cells(call, s));
      case Metric::f1:
        return s.f1;
      case Metric::worst_fault:
        return s.worst;
      case Metric::mfe:
        return s.mfe;
      case Metric::relative_mfe:
        return s.relative_mfe;
      case Metric::recovery:
        return (s.robust - base->robust) / (base->clean - base->robust);
      default:
        return std::numeric_limits<double>::quiet_NaN();
    }
  }

  // The accuracies that a call is the mean of: those of its fault and severity, or of all.
  std::vector<double> cells(const MetricCall& call, const Sample& s) const {
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
  std::vector<size_t> conditions(const MetricCall& call) const {
    std::vector<size_t> some;
    const std::vector<Condition> all = p_.conditions();
    for (size_t c = 0; c < all.size(); ++c) {
      const bool wanted = call.fault.empty() ? all[c].severity == 0 : all[c].fault == call.fault;
      if (wanted && (call.severity == 0 || call.severity == all[c].severity)) some.push_back(c);
    }
    return some;
  }

  // On all the data and on each resample.
  template <typename Function>
  Estimate resampled(const Function& of_weights) const {
    Estimate result{of_weights(resampler_.all()), {}};
    result.drawn.resize(static_cast<size_t>(resamples_));
    parallel_for(resamples_, threads_, [&](int r) {
      result.drawn[static_cast<size_t>(r)] =
          of_weights(resampler_.draw(static_cast<std::uint32_t>(r)));
    });
    return result;
  }

  Estimate f1(const MetricCall& call) const {
    const std::vector<size_t> some = conditions(call);
    const size_t variant = variant_index(p_, call.variant);
    return resampled([&](const Weights& weights) {
      double sum = 0;
      for (const size_t c : some) sum += macro_f1_under(p_, variant, c, weights);
      return sum / static_cast<double>(some.size());
    });
  }

  // The store has this error of all test windows together: only seeds can be drawn.
  Estimate calibration_error(const MetricCall& call) const {
    const std::vector<Condition> all = p_.conditions();
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

  const Config& config_;
  const Predictions& p_;
  const Store& store_;
  int threads_;
  int resamples_;
  Resampler resampler_;
  std::unique_ptr<Bootstrap> bootstrap_;
};

// A sum of terms, and by how much the margins of its latencies may change it.
struct Side {
  Estimate estimate;
  double margin = 0;
};

Side side_of(const Sum& sum, const Judge& judge) {
  Side side;
  for (const Term& term : sum) {
    if (!term.call) {
      side.estimate.point += term.factor;
      for (double& x : side.estimate.drawn) x += term.factor;
      continue;
    }
    const Estimate value = judge.estimate(*term.call);
    if (side.estimate.drawn.empty())
      side.estimate.drawn.assign(value.drawn.size(), side.estimate.point);
    side.estimate.point += term.factor * value.point;
    for (size_t r = 0; r < value.drawn.size(); ++r) {
      side.estimate.drawn[r] += term.factor * value.drawn[r];
    }
    if (term.call->metric == Metric::latency) {
      side.margin += kLatencyMargin * std::abs(term.factor * value.point);
    }
  }
  return side;
}

// Differences of sums of shares miss 0 by their rounding.
double snapped(double difference) {
  constexpr double kRounding = 1e-12;
  return std::abs(difference) < kRounding ? 0 : difference;
}

std::vector<double> differences(const Estimate& left, const Estimate& right) {
  std::vector<double> drawn(std::max(left.drawn.size(), right.drawn.size()));
  const auto at = [](const Estimate& side, size_t r) {
    return side.drawn.empty() ? side.point : side.drawn[r];
  };
  for (size_t r = 0; r < drawn.size(); ++r) drawn[r] = snapped(at(left, r) - at(right, r));
  return drawn;
}

// Resamples as votes, so that p_value() counts a difference of 0 on the side that the claim has it
// on. One that is no number (a ratio to nothing) is on neither.
std::vector<double> votes(const std::vector<double>& drawn, Relation relation) {
  std::vector<double> all;
  for (const double d : drawn) all.push_back(!std::isfinite(d) ? 0 : holds(relation, d) ? 1 : -1);
  return all;
}

Verdict decided(bool as_claimed) {
  return as_claimed ? Verdict::supported : Verdict::contradicted;
}

// Why the results cannot say anything about it; empty if they can.
std::string not_applicable(const Inequality& inequality, const Predictions& p) {
  for (const Sum* side : {&inequality.left, &inequality.right}) {
    for (const Term& term : *side) {
      const std::string fault = term.call ? term.call->fault : "";
      if (fault.empty() || std::ranges::find(p.faults, fault) != p.faults.end()) continue;
      return fmt::format("the data set cannot have the fault '{}'", fault);
    }
  }
  return "";
}

std::vector<std::string> sampled_variants(const std::vector<Inequality>& all) {
  std::vector<std::string> names;
  for (const Inequality& inequality : all) {
    for (const Sum* side : {&inequality.left, &inequality.right}) {
      for (const Term& term : *side) {
        if (!term.call || is_cost(term.call->metric)) continue;
        names.push_back(term.call->variant);
        if (!term.call->baseline.empty()) names.push_back(term.call->baseline);
      }
    }
  }
  return names;
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::supported:
      return "supported";
    case Verdict::contradicted:
      return "contradicted";
    case Verdict::undecided:
      return "undecided";
    case Verdict::not_applicable:
      return "not applicable";
  }
  return "";
}

std::vector<JudgedClaim> judge(const std::vector<Claim>& claims, const Config& config,
                               const Predictions& p, const Store& store, int threads) {
  const ClaimNames names = claim_names(config);
  std::vector<Inequality> inequalities;
  for (const Claim& claim : claims) inequalities.push_back(parse_claim(claim, names));
  const Judge judge(config, p, store, threads, static_cast<int>(claims.size()),
                    sampled_variants(inequalities));
  std::vector<JudgedClaim> judged;
  std::vector<size_t> tested;
  std::vector<double> p_values;
  for (size_t i = 0; i < claims.size(); ++i) {
    const Inequality& inequality = inequalities[i];
    JudgedClaim& result = judged.emplace_back();
    result.claim = claims[i];
    result.quantity = inequality.quantity;
    result.reason = not_applicable(inequality, p);
    result.verdict = Verdict::not_applicable;
    if (!result.reason.empty()) continue;
    const Side left = side_of(inequality.left, judge), right = side_of(inequality.right, judge);
    result.left = left.estimate.point;
    result.right = right.estimate.point;
    const double difference = snapped(result.left - result.right);
    const double margin = left.margin + right.margin;
    result.difference = {difference, difference - margin, difference + margin};
    if (!std::isfinite(difference)) {
      result.reason = "it is a ratio to nothing: no fault costs the reference anything";
      continue;
    }
    std::vector<double> drawn = differences(left.estimate, right.estimate);
    if (drawn.empty()) {
      const bool lo = holds(inequality.relation, result.difference.lo);
      const bool hi = holds(inequality.relation, result.difference.hi);
      result.verdict = lo == hi ? decided(lo) : Verdict::undecided;
      continue;
    }
    const std::vector<double> all_votes = votes(drawn, inequality.relation);
    tested.push_back(i);
    p_values.push_back(p_value(all_votes));
    result.verdict = decided(mean(all_votes) > 0);
    result.difference = interval(difference, std::move(drawn));
  }
  const std::vector<double> adjusted = holm(p_values);
  for (size_t t = 0; t < tested.size(); ++t) {
    JudgedClaim& result = judged[tested[t]];
    result.p_adjusted = adjusted[t];
    if (adjusted[t] > 1 - kLevel) result.verdict = Verdict::undecided;
  }
  return judged;
}

}  // namespace edgeproof::study
