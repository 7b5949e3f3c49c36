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

#include "study/config.h"
#include "study/statistics.h"
#include "study/store.h"

namespace edgeproof::study {

constexpr double kLatencyMargin = 0.1;

enum class Verdict { supported, contradicted, undecided, not_applicable };

const char* name_of(Verdict verdict);

struct JudgedClaim {
  Claim claim;
  Quantity quantity = Quantity::number;
  double left = 0, right = 0;
  Interval difference;               // left - right; the interval is not corrected
  std::optional<double> p_adjusted;  // of what is drawn
  Verdict verdict = Verdict::undecided;
  std::string reason;  // why it does not apply
};

// In the claims' order. The same for any number of threads. Errors as of parse_claim.
std::vector<JudgedClaim> judge(const std::vector<Claim>& claims, const Config& config,
                               const Predictions& predictions, const Store& store, int threads);

}  // namespace edgeproof::study
