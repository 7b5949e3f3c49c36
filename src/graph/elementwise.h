#pragma once

// The functions of graph::Elementwise, in single precision.

#include <string_view>

#include "graph/ops.h"

namespace edgeproof::graph {

// clip: min(max(x, low), high); leaky_relu: x, below zero slope * x; hard_swish:
// x * min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, section 5.2); sigmoid: 1 / (1 + exp(-x));
// tanh; elu: x, below zero alpha * (exp(x) - 1) (Clevert, Unterthiner, Hochreiter 2016).
float evaluate(const Elementwise& op, float x);

// "clip", "leaky_relu", …; empty for a number that is no enumerator.
std::string_view function_name(Elementwise::Function function);

}  // namespace edgeproof::graph
