#include "formats/c/module.h"

#include <algorithm>

#include "core/error.h"
#include "formats/c/text.h"
#include "formats/device.h"
#include "graph/cost.h"
#include "graph/shapes.h"
#include "runtime/memory_plan.h"
#include "runtime/plan.h"

namespace edgeproof::formats::c {
namespace {

// Vector loads may read so far behind a window; what they read there meets weights of zero.
constexpr std::size_t kReadPastEnd = 16;
constexpr std::int64_t kLargestPadding = 1 << 16;
constexpr std::int64_t kLargestStep = 1 << 28;  // offsets are int

std::vector<int> count_readers(const graph::Graph& graph) {
  std::vector<int> readers(graph.nodes.size());
  for (const graph::Node& node : graph.nodes) {
    for (const int input : node.inputs) ++readers[input];
  }
  return readers;
}

int last_reader(const graph::Graph& graph, int node) {
  for (int i = static_cast<int>(graph.nodes.size()) - 1; i > node; --i) {
    if (std::ranges::count(graph.nodes[i].inputs, node) > 0) return i;
  }
  return static_cast<int>(graph.nodes.size());  // the network's output
}

bool pools_pairs(const graph::Op& op) {
  const auto* pool = std::get_if<graph::MaxPool>(&op);
  return pool != nullptr && pool->kernel == 2 && pool->stride == 2 && pool->pad_left == 0 &&
         pool->pad_right == 0;
}

void make_room_for_padding(Module& module) {
  for (const Step& layer : module.steps) {
    const runtime::Int8Conv* conv = module.conv(layer);
    if (conv == nullptr) continue;
    const runtime::ConvGeometry& g = conv->geometry;
    const std::int64_t bytes = (std::int64_t{g.pad_left} + g.pad_right) * g.in_channels;
    if (bytes > kLargestPadding) {
      fail(ErrorCode::unsupported, "node '{}' (conv1d): {} bytes of padding, expected at most {}",
           module.graph.nodes[layer.node].name, bytes, kLargestPadding);
    }
    const std::int64_t step = std::int64_t{std::max(g.stride, g.dilation)} * g.in_channels;
    if (step > kLargestStep) {
      fail(ErrorCode::unsupported,
           "node '{}' (conv1d): a stride or dilation of {} bytes, expected at most {}",
           module.graph.nodes[layer.node].name, step, kLargestStep);
    }
    Activation& input = module.activations[layer.inputs[0]];
    input.pad_left = std::max(input.pad_left, g.pad_left);
    input.pad_right = std::max(input.pad_right, g.pad_right);
  }
}

// First fit leaves holes a little too small for the next buffer where sizes differ by padding:
// sizes rounded up may need less together.
runtime::MemoryPlan plan_in_steps(const std::vector<runtime::Buffer>& buffers) {
  runtime::MemoryPlan best = runtime::plan_memory(buffers);
  for (std::size_t step = 8; step <= 1024; step *= 2) {
    std::vector<runtime::Buffer> rounded = buffers;
    for (runtime::Buffer& b : rounded) b.bytes = (b.bytes + step - 1) / step * step;
    const runtime::MemoryPlan plan = runtime::plan_memory(rounded);
    if (plan.bytes < best.bytes) best = plan;
  }
  return best;
}

// Kernels compute two positions at a time: both parts that a hop computes have an even number.
runtime::Kept in_pairs(runtime::Kept kept, int length) {
  const int end = kept.end() - (length - kept.end()) % 2;
  kept.first += kept.first % 2;
  kept.count = end - kept.first;
  return kept.count < 1 ? runtime::Kept{} : kept;
}

[[noreturn]] void refuse_hop(const Module& module, const Step& step,
                             const runtime::Inside& inside) {
  std::string why = "no position of it is left unchanged";
  if (inside.stride == 0) why = "it sees the whole window at once";
  if (inside.stride > 0 && module.hop % inside.stride != 0) {
    why = fmt::format("its positions are {} samples apart, expected a multiple of that",
                      inside.stride);
  }
  const graph::Node& node = module.graph.nodes[step.output];
  fail(ErrorCode::unsupported, "a hop of {} samples saves nothing from node '{}' ({}) on: {}",
       module.hop, node.name, graph::op_name(node.op), why);
}

void keep_what_moves(Module& module) {
  const int length = module.graph.input_shape().length;
  runtime::expect_hop(module.hop, length);
  const auto inside = runtime::inside_positions(module.graph, module.program.shapes);
  module.kept[0] = inside[0].kept(module.hop);
  const Step* first = nullptr;
  bool saves = false;
  for (const Step& step : module.steps) {
    runtime::Kept& kept = module.kept[step.output];
    kept = inside[step.output].kept(module.hop);
    if (module.conv(step) == nullptr) continue;
    if (!step.pool) kept = in_pairs(kept, module.program.shapes[step.output].length);
    saves = saves || kept.count > 0;
    if (first == nullptr) first = &step;
  }
  if (first != nullptr && !saves) refuse_hop(module, *first, inside[first->output]);
}

}  // namespace

Module lower(const graph::Graph& graph, int hop) {
  if (!graph::is_int8(graph)) {
    fail(ErrorCode::unsupported, "C export: network '{}' is FP32, expected an int8 one",
         graph.name);
  }
  expect_no_simulation(graph);
  Module module{graph, runtime::Plan(graph, {.isa = "scalar"}).program(), {}, {}, hop, {}};
  const std::vector<int> readers = count_readers(graph);
  const int count = static_cast<int>(graph.nodes.size());
  module.activations.resize(graph.nodes.size());
  module.activations[0].shape = graph.input_shape();
  std::vector<bool> fused(graph.nodes.size());
  for (int node = 1; node < count; ++node) {
    if (fused[node]) continue;
    Step step{node, fmt::format("layer{}_{}", node, safe_name(graph.nodes[node].name)),
              graph.nodes[node].inputs, node};
    const bool pair_follows = node + 1 < count && pools_pairs(graph.nodes[node + 1].op) &&
                              graph.nodes[node + 1].inputs[0] == node && readers[node] == 1;
    if (module.conv(step) != nullptr && pair_follows) {
      step.pool = fused[node + 1] = true;
      step.output = node + 1;
    }
    step.input_needed_later = last_reader(graph, step.inputs[0]) > node;
    module.activations[step.output].shape = module.program.shapes[step.output];
    module.steps.push_back(step);
  }
  make_room_for_padding(module);
  module.kept.resize(graph.nodes.size());
  if (hop != 0) keep_what_moves(module);
  return module;
}

std::int64_t macs_per_hop(const Module& module) {
  const std::vector<std::int64_t> macs = graph::macs_per_node(module.graph);
  std::int64_t all = 0;
  for (const Step& step : module.steps) {
    const int positions = module.program.shapes[step.node].length;
    const int kept = module.kept_by(step).count * (step.pool ? 2 : 1);
    all += macs[step.node] / positions * (positions - kept);
  }
  return all;
}

std::size_t state_bytes(const Module& module) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < module.kept.size(); ++i) {
    if (module.kept[i].count > 0)
      bytes += static_cast<std::size_t>(module.activations[i].shape.size());
  }
  return bytes;
}

