#include "graph/cost.h"

#include <numeric>

#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::graph {
namespace {

struct Macs {
  Shape in, out;

  std::int64_t operator()(const Conv1d& conv) const {
    return std::int64_t{out.size()} * conv.kernel * (in.channels / conv.groups);
  }
  std::int64_t operator()(const Dense& dense) const {
    return std::int64_t{dense.out_features} * in.size();
  }
  template <MultipliesNothing Operation>
  std::int64_t operator()(const Operation&) const {
    return 0;
  }
};

std::size_t bytes_of(const Weights& weights) {
  if (const auto* w = std::get_if<FloatWeights>(&weights)) {
    return 4 * (w->values.size() + w->bias.size());
  }
  const auto& q = std::get<Int8Weights>(weights);
  return (q.values.size() * static_cast<std::size_t>(q.bits) + 7) / 8 +
         4 * (q.bias.size() + q.scales.size());
}

struct WeightBytes {
  std::size_t operator()(const Conv1d& conv) const { return bytes_of(conv.weights); }
  std::size_t operator()(const Dense& dense) const { return bytes_of(dense.weights); }
  std::size_t operator()(const BatchNorm& bn) const { return 4 * 4 * bn.gamma.size(); }
  template <
      OneOf<Input, Relu, MaxPool, AveragePool, GlobalAveragePool, Add, Mul, Elementwise, Concat>
          Operation>
  std::size_t operator()(const Operation&) const {
    return 0;
  }
};

}  // namespace

std::vector<std::int64_t> macs_per_node(const Graph& graph) {
  const std::vector<Shape> shapes = infer_shapes(graph);
  std::vector<std::int64_t> counts(graph.nodes.size(), 0);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (node.inputs.empty()) continue;
    const Shape in = shapes[static_cast<std::size_t>(node.inputs[0])];
    counts[i] = std::visit(Macs{in, shapes[i]}, node.op);
  }
  return counts;
}

std::int64_t macs(const Graph& graph) {
  const auto counts = macs_per_node(graph);
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

std::int64_t weight_bytes(const Node& node) {
  return static_cast<std::int64_t>(std::visit(WeightBytes{}, node.op));
}

std::int64_t weight_bytes(const Graph& graph) {
  std::int64_t bytes = 0;
  for (const Node& node : graph.nodes) bytes += weight_bytes(node);
  return bytes;
}

}  // namespace edgeproof::graph
