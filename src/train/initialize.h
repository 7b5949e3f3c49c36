#pragma once

// Fresh weights for a zoo graph.

#include <cstdint>

#include "graph/graph.h"

namespace edgeproof::train {

// He normal weights (He et al. 2015: sd = sqrt(2 / fan_in)), zero biases, BatchNorm the identity. A
// pure function of the seed and the node's place in the graph.
graph::Graph initialized(graph::Graph graph, std::uint64_t seed);

}  // namespace edgeproof::train