Arena plan_arena(const Module& module, const std::vector<std::size_t>& scratch_bytes) {
  const std::size_t nodes = module.graph.nodes.size();
  std::vector<runtime::Buffer> buffers(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    const int first = static_cast<int>(i);
    buffers[i] = {module.activations[i].bytes(), first,
                  std::max(first, last_reader(module.graph, first))};
    if (module.kept[i].count > 0) buffers[i].last = static_cast<int>(nodes);
  }
  for (std::size_t s = 0; s < module.steps.size(); ++s) {
    const Step& step = module.steps[s];
    buffers[step.output].first = step.node;  // fused pooling is written early
    if (module.kept_by(step).count > 0) buffers[step.output].first = 0;
    buffers.push_back({scratch_bytes[s], step.node, step.node});
  }
  const runtime::MemoryPlan plan = plan_in_steps(buffers);
  Arena arena{{},
              {plan.offsets.begin() + static_cast<std::ptrdiff_t>(nodes), plan.offsets.end()},
              (plan.bytes + kReadPastEnd + 3) / 4 * 4};
  for (std::size_t i = 0; i < nodes; ++i) {
    const Activation& a = module.activations[i];
    arena.activations.push_back(plan.offsets[i] +
                                static_cast<std::size_t>(a.pad_left) * a.shape.channels);
  }
  return arena;
}

}  // namespace edgeproof::formats::c
