// Walks the nodes once; each BatchNorm or Relu is merged into the node that makes its input, which
// is already rewritten by then. Test: fold_test.cpp compares folded and unfolded graphs in double
// precision.

#include "graph/fold.h"

#include <cmath>

#include "core/error.h"
#include "graph/traits.h"

namespace edgeproof::graph {
namespace {

void fold_into(FloatWeights& weights, const BatchNorm& bn) {
  const std::size_t outputs = weights.bias.size();
  const std::size_t per_output = weights.values.size() / outputs;
  for (std::size_t c = 0; c < outputs; ++c) {
    const double factor = bn.gamma[c] / std::sqrt(double{bn.variance[c]} + bn.epsilon);
    for (std::size_t i = 0; i < per_output; ++i) {
      float& w = weights.values[c * per_output + i];
      w = static_cast<float>(w * factor);
    }
    weights.bias[c] =
        static_cast<float>((double{weights.bias[c]} - bn.mean[c]) * factor + bn.beta[c]);
  }
}

// What each operation that folds does to the layer before it; true if it is now part of that.
struct Merge {
  Node& layer;

  bool operator()(const BatchNorm& bn) const {
    Weights* any = weights_of(layer.op);
    auto* weights = any == nullptr ? nullptr : std::get_if<FloatWeights>(any);
    if (weights == nullptr) return false;
    fold_into(*weights, bn);
    return true;
  }
  bool operator()(const Relu&) const {
    *activation_of(layer.op) = Activation::relu;
    return true;
  }
  template <DoesNotFold Operation>
  bool operator()(const Operation&) const {
    return false;
  }
};

bool merge(Node& layer, const Node& node) {
  const Activation* activation = activation_of(layer.op);
  if (activation == nullptr || *activation != Activation::none) return false;
  if (!std::visit(Merge{layer}, node.op)) return false;
  if (node.quantization) layer.quantization = node.quantization;
  return true;
}

}  // namespace

Graph fold(const Graph& graph) {
  std::vector<int> uses(graph.nodes.size(), 0);
  for (const Node& node : graph.nodes) {
    for (const int input : node.inputs) ++uses[static_cast<std::size_t>(input)];
  }
  Graph folded{graph.name, {}};
  std::vector<int> new_index(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    if (traits(node.op).folds) {
      const auto input = static_cast<std::size_t>(node.inputs[0]);
      const int target = new_index[input];
      if (uses[input] != 1 || !merge(folded.nodes[static_cast<std::size_t>(target)], node)) {
        fail(ErrorCode::unsupported,
             "node '{}' ({}): cannot be folded into '{}'; expected a convolution, dense layer or "
             "(for relu) addition without activation and without other users",
             node.name, op_name(node.op), graph.nodes[input].name);
      }
      new_index[i] = target;
    } else {
      for (int& input : node.inputs) input = new_index[static_cast<std::size_t>(input)];
      new_index[i] = static_cast<int>(folded.nodes.size());
      folded.nodes.push_back(std::move(node));
    }
  }
  return folded;
}

}  // namespace edgeproof::graph
