#include "graph/graph.h"

#include <algorithm>
#include <numeric>

#include "graph/elementwise.h"
#include "graph/traits.h"

namespace edgeproof::graph {
namespace {

// Every filter of a valid depthwise convolution reads one channel: its weights are its taps.
bool is_depthwise(const Conv1d& conv) {
  const auto count = std::visit([](const auto& w) { return std::ssize(w.values); }, conv.weights);
  return conv.groups > 1 && count == std::int64_t{conv.out_channels} * conv.kernel;
}

std::optional<Quantization> fixed_quantization(Elementwise::Function function) {
  using enum Elementwise::Function;
  switch (function) {
    case sigmoid:
      return Quantization{1 / 256.0F, -128};
    case tanh:
      return Quantization{1 / 128.0F, 0};
    case clip:
    case leaky_relu:
    case hard_swish:
    case elu:
      break;
  }
  return std::nullopt;
}

struct FixedQuantization {
  std::optional<Quantization> operator()(const Elementwise& elementwise) const {
    return fixed_quantization(elementwise.function);
  }
  template <OneOf<Input, Conv1d, BatchNorm, Relu, MaxPool, GlobalAveragePool, Dense, Add, Concat,
                  AveragePool, Mul>
                Operation>
  std::optional<Quantization> operator()(const Operation&) const {
    return std::nullopt;
  }
};

}  // namespace

std::string_view op_name(const Op& op) {
  struct Name {
    std::string_view operator()(const Input&) const { return "input"; }
    std::string_view operator()(const Conv1d& c) const {
      if (c.groups == 1) return "conv1d";
      return is_depthwise(c) ? "depthwise_conv1d" : "grouped_conv1d";
    }
    std::string_view operator()(const BatchNorm&) const { return "batch_norm"; }
    std::string_view operator()(const Relu&) const { return "relu"; }
    std::string_view operator()(const MaxPool&) const { return "max_pool"; }
    std::string_view operator()(const GlobalAveragePool&) const { return "global_average_pool"; }
    std::string_view operator()(const Dense&) const { return "dense"; }
    std::string_view operator()(const Add&) const { return "add"; }
    std::string_view operator()(const Concat&) const { return "concat"; }
    std::string_view operator()(const AveragePool&) const { return "average_pool"; }
    std::string_view operator()(const Mul&) const { return "mul"; }
    std::string_view operator()(const Elementwise& e) const { return function_name(e.function); }
  };
  return std::visit(Name{}, op);
}

Weights* weights_of(Op& op) {
  const auto member = [](auto& operation) -> Weights* {
    if constexpr (requires { operation.weights; }) return &operation.weights;
    return nullptr;
  };
  return std::visit(member, op);
}

const Weights* weights_of(const Op& op) {
  return weights_of(const_cast<Op&>(op));
}

Activation* activation_of(Op& op) {
  const auto member = [](auto& operation) -> Activation* {
    if constexpr (requires { operation.activation; }) return &operation.activation;
    return nullptr;
  };
  return std::visit(member, op);
}

const Activation* activation_of(const Op& op) {
  return activation_of(const_cast<Op&>(op));
}

bool keeps_quantization(const Op& op) {
  return traits(op).keeps_quantization;
}

std::optional<Quantization> fixed_quantization(const Op& op) {
  return std::visit(FixedQuantization{}, op);
}

std::vector<int> quantization_roots(const Graph& graph) {
  std::vector<int> root(graph.nodes.size());
  std::iota(root.begin(), root.end(), 0);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!keeps_quantization(graph.nodes[n].op)) continue;
    for (const int input : graph.nodes[n].inputs) {
      const int mine = root[n], other = root[static_cast<std::size_t>(input)];
      std::replace(root.begin(), root.end(), std::max(mine, other), std::min(mine, other));
    }
  }
  return root;
}

std::optional<Quantization> fixed_quantization(const Graph& graph, int node) {
  const auto fixed = fixed_quantization(graph.nodes[static_cast<std::size_t>(node)].op);
  if (!fixed) return fixed;
  const std::vector<int> roots = quantization_roots(graph);
  for (std::size_t n = 0; n < roots.size(); ++n) {
    const bool shares = roots[n] == roots[static_cast<std::size_t>(node)];
    const Op& op = graph.nodes[n].op;
    if (shares && !keeps_quantization(op) && fixed_quantization(op) != fixed) return std::nullopt;
  }
  return fixed;
}

bool is_int8(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    const Weights* weights = weights_of(node.op);
    return weights != nullptr && std::holds_alternative<Int8Weights>(*weights);
  });
}

}  // namespace edgeproof::graph
