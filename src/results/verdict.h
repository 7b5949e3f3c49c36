#pragma once

// Whether the results of a finished study bear out claims.
//
// Both sides of a claim are drawn together, as everything in a table is (statistics.h), so that
// their difference is paired. It is supported if the difference is on the claimed side, and
// contradicted if it is on the other one, at the 95 % level after Holm's correction over the claims
// judged together; else undecided. Bytes and multiply-accumulates are exact, and need no test.
// Latencies were timed once: medians that a share of kLatencyMargin each could swap are undecided.

#include <optional>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "results/statistics.h"
#include "store/store.h"

namespace edgeproof::results {

constexpr double kLatencyMargin = 0.1;

enum class Verdict { supported, contradicted, undecided, not_applicable };

const char* name_of(Verdict verdict);

struct JudgedClaim {
  experiment::Claim claim;
  experiment::Quantity quantity = experiment::Quantity::number;
  double left = 0, right = 0;
  Interval difference;               // left - right; the interval is not corrected
  std::optional<double> p_adjusted;  // of what is drawn
  Verdict verdict = Verdict::undecided;
  std::string reason;  // why it does not apply
};

// In the claims' order. The same for any number of threads. Errors as of parse_claim.
std::vector<JudgedClaim> judge(const std::vector<experiment::Claim>& claims,
                               const experiment::Config& config, const Predictions& predictions,
                               const store::Store& store, int threads);

}  // namespace edgeproof::results
