// Test: recommendation_test.cpp.

#include "results/recommendation.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "core/error.h"
#include "results/verdict.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;

// Whether `a` is to be chosen before `b`, of two that tie.
bool is_preferred(const Candidate& a, const Candidate& b) {
  const double smaller = std::min(a.costs.weight_bytes, b.costs.weight_bytes);
  if (std::abs(a.costs.weight_bytes - b.costs.weight_bytes) > kSameSize * smaller) {
    return a.costs.weight_bytes < b.costs.weight_bytes;
  }
  if (a.robust.value != b.robust.value) return a.robust.value > b.robust.value;
  return a.clean.value > b.clean.value;
}

// Of those that tie and beat the baseline; empty if none does.
std::string chosen_of(const Recommendation& r) {
  const Candidate* chosen = nullptr;
  for (const Candidate& one : r.candidates) {
    if (!one.ties || no_better_than(r.baseline, r.ranking.robust, one.robust)) continue;
    if (chosen == nullptr || is_preferred(one, *chosen)) chosen = &one;
  }
  return chosen == nullptr ? "" : chosen->variant;
}

// The one that is faster than `chosen` by more than a timing's margin; empty if none is.
std::string fastest_of(const Recommendation& r, const Candidate& chosen) {
  const Candidate* fastest = &chosen;
  for (const Candidate& one : r.candidates) {
    if (!one.ties || no_better_than(r.baseline, r.ranking.robust, one.robust)) continue;
    if (one.costs.latency_us < fastest->costs.latency_us) fastest = &one;
  }
  const bool clearly = fastest->costs.latency_us < (1 - kLatencyMargin) * chosen.costs.latency_us;
  return clearly ? fastest->variant : "";
}

}  // namespace

const Candidate& Recommendation::of(const std::string& variant) const {
  const auto found = std::ranges::find(candidates, variant, &Candidate::variant);
  if (found == candidates.end()) {
    fail(ErrorCode::bad_config, "variant '{}' is no candidate for a device", variant);
  }
  return *found;
}

std::vector<std::string> deployable_variants(const experiment::Config& config) {
  const experiment::Variants all = config.all_variants();
  std::vector<std::string> integer, floating;
  for (const std::string& name : config.variants) {
    const experiment::Recipe& recipe = all.at(name).recipe;
    if (recipe.is_simulated()) continue;
    (recipe.is_integer() ? integer : floating).push_back(name);
  }
  return integer.empty() ? floating : integer;
}

Recommendation recommend(const experiment::Config& config, const store::TestSet& test,
                         const Bootstrap& bootstrap, std::span<const VariantStatistics> statistics,
                         const std::vector<experiment::Costs>& costs) {
  Recommendation result;
  result.ranking = experiment::ranking_of(is_unbalanced(test));
  result.baseline = majority_baseline(test);
  const auto [robust, clean] = result.ranking;
  for (const std::string& name : deployable_variants(config)) {
    const auto at = static_cast<std::size_t>(std::ranges::find(config.variants, name) -
                                             config.variants.begin());
    result.candidates.push_back({.variant = name,
                                 .robust = statistics[at].metrics.at(robust),
                                 .clean = statistics[at].metrics.at(clean),
                                 .costs = costs[at]});
  }
  std::ranges::stable_sort(result.candidates, std::ranges::greater(),
                           [](const Candidate& one) { return one.robust.value; });
  result.best = result.candidates.front().variant;
  result.candidates.front().behind = {0, 0, 0};
  std::vector<Pairing> others;
  for (std::size_t i = 1; i < result.candidates.size(); ++i) {
    others.push_back({robust, result.candidates[i].variant, result.best});
  }
  const std::vector<Comparison> behind = compare(bootstrap, others);
  for (std::size_t i = 0; i < behind.size(); ++i) {
    result.candidates[i + 1].behind = behind[i].difference;
    result.candidates[i + 1].ties = behind[i].tie;
  }
  result.ship = chosen_of(result);
  const std::string chosen = result.ship.empty() ? result.best : result.ship;
  if (!result.ship.empty()) result.fastest = fastest_of(result, result.of(chosen));
  if (chosen != "fp32") {
    result.against_fp32 = compare(bootstrap, {{clean, chosen, "fp32"}, {robust, chosen, "fp32"}});
  }
  if (chosen != result.best) {
    result.clean_against_best = compare(bootstrap, {{clean, chosen, result.best}}).front();
  }
  return result;
}

}  // namespace edgeproof::results
