#pragma once

// For tests of modules: windows of random levels, and what the host makes of them.

#include <algorithm>
#include <string>
#include <vector>

#include "formats/graphs_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::formats {

inline std::string levels(std::size_t count, std::uint64_t seed) {
  RandomWeights random(seed);
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.push_back(static_cast<char>(random.integer(-128, 127)));
  }
  return bytes;
}

// Levels of each window's outputs.
inline std::string host_outputs(const graph::Graph& graph, const std::string& input) {
  const runtime::Plan plan(graph, {.keep_all = true});
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  const int nodes = static_cast<int>(graph.nodes.size());
  std::string out;
  for (std::size_t at = 0; at < input.size(); at += plan.input_size()) {
    const auto values = runtime::node_values<std::int8_t>(plan, workspace, 0);
    std::copy_n(input.begin() + static_cast<std::ptrdiff_t>(at), values.size(), values.begin());
    runtime::run_nodes(plan, workspace, 1, nodes);
    for (const std::int8_t v : runtime::node_output<std::int8_t>(plan, workspace, nodes - 1)) {
      out.push_back(static_cast<char>(v));
    }
  }
  return out;
}

}  // namespace edgeproof::formats
