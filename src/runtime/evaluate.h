#pragma once

// Runs a plan over many windows on several threads. The result does not depend on how many.

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/plan.h"

namespace edgeproof::runtime {

struct Evaluation {
  int classes = 0;
  std::vector<float> logits;  // [count, classes]
  // Per node, over all windows: values that saturated, and values at all. The clip rate
  // (docs/metrics.md) is their quotient.
  std::vector<std::int64_t> clipped, activations;
};

// `windows` is [count, length, channels], normalized. Error bad_input if its size is another.
Evaluation evaluate(const Plan& plan, std::span<const float> windows, int count, int threads);

}  // namespace edgeproof::runtime
