// Test: onnx_import_test.cpp.

#include "formats/onnx_prepare.h"

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "core/error.h"
#include "formats/onnx_qoperators.h"
#include "graph/traits.h"

namespace edgeproof::formats {
namespace {

// Keeps one output: the only one of real numbers, or what a ZipMap makes a map of.
void choose_output(onnx::GraphProto& graph, const std::string& source) {
  std::vector<onnx::ValueInfoProto> real;
  for (const onnx::ValueInfoProto& output : graph.output()) {
    const auto& type = output.type();
    if (type.has_tensor_type() && type.tensor_type().elem_type() == onnx::TensorProto::FLOAT) {
      real.push_back(output);
    }
    for (const onnx::NodeProto& node : graph.node()) {
      const bool makes_it = node.op_type() == "ZipMap" && node.output_size() == 1 &&
                            node.input_size() == 1 && node.output(0) == output.name();
      if (!makes_it) continue;
      real.emplace_back().set_name(node.input(0));
    }
  }
  if (real.size() == 1 && graph.output_size() >= 1) {
    graph.clear_output();
    *graph.add_output() = real[0];
  } else if (graph.output_size() != 1) {
    fail(ErrorCode::unsupported, "{}: {} outputs, {} of them real numbers, expected one", source,
         graph.output_size(), real.size());
  }
}

// Labels that are looked up end the model where they are chosen.
void end_at_arg_max(onnx::GraphProto& graph) {
  static const std::set<std::string> kLookUps = {"Cast", "Identity", "Reshape", "Squeeze",
                                                 "ArrayFeatureExtractor"};
  std::map<std::string, const onnx::NodeProto*> makers;
  for (const onnx::NodeProto& node : graph.node()) {
    if (node.output_size() == 1) makers[node.output(0)] = &node;
  }
  if (graph.output_size() != 1) return;
  std::string name = graph.output(0).name();
  for (int i = 0; i < graph.node_size() && makers.contains(name); ++i) {
    const onnx::NodeProto& node = *makers.at(name);
    if (node.op_type() == "ArgMax") return graph.mutable_output(0)->set_name(name);
    const int input = node.op_type() == "ArrayFeatureExtractor" ? 1 : 0;
    if (!kLookUps.contains(node.op_type()) || node.input_size() <= input) return;
    name = node.input(input);
  }
}

// Removes nodes that the outputs do not need. Nodes are in topological order.
void remove_unused(onnx::GraphProto& graph) {
  std::set<std::string> needed;
  for (const onnx::ValueInfoProto& output : graph.output()) needed.insert(output.name());
  std::vector<bool> keep(static_cast<std::size_t>(graph.node_size()), false);
  for (int n = graph.node_size(); n-- > 0;) {
    const onnx::NodeProto& node = graph.node(n);
    bool is_needed = false;
    for (const std::string& output : node.output()) is_needed |= needed.contains(output);
    if (!is_needed) continue;
    keep[static_cast<std::size_t>(n)] = true;
    for (const std::string& input : node.input()) needed.insert(input);
  }
  onnx::GraphProto kept;
  for (int n = 0; n < graph.node_size(); ++n) {
    if (keep[static_cast<std::size_t>(n)]) *kept.add_node() = std::move(*graph.mutable_node(n));
  }
  graph.mutable_node()->Swap(kept.mutable_node());
}

graph::Conv1d as_convolution(const graph::BatchNorm& bn) {
  const auto channels = static_cast<int>(bn.gamma.size());
  graph::FloatWeights weights;
  for (std::size_t c = 0; c < bn.gamma.size(); ++c) {
    const double factor = bn.gamma[c] / std::sqrt(double{bn.variance[c]} + bn.epsilon);
    weights.values.push_back(static_cast<float>(factor));
    weights.bias.push_back(static_cast<float>(bn.beta[c] - bn.mean[c] * factor));
  }
  return {.out_channels = channels, .groups = channels, .weights = std::move(weights)};
}

// What does the work of an operation that folds where it cannot.
struct Unfolded {
  graph::Op operator()(const graph::BatchNorm& bn) const { return as_convolution(bn); }
  graph::Op operator()(const graph::Relu&) const {
    return graph::Elementwise{.low = 0, .high = std::numeric_limits<float>::infinity()};
  }
  template <graph::DoesNotFold Operation>
  graph::Op operator()(const Operation& operation) const {
    return operation;
  }
};

bool takes_no_more(const graph::Op& op) {
  const graph::Activation* own = graph::activation_of(op);
  return own == nullptr || *own != graph::Activation::none;
}

}  // namespace

void prepare(onnx::GraphProto& graph, const std::string& source) {
  choose_output(graph, source);
  end_at_arg_max(graph);
  remove_unused(graph);
  replace_quantized_operators(graph, source);
}

graph::Graph foldable(graph::Graph graph) {
  std::vector<int> uses(graph.nodes.size(), 0);
  for (const graph::Node& node : graph.nodes) {
    for (const int input : node.inputs) ++uses[static_cast<std::size_t>(input)];
  }
  // Of every node the one that fold() would merge it into, and which of those have a Relu.
  std::vector<std::size_t> target(graph.nodes.size());
  std::vector<bool> closed(graph.nodes.size(), false);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    graph::Node& node = graph.nodes[n];
    target[n] = n;
    closed[n] = takes_no_more(node.op);
    if (!graph::traits(node.op).folds) continue;
    const bool is_relu = std::holds_alternative<graph::Relu>(node.op);
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    const std::size_t into = target[input];
    const bool merges = uses[input] == 1 && !closed[into] &&
                        (is_relu || graph::weights_of(graph.nodes[into].op) != nullptr);
    if (merges) {
      target[n] = into;
      closed[into] = is_relu;
    } else {
      node.op = std::visit(Unfolded{}, node.op);
      closed[n] = takes_no_more(node.op);
    }
  }
  return graph;
}

}  // namespace edgeproof::formats
