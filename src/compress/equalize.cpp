// Test: equalize_test.cpp.

#include "compress/equalize.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/as_convolution.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

constexpr double kDead = 1e-6;

// A convolution or dense layer with its weights by input channel and by output channel.
struct Layer {
  graph::Conv1d conv;
  graph::Shape in;
  graph::FloatWeights* weights;

  // Calls body(weight, input channel, output channel) for each.
  template <typename Body>
  void for_each(Body body) const {
    const int group_inputs = in.channels / conv.groups;
    const int group_outputs = conv.out_channels / conv.groups;
    size_t at = 0;
    for (int o = 0; o < conv.out_channels; ++o) {
      for (int k = 0; k < conv.kernel; ++k) {
        for (int i = 0; i < group_inputs; ++i) {
          body(weights->values[at++], static_cast<size_t>(o / group_outputs * group_inputs + i),
               static_cast<size_t>(o));
        }
      }
    }
  }
};

// Per channel of the first layer: {its largest weight there, its largest in the second layer}.
std::vector<std::pair<double, double>> channel_ranges(const Layer& first, const Layer& second) {
  std::vector<std::pair<double, double>> ranges(first.weights->bias.size(), {0, 0});
  first.for_each([&](float w, size_t, size_t output) {
    ranges[output].first = std::max(ranges[output].first, std::abs(double{w}));
  });
  second.for_each([&](float w, size_t input, size_t) {
    ranges[input].second = std::max(ranges[input].second, std::abs(double{w}));
  });
  return ranges;
}

// The scales s_i; 1 for channels that either layer all but ignores.
std::vector<double> scales_between(const Layer& first, const Layer& second) {
  const auto ranges = channel_ranges(first, second);
  double largest1 = 0, largest2 = 0;
  for (const auto& [r1, r2] : ranges) {
    largest1 = std::max(largest1, r1);
    largest2 = std::max(largest2, r2);
  }
  std::vector<double> scales;
  for (const auto& [r1, r2] : ranges) {
    const bool alive = r1 > kDead * largest1 && r2 > kDead * largest2;
    scales.push_back(alive ? std::sqrt(r1 / r2) : 1);
  }
  return scales;
}

void rescale(const Layer& first, const Layer& second, const std::vector<double>& scales) {
  first.for_each(
      [&](float& w, size_t, size_t output) { w = static_cast<float>(w / scales[output]); });
  second.for_each(
      [&](float& w, size_t input, size_t) { w = static_cast<float>(w * scales[input]); });
  for (size_t c = 0; c < scales.size(); ++c) {
    float& bias = first.weights->bias[c];
    bias = static_cast<float>(bias / scales[c]);
  }
}

// Node numbers of neighbouring layers, pooling between them or not, where nothing else reads what
// the first one gives. Layers before an addition or concatenation have no such neighbour.
std::vector<std::pair<int, int>> pairs_of(const graph::Graph& graph) {
  std::vector<int> readers(graph.nodes.size(), 0);
  for (const graph::Node& node : graph.nodes) {
    for (const int input : node.inputs) ++readers[static_cast<size_t>(input)];
  }
  const auto pools = [](const graph::Op& op) {
    return std::holds_alternative<graph::MaxPool>(op) ||
           std::holds_alternative<graph::GlobalAveragePool>(op);
  };
  std::vector<std::pair<int, int>> pairs;
  for (int n = 0; n < static_cast<int>(graph.nodes.size()); ++n) {
    const graph::Node& layer = graph.nodes[static_cast<size_t>(n)];
    if (graph::weights_of(layer.op) == nullptr) continue;
    auto before = static_cast<size_t>(layer.inputs[0]);
    while (readers[before] == 1 && pools(graph.nodes[before].op)) {
      before = static_cast<size_t>(graph.nodes[before].inputs[0]);
    }
    if (readers[before] == 1 && graph::weights_of(graph.nodes[before].op) != nullptr) {
      pairs.emplace_back(static_cast<int>(before), n);
    }
  }
  return pairs;
}

}  // namespace

graph::Graph equalize(const graph::Graph& fp32, const EqualizeOptions& options) {
  if (options.sweeps < 1 || !(options.tolerance > 0)) {
    fail(ErrorCode::bad_config,
         "equalization of {} sweeps to a tolerance of {}, expected at least 1 and above 0",
         options.sweeps, options.tolerance);
  }
  if (graph::is_int8(fp32)) {
    fail(ErrorCode::bad_input, "graph '{}': is int8, expected FP32 for equalization", fp32.name);
  }
  graph::validate(fp32);
  graph::Graph graph = graph::fold(fp32);
  for (graph::Node& node : graph.nodes) node.quantization.reset();
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  const auto layer = [&](int n) {
    graph::Node& node = graph.nodes[static_cast<size_t>(n)];
    const graph::Shape in = shapes[static_cast<size_t>(node.inputs[0])];
    return Layer{as_convolution(node.op, in), in,
                 &std::get<graph::FloatWeights>(*graph::weights_of(node.op))};
  };
  std::vector<std::pair<Layer, Layer>> pairs;
  for (const auto& [from, to] : pairs_of(graph)) pairs.emplace_back(layer(from), layer(to));
  double farthest = options.tolerance + 1;
  for (int sweep = 0; sweep < options.sweeps && farthest > options.tolerance; ++sweep) {
    farthest = 0;
    for (const auto& [first, second] : pairs) {
      const std::vector<double> scales = scales_between(first, second);
      for (const double s : scales) farthest = std::max(farthest, std::abs(s - 1));
      rescale(first, second, scales);
    }
  }
  graph::validate(graph);
  return graph;
}

}  // namespace edgeproof::compress
