// Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", sections 2.1 and 2.4; per-channel weights as in LiteRT's
// quantization specification. Test: quantize_test.cpp.

#include "compress/quantize.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

constexpr float kLargestBias = 1 << 30;

graph::Int8Weights quantize_weights(const graph::FloatWeights& w, float input_scale) {
  const size_t outputs = w.bias.size();
  const size_t per_output = w.values.size() / outputs;
  graph::Int8Weights q;
  q.values.resize(w.values.size());
  for (size_t c = 0; c < outputs; ++c) {
    const float* values = &w.values[c * per_output];
    float largest = 0;
    for (size_t i = 0; i < per_output; ++i) largest = std::max(largest, std::abs(values[i]));
    // A channel of tiny weights and a large bias gets a coarser scale, so that the bias fits.
    const float for_bias = std::abs(w.bias[c]) / (input_scale * kLargestBias);
    const float scale = std::max({largest / 127, for_bias, kSmallestScale});
    for (size_t i = 0; i < per_output; ++i) {
      const float level = std::nearbyint(values[i] / scale);
      q.values[c * per_output + i] = static_cast<std::int8_t>(std::clamp(level, -127.0F, 127.0F));
    }
    q.scales.push_back(scale);
    q.bias.push_back(
        static_cast<std::int32_t>(std::round(double{w.bias[c]} / (double{input_scale} * scale))));
  }
  return q;
}

}  // namespace

graph::Quantization affine_quantization(float lo, float hi) {
  lo = std::min(lo, 0.0F);
  hi = std::max(hi, 0.0F);
  const float scale = std::max((hi - lo) / 255, kSmallestScale);
  const float zero_point = std::round(-128 - lo / scale);
  return {scale, static_cast<std::int32_t>(std::clamp(zero_point, -128.0F, 127.0F))};
}

graph::Graph quantize(const graph::Graph& ranged) {
  graph::Graph graph = graph::fold(ranged);
  for (graph::Node& node : graph.nodes) {
    const graph::Node* input =
        node.inputs.empty() ? nullptr : &graph.nodes[static_cast<size_t>(node.inputs[0])];
    if (graph::keeps_quantization(node.op)) {
      node.quantization = input->quantization;
    } else if (!node.quantization) {
      fail(ErrorCode::bad_input, "node '{}' ({}): has no range; calibrate the graph first",
           node.name, graph::op_name(node.op));
    }
    if (graph::Weights* weights = graph::weights_of(node.op)) {
      *weights =
          quantize_weights(std::get<graph::FloatWeights>(*weights), input->quantization->scale);
    }
  }
  graph::validate(graph);
  return graph;
}

}  // namespace edgeproof::compress
