#pragma once

// Output quantizations of an FP32 graph as a metadata value: {"node": [scale, zero_point], …}, in
// JSON numbers that give back the same float.

#include <optional>
#include <string>

#include "graph/graph.h"

namespace edgeproof::formats {

inline constexpr const char* kRangesKey = "edgeproof.ranges";

// Nothing if no node carries one. Error bad_input for a quantization that int8 cannot have.
std::optional<std::string> ranges_to_json(const graph::Graph& graph);

// The graph with the quantizations of `json`. Error bad_input, opening with `source`.
graph::Graph with_ranges(graph::Graph graph, const std::string& json, const std::string& source);

}  // namespace edgeproof::formats
