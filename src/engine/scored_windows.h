#pragma once

// One model on one set of windows: what it says of them, and how much of that is right.

#include <cstdint>
#include <vector>

#include "experiment/metrics.h"
#include "runtime/evaluate.h"
#include "signal/pipeline.h"

namespace edgeproof::engine {

struct ScoredWindows {
  runtime::Evaluation run;
  std::vector<std::uint8_t> predicted;  // a label for each window
  std::vector<std::int64_t> confusion;  // counts[truth * classes + predicted]
  std::int64_t correct = 0;
  double macro_f1 = 0;
};

// `truth` has a label below the network's number of classes for each window, of which there is at
// least one. The result does not depend on `threads`. Errors as runtime::evaluate() and
// experiment::argmax().
ScoredWindows score_windows(const runtime::Plan& plan, const signal::WindowSet& windows,
                            experiment::Labels truth, int threads);

}  // namespace edgeproof::engine
