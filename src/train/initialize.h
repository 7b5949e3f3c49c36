#pragma once

// Fresh weights for a zoo graph.

#include <cstdint>

#include "graph/graph.h"

namespace edgeproof::train {

// Weights uniform in +-1/sqrt(fan_in) (LeCun et al. 1998, section 4.6, and PyTorch's default), zero
// biases, BatchNorm the identity. Under BatchNorm the size of a weight sets how far a step turns
// it: these small ones generalized better to unseen people than He's
// (docs/results/har-recipe.md). A pure function of the seed and the node's place in the
// graph.
graph::Graph initialized(graph::Graph graph, std::uint64_t seed);

}  // namespace edgeproof::train
