// Opsets: onnx.ai/onnx/operators. Test: onnx_test.cpp.

#include "formats/onnx_version.h"

#include <algorithm>

#include "graph/traits.h"

namespace edgeproof::formats {
namespace {

// The first opset from 13 on that has what this writes of an operation in floating point.
struct OldestOpset {
  int operator()(const graph::Elementwise& elementwise) const {
    using enum graph::Elementwise::Function;
    switch (elementwise.function) {
      case hard_swish:
        return 14;
      case clip:
      case leaky_relu:
      case sigmoid:
      case tanh:
      case elu:
        break;
    }
    return 13;
  }
  template <graph::OneOf<graph::Input, graph::Conv1d, graph::BatchNorm, graph::Relu, graph::MaxPool,
                         graph::GlobalAveragePool, graph::Dense, graph::Add, graph::Concat,
                         graph::AveragePool, graph::Mul>
                Operation>
  int operator()(const Operation&) const {
    return 13;
  }
};

}  // namespace

OnnxVersion onnx_version_for(const graph::Graph& graph) {
  int bits = 8, opset = 0;
  for (const graph::Node& node : graph.nodes) {
    opset = std::max(opset, std::visit(OldestOpset{}, node.op));
    const graph::Weights* weights = graph::weights_of(node.op);
    const auto* q = weights == nullptr ? nullptr : std::get_if<graph::Int8Weights>(weights);
    if (q != nullptr) bits = std::min(bits, q->bits);
  }
  if (bits == 2) return {25, 13};
  if (bits == 4) return {21, 10};
  return {opset, 8};
}

}  // namespace edgeproof::formats
