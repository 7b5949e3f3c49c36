#pragma once

// For tests only: made-up predictions, and what is said of them.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "results/recommendation.h"
#include "results/resampling.h"
#include "results/statistics.h"
#include "results/summary.h"

namespace edgeproof::results {

// A classifier that is right with the given probability on clean data and under the one fault.
inline Predictions coin_flips(const std::vector<std::pair<double, double>>& right, int windows,
                              int groups) {
  Predictions p;
  p.test.classes = {"a", "b"};
  const CounterRng rng(1, "coins");
  for (int w = 0; w < windows; ++w) {
    p.test.labels.push_back(static_cast<std::uint8_t>(w % 2));
    p.test.groups.push_back(w * groups / windows);
  }
  p.faults = {"gaussian"};
  p.severities = {1, 5};
  p.seeds = 3;
  for (std::uint32_t v = 0; v < right.size(); ++v) {
    p.variants.push_back(v == 0 ? "fp32" : "variant" + std::to_string(v));
    auto& of_variant = p.labels.emplace_back();
    for (std::uint32_t s = 0; s < 3; ++s) {
      auto& of_seed = of_variant.emplace_back();
      for (std::uint32_t c = 0; c < 3; ++c) {
        auto& labels = of_seed.emplace_back();
        for (std::uint32_t w = 0; w < static_cast<std::uint32_t>(windows); ++w) {
          const double chance = c == 0 ? right[v].first : right[v].second;
          const bool is_right = rng.uniform(v, s, c, w) < chance;
          labels.push_back(static_cast<std::uint8_t>(is_right ? w % 2 : 1 - w % 2));
        }
      }
    }
  }
  return p;
}

inline Statistics statistics_of(const Predictions& p,
                                const std::vector<std::pair<std::string, std::string>>& pairs,
                                int resamples, int threads) {
  const Bootstrap bootstrap(p, p.variants, SeedDraws::shared, resamples, threads);
  return statistics(p, bootstrap, pairs);
}

// Of a study with these recipes, whose variants have these costs.
inline Summary summary_of(const Predictions& p, const std::map<std::string, std::string>& recipes,
                          const std::vector<experiment::Costs>& costs) {
  Summary summary;
  summary.config.variants = p.variants;
  summary.config.recipes = recipes;
  summary.predictions = p;
  const Bootstrap bootstrap(p, p.variants, SeedDraws::shared, 200, 1);
  Statistics all = statistics(
      p, bootstrap, experiment::comparisons_of(summary.config.all_variants(), p.variants));
  summary.comparisons = std::move(all.comparisons);
  summary.error_free_faults = std::move(all.error_free_faults);
  for (std::size_t v = 0; v < p.variants.size(); ++v) {
    SummaryRow row{all.variants[v], {}, {costs[v].latency_us, costs[v].latency_us, 1}};
    row.model.weight_bytes = static_cast<std::int64_t>(costs[v].weight_bytes);
    summary.rows.push_back(std::move(row));
  }
  summary.recommendation = recommend(summary.config, p.test, bootstrap, all.variants, costs);
  return summary;
}

}  // namespace edgeproof::results
