#include "graph/cost.h"

#include <numeric>

#include "graph/shapes.h"

namespace edgeproof::graph {

std::vector<std::int64_t> macs_per_node(const Graph& graph) {
  const std::vector<Shape> shapes = infer_shapes(graph);
  std::vector<std::int64_t> counts(graph.nodes.size(), 0);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.inputs.empty()) continue;
    const Shape in = shapes[static_cast<size_t>(node.inputs[0])];
    if (const auto* conv = std::get_if<Conv1d>(&node.op)) {
      counts[i] = std::int64_t{shapes[i].size()} * conv->kernel * (in.channels / conv->groups);
    } else if (const auto* dense = std::get_if<Dense>(&node.op)) {
      counts[i] = std::int64_t{dense->out_features} * in.size();
    }
  }
  return counts;
}

std::int64_t macs(const Graph& graph) {
  const auto counts = macs_per_node(graph);
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::int64_t weight_bytes(const Node& node) {
  size_t bytes = 0;
  const Weights* weights = weights_of(node.op);
  if (weights == nullptr) {
    if (const auto* bn = std::get_if<BatchNorm>(&node.op)) bytes = 4 * 4 * bn->gamma.size();
  } else if (const auto* w = std::get_if<FloatWeights>(weights)) {
    bytes = 4 * (w->values.size() + w->bias.size());
  } else {
    const auto& q = std::get<Int8Weights>(*weights);
    bytes = (q.values.size() * static_cast<size_t>(q.bits) + 7) / 8 +
            4 * (q.bias.size() + q.scales.size());
  }
  return static_cast<std::int64_t>(bytes);
}

std::int64_t weight_bytes(const Graph& graph) {
  std::int64_t bytes = 0;
  for (const Node& node : graph.nodes) bytes += weight_bytes(node);
  return bytes;
}

}  // namespace edgeproof::graph
