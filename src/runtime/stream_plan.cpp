// Test: stream_test.cpp.

#include "runtime/stream_plan.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "graph/traits.h"

namespace edgeproof::runtime {
namespace {

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

struct InsideOf {
  const std::vector<Inside>& in;
  int length;  // of the output

  Inside operator()(const graph::Input&) const { return {1, 0, length}; }
  Inside operator()(const graph::Conv1d& conv) const {
    return windowed(in[0], (conv.kernel - 1) * conv.dilation + 1, conv.stride, conv.pad_left,
                    length);
  }
  template <graph::OneOf<graph::MaxPool, graph::AveragePool> AnyPool>
  Inside operator()(const AnyPool& pool) const {
    return windowed(in[0], pool.kernel, pool.stride, pool.pad_left, length);
  }
  // The gate of a product is of the whole window: its stride of 0 ends all sharing.
  template <graph::IsPointwise Operation>
  Inside operator()(const Operation&) const {
    return joined(in);
  }
  template <graph::OneOf<graph::GlobalAveragePool, graph::Dense> WholeWindow>
  Inside operator()(const WholeWindow&) const {
    return {};
  }
};

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
    all.push_back(std::visit(InsideOf{in, shapes[i].length}, graph.nodes[i].op));
  }
  return all;
}

void expect_hop(int hop, int length) {
  if (hop >= 1 && hop <= length) return;
  fail(ErrorCode::bad_config, "hop is {} samples, expected 1 to the window's {}", hop, length);
}

}  // namespace edgeproof::runtime
