// Test: stream_test.cpp.

#include "runtime/stream_plan.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace edgeproof::runtime {
namespace {

using graph::Node;

int divide_up(int a, int b) {
  return (a + b - 1) / b;
}

Inside windowed(const Inside& in, int kernel_span, int stride, int pad_left, int length) {
  if (in.stride == 0 || in.end + pad_left < kernel_span) return {};
  if (in.stride > std::numeric_limits<int>::max() / stride) return {};  // beyond any window
  const int first = divide_up(in.first + pad_left, stride);
  const int end = (in.end - kernel_span + pad_left) / stride + 1;
  return {in.stride * stride, first, std::clamp(end, first, std::max(first, length))};
}

Inside joined(const std::vector<Inside>& in) {
  Inside all = in.front();
  for (const Inside& one : in) {
    if (one.stride != all.stride) return {};
    all.first = std::max(all.first, one.first);
    all.end = std::min(all.end, one.end);
  }
  return all;
}

Inside inside_of(const Node& node, const std::vector<Inside>& in, int length) {
  if (std::holds_alternative<graph::Input>(node.op)) return {1, 0, length};
  if (const auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
    return windowed(in[0], (conv->kernel - 1) * conv->dilation + 1, conv->stride, conv->pad_left,
                    length);
  }
  if (const auto* pool = std::get_if<graph::MaxPool>(&node.op)) {
    return windowed(in[0], pool->kernel, pool->stride, pool->pad_left, length);
  }
  if (const auto* pool = std::get_if<graph::AveragePool>(&node.op)) {
    return windowed(in[0], pool->kernel, pool->stride, pool->pad_left, length);
  }
  const graph::Op& op = node.op;
  // The gate of a product is of the whole window: its stride of 0 ends all sharing.
  const bool pointwise =
      std::holds_alternative<graph::Add>(op) || std::holds_alternative<graph::Mul>(op) ||
      std::holds_alternative<graph::Concat>(op) || std::holds_alternative<graph::Relu>(op) ||
      std::holds_alternative<graph::BatchNorm>(op) ||
      std::holds_alternative<graph::Elementwise>(op);
  return pointwise ? joined(in) : Inside{};
}

}  // namespace

Kept Inside::kept(int hop) const {
  const int shift = stride > 0 && hop % stride == 0 ? hop / stride : 0;
  const int count = end - first - shift;
  return shift == 0 || count < 1 ? Kept{} : Kept{shift, first, count};
}

std::vector<Inside> inside_positions(const graph::Graph& graph,
                                     std::span<const graph::Shape> shapes) {
  std::vector<Inside> all;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    std::vector<Inside> in;
    for (const int input : graph.nodes[i].inputs)
      in.push_back(all[static_cast<std::size_t>(input)]);
    all.push_back(inside_of(graph.nodes[i], in, shapes[i].length));
  }
  return all;
}

void expect_hop(int hop, int length) {
  if (hop >= 1 && hop <= length) return;
  fail(ErrorCode::bad_config, "hop is {} samples, expected 1 to the window's {}", hop, length);
}

}  // namespace edgeproof::runtime
