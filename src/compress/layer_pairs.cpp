// Test: equalize_test.cpp, smooth_test.cpp.

#include "compress/layer_pairs.h"

#include "compress/as_convolution.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::compress {
namespace {

// Whether scaling a channel before the operation is scaling it behind. Single values would allow
// more (a Relu, an addition of what is scaled alike); pairs are sought through pooling alone.
struct IsPooling {
  template <graph::OneOf<graph::MaxPool, graph::AveragePool, graph::GlobalAveragePool> Operation>
  bool operator()(const Operation&) const {
    return true;
  }
  template <graph::OneOf<graph::Input, graph::Conv1d, graph::BatchNorm, graph::Relu, graph::Dense,
                         graph::Add, graph::Mul, graph::Elementwise, graph::Concat>
                Operation>
  bool operator()(const Operation&) const {
    return false;
  }
};

std::vector<int> readers_of(const graph::Graph& graph) {
  std::vector<int> readers(graph.nodes.size(), 0);
  for (const graph::Node& node : graph.nodes) {
    for (const int input : node.inputs) ++readers[static_cast<std::size_t>(input)];
  }
  return readers;
}

}  // namespace

graph::Graph scalable(const graph::Graph& fp32, const char* what) {
  if (graph::is_int8(fp32)) {
    fail(ErrorCode::bad_input, "graph '{}': is int8, expected FP32 for {}", fp32.name, what);
  }
  graph::validate(fp32);
  graph::Graph graph = graph::fold(fp32);
  for (graph::Node& node : graph.nodes) node.quantization.reset();
  return graph;
}

std::vector<LayerPair> layer_pairs(graph::Graph& graph) {
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  const std::vector<int> readers = readers_of(graph);
  const auto layer = [&](graph::Node& node) {
    const graph::Shape in = shapes[static_cast<std::size_t>(node.inputs[0])];
    return ScalableLayer{as_convolution(node.op, in), in,
                         &std::get<graph::FloatWeights>(*graph::weights_of(node.op))};
  };
  std::vector<LayerPair> pairs;
  for (graph::Node& second : graph.nodes) {
    if (graph::weights_of(second.op) == nullptr) continue;
    auto before = static_cast<std::size_t>(second.inputs[0]);
    while (readers[before] == 1 && std::visit(IsPooling{}, graph.nodes[before].op)) {
      before = static_cast<std::size_t>(graph.nodes[before].inputs[0]);
    }
    graph::Node& first = graph.nodes[before];
    if (readers[before] != 1 || graph::weights_of(first.op) == nullptr) continue;
    pairs.push_back({layer(first), layer(second), second.inputs[0]});
  }
  return pairs;
}

void rescale(const LayerPair& pair, std::span<const double> scales) {
  pair.first.for_each([&](float& w, std::size_t, std::size_t output) {
    w = static_cast<float>(w / scales[output]);
  });
  pair.second.for_each(
      [&](float& w, std::size_t input, std::size_t) { w = static_cast<float>(w * scales[input]); });
  for (std::size_t c = 0; c < scales.size(); ++c) {
    float& bias = pair.first.weights->bias[c];
    bias = static_cast<float>(bias / scales[c]);
  }
}

}  // namespace edgeproof::compress
