#pragma once

// What a graph costs, counted from the graph alone.

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::graph {

// Multiply-accumulates of one window, per node. Padding counts as if computed.
std::vector<std::int64_t> macs_per_node(const Graph& graph);
std::int64_t macs(const Graph& graph);

// Bytes of weights and biases as stored on a device: 4 per FP32 value; in int8 graphs a layer's
// weights packed at 8, 4 or 2 bits, 4 per bias and 4 per weight scale (what LiteRT keeps as
// multiplier and shift is derived from it).
std::int64_t weight_bytes(const Graph& graph);
std::int64_t weight_bytes(const Node& node);

}  // namespace edgeproof::graph
