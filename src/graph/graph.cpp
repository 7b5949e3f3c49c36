#include "graph/graph.h"

#include <algorithm>

namespace edgeproof::graph {

std::string_view op_name(const Op& op) {
  struct Name {
    std::string_view operator()(const Input&) const { return "input"; }
    std::string_view operator()(const Conv1d& c) const {
      return c.groups > 1 ? "depthwise_conv1d" : "conv1d";
    }
    std::string_view operator()(const BatchNorm&) const { return "batch_norm"; }
    std::string_view operator()(const Relu&) const { return "relu"; }
    std::string_view operator()(const MaxPool&) const { return "max_pool"; }
    std::string_view operator()(const GlobalAveragePool&) const { return "global_average_pool"; }
    std::string_view operator()(const Dense&) const { return "dense"; }
  };
  return std::visit(Name{}, op);
}

Weights* weights_of(Op& op) {
  if (auto* conv = std::get_if<Conv1d>(&op)) return &conv->weights;
  if (auto* dense = std::get_if<Dense>(&op)) return &dense->weights;
  return nullptr;
}

const Weights* weights_of(const Op& op) {
  return weights_of(const_cast<Op&>(op));
}

bool keeps_quantization(const Op& op) {
  return std::holds_alternative<MaxPool>(op) || std::holds_alternative<GlobalAveragePool>(op);
}

bool is_int8(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    const Weights* weights = weights_of(node.op);
    return weights != nullptr && std::holds_alternative<Int8Weights>(*weights);
  });
}

}  // namespace edgeproof::graph
