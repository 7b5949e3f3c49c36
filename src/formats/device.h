#pragma once

// What the formats for devices share.

#include <algorithm>

#include "core/error.h"
#include "graph/graph.h"

namespace edgeproof::formats {

// Error unsupported for a graph whose activations have fewer than 8 bits: those are simulated on
// the host (graph::Quantization), and devices compute with int8's.
inline void expect_no_simulation(const graph::Graph& graph) {
  const auto narrow = std::ranges::find_if(graph.nodes, [](const graph::Node& node) {
    return node.quantization && node.quantization->bits < 8;
  });
  if (narrow == graph.nodes.end()) return;
  fail(ErrorCode::unsupported,
       "node '{}' ({}): activations of {} bits are simulated on the host; a device has 8",
       narrow->name, graph::op_name(narrow->op), narrow->quantization->bits);
}

}  // namespace edgeproof::formats
