#pragma once

// What quantization-aware training leaves in an FP32 graph, as metadata values in JSON numbers that
// give back the same float: output quantizations {"node": [scale, zero_point], …}, with the bits as
// a third number where there are fewer than 8, and weight grids {"node": [bits, step, …], …}. An
// int8 graph has those of its quantizations that have fewer bits here.

#include <optional>
#include <string>

#include "graph/graph.h"

namespace edgeproof::formats {

inline constexpr const char* kRangesKey = "edgeproof.ranges";

// Nothing if no node carries one that is to be written. Error bad_input for a quantization that
// int8 cannot have.
std::optional<std::string> ranges_to_json(const graph::Graph& graph);

// The graph with the quantizations of `json`. Error bad_input, opening with `source`.
graph::Graph with_ranges(graph::Graph graph, const std::string& json, const std::string& source);

inline constexpr const char* kGridsKey = "edgeproof.weight_grids";

// The same for weight grids. That they fit the graph is for graph::validate() to see.
std::optional<std::string> grids_to_json(const graph::Graph& graph);
graph::Graph with_grids(graph::Graph graph, const std::string& json, const std::string& source);

}  // namespace edgeproof::formats
