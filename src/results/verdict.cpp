#include "results/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "experiment/config_check.h"
#include "results/estimates.h"
#include "results/resampling.h"

namespace edgeproof::results {
namespace {

// Resamples for each claim: the smallest p-value that n resamples can give is 2 / (n + 1), and of m
// claims Holm's correction multiplies it by m.
constexpr int kEnough = 40;

// A sum of terms, and by how much the margins of its latencies may change it.
struct Side {
  Estimate estimate;
  double margin = 0;
};

Side side_of(const experiment::Sum& sum, const Estimator& estimator) {
  Side side;
  for (const experiment::Term& term : sum) {
    if (!term.call) {
      side.estimate.point += term.factor;
      for (double& x : side.estimate.drawn) x += term.factor;
      continue;
    }
    const Estimate value = estimator.estimate(*term.call);
    if (side.estimate.drawn.empty())
      side.estimate.drawn.assign(value.drawn.size(), side.estimate.point);
    side.estimate.point += term.factor * value.point;
    for (std::size_t r = 0; r < value.drawn.size(); ++r) {
      side.estimate.drawn[r] += term.factor * value.drawn[r];
    }
    if (term.call->metric == experiment::Metric::latency) {
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
  const auto at = [](const Estimate& side, std::size_t r) {
    return side.drawn.empty() ? side.point : side.drawn[r];
  };
  for (std::size_t r = 0; r < drawn.size(); ++r) drawn[r] = snapped(at(left, r) - at(right, r));
  return drawn;
}

// Resamples as votes, so that p_value() counts a difference of 0 on the side that the claim has it
// on. One that is no number (a ratio to nothing) counts against either verdict.
std::vector<double> votes(const std::vector<double>& drawn, experiment::Relation relation) {
  std::vector<double> all;
  for (const double d : drawn)
    all.push_back(!std::isfinite(d) ? 0 : experiment::holds(relation, d) ? 1 : -1);
  return all;
}

Verdict decided(bool as_claimed) {
  return as_claimed ? Verdict::supported : Verdict::contradicted;
}

// Why the results cannot say anything about it; empty if they can.
std::string not_applicable(const experiment::Inequality& inequality, const Predictions& p) {
  for (const experiment::Sum* side : {&inequality.left, &inequality.right}) {
    for (const experiment::Term& term : *side) {
      const std::string fault = term.call ? term.call->fault : "";
      if (fault.empty() || std::ranges::find(p.faults, fault) != p.faults.end()) continue;
      return fmt::format("the data set cannot have the fault '{}'", fault);
    }
  }
  return "";
}

std::vector<std::string> sampled_variants(const std::vector<experiment::Inequality>& all) {
  std::vector<std::string> names;
  for (const experiment::Inequality& inequality : all) {
    for (const experiment::Sum* side : {&inequality.left, &inequality.right}) {
      for (const experiment::Term& term : *side) {
        if (!term.call || experiment::info(term.call->metric).of_costs != nullptr) continue;
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

std::vector<JudgedClaim> judge(const std::vector<experiment::Claim>& claims,
                               const experiment::Config& config, const Predictions& p,
                               const store::Store& store, int threads) {
  const experiment::ClaimNames names = experiment::claim_names(config);
  std::vector<experiment::Inequality> inequalities;
  for (const experiment::Claim& claim : claims)
    inequalities.push_back(experiment::parse_claim(claim, names));
  const int resamples = std::max(config.resamples, kEnough * static_cast<int>(claims.size()));
  const Estimator estimator(config, p, store, sampled_variants(inequalities), resamples, threads);
  std::vector<JudgedClaim> judged;
  std::vector<std::size_t> tested;
  std::vector<double> p_values;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const experiment::Inequality& inequality = inequalities[i];
    JudgedClaim& result = judged.emplace_back();
    result.claim = claims[i];
    result.quantity = inequality.quantity;
    result.reason = not_applicable(inequality, p);
    result.verdict = Verdict::not_applicable;
    if (!result.reason.empty()) continue;
    const Side left = side_of(inequality.left, estimator),
               right = side_of(inequality.right, estimator);
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
      const bool lo = experiment::holds(inequality.relation, result.difference.lo);
      const bool hi = experiment::holds(inequality.relation, result.difference.hi);
      result.verdict = lo == hi ? decided(lo) : Verdict::undecided;
      continue;
    }
    const std::vector<double> all_votes = votes(drawn, inequality.relation);
    tested.push_back(i);
    p_values.push_back(p_value(all_votes));
    result.verdict = decided(std::accumulate(all_votes.begin(), all_votes.end(), 0.0) > 0);
    result.difference = interval(difference, std::move(drawn));
  }
  const std::vector<double> adjusted = holm(p_values);
  for (std::size_t t = 0; t < tested.size(); ++t) {
    JudgedClaim& result = judged[tested[t]];
    result.p_adjusted = adjusted[t];
    if (adjusted[t] > 1 - kLevel) result.verdict = Verdict::undecided;
  }
  return judged;
}

}  // namespace edgeproof::results
