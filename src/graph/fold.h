#pragma once

// Graph simplification before compression and deployment: the same function with fewer nodes.

#include "graph/graph.h"

namespace edgeproof::graph {

// Every BatchNorm that follows a convolution or dense layer becomes part of its weights (Jacob et
// al. 2018, equation 14), and every Relu that follows one, or an addition, becomes its activation.
// The node that stays takes the output quantization of the last one it swallows. Error unsupported
// for a BatchNorm or Relu that cannot be folded because its input is used elsewhere or is no such
// layer.
// The graph must be FP32 and valid.
Graph fold(const Graph& graph);

}  // namespace edgeproof::graph
