#pragma once

// Which variant to ship: the decision that a study's results bear out.
//
// Candidates are all variants that a device can run, control arms too: integer programs whose
// activations are not simulated or, in a study without one, its FP32 networks. The best one has the
// highest robust accuracy (robust balanced accuracy, where classes are unbalanced). Others tie with
// it if the paired difference on the same windows and faults may be nothing, at the 95 % level
// after Holm's correction over the candidates. Of those that tie and beat the baseline under
// faults, the smallest is chosen: the one with the fewest bytes of weights; of equally small ones
// (within kSameSize) the one with the higher robust accuracy, and of equals the one that is better
// on clean windows.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "experiment/metric.h"
#include "results/baseline.h"
#include "results/resampling.h"
#include "results/statistics.h"

namespace edgeproof::results {

inline constexpr double kSameSize = 0.02;  // share by which sizes may differ and be called the same

struct Candidate {
  std::string variant;
  Interval robust, clean;  // of the ranking's metrics
  experiment::Costs costs;
  Interval behind;   // robust, minus the best candidate's: 0 or below but for its interval
  bool ties = true;  // with the best
};

struct Recommendation {
  experiment::Ranking ranking{};
  Baseline baseline;
  std::string ship;  // empty if none that ties beats the baseline under faults
  std::string best;
  std::string fastest;  // of those that tie, by more than kLatencyMargin; empty: it is `ship`
  std::vector<Candidate> candidates;  // the best first
  // The chosen one (without one, the best) minus fp32, clean and robust; Holm-corrected together.
  // None if it is fp32.
  std::vector<Comparison> against_fp32;
  std::optional<Comparison> clean_against_best;  // the chosen one minus the best, clean, if differs

  const Candidate& of(const std::string& variant) const;
};

// The variants that a device can run, as above, in the configuration's order.
std::vector<std::string> deployable_variants(const experiment::Config& config);

// `statistics` and `costs`: of each of config.variants. The bootstrap is of all of them.
Recommendation recommend(const experiment::Config& config, const store::TestSet& test,
                         const Bootstrap& bootstrap, std::span<const VariantStatistics> statistics,
                         const std::vector<experiment::Costs>& costs);

}  // namespace edgeproof::results
