// Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
// Integer-Arithmetic-Only Inference", sections 2.1 and 2.4; per-channel weights as in LiteRT's
// quantization specification.

#include "compress/quantize.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {

graph::Quantization affine_quantization(float lo, float hi, int bits) {
  graph::Quantization q{.bits = bits};
  lo = std::min(lo, 0.0F);
  hi = std::max(hi, 0.0F);
  const auto lowest = static_cast<float>(q.lowest()), highest = static_cast<float>(q.highest());
  q.scale = std::max((hi - lo) / (highest - lowest), kSmallestScale);
  const float zero_point = std::round(lowest - lo / q.scale);
  q.zero_point = static_cast<std::int32_t>(std::clamp(zero_point, lowest, highest));
  return q;
}

std::vector<int> activation_bits(const graph::Graph& graph, int bits) {
  const std::vector<int> roots = graph::quantization_roots(graph);
  std::vector<int> of_node;
  for (const int root : roots) {
    const bool outer = root == roots.front() || root == roots.back();
    of_node.push_back(outer || graph::fixed_quantization(graph, root) ? 8 : bits);
  }
  return of_node;
}

graph::Graph quantize(const graph::Graph& ranged, const QuantizeOptions& options) {
  graph::Graph graph = graph::fold(ranged);
  check(options.weight_bits, graph);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    graph::Node& node = graph.nodes[n];
    const graph::Node* input =
        node.inputs.empty() ? nullptr : &graph.nodes[static_cast<std::size_t>(node.inputs[0])];
    if (graph::keeps_quantization(node.op)) {
      node.quantization = input->quantization;  // validate() sees to it that all inputs agree
    } else if (const auto fixed = graph::fixed_quantization(graph, static_cast<int>(n))) {
      node.quantization = fixed;
    } else if (!node.quantization) {
      fail(ErrorCode::bad_input, "node '{}' ({}): has no range; calibrate the graph first",
           node.name, graph::op_name(node.op));
    }
    if (graph::Weights* weights = graph::weights_of(node.op)) {
      *weights = round_weights(std::get<graph::FloatWeights>(*weights), input->quantization->scale,
                               options.weight_bits.of(node.name), options.weight_clip);
    }
  }
  graph::validate(graph);
  return graph;
}

}  // namespace edgeproof::compress
