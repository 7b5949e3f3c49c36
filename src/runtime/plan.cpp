// Multipliers are input_scale * weight_scale / output_scale in double precision, as LiteRT's
// PopulateConvolutionQuantizationParams computes them; those of an addition as kernels/add.cc does
// (scales in single, quotients in double precision). Test: plan_test.cpp.

#include "runtime/plan.h"

#include <cmath>
#include <cstdlib>

#include "core/error.h"
#include "graph/shapes.h"
#include "runtime/kernels/pack.h"
#include "runtime/memory_plan.h"
#include "runtime/program.h"

namespace edgeproof::runtime {
namespace {

using graph::Graph;
using graph::Node;
using graph::Shape;

// Makes the layer of one node.
class Lowering {
 public:
  Lowering(const Graph& graph, const std::vector<Shape>& shapes, const Kernels& kernels,
           FloatSums float_sums)
      : graph_(graph),
        shapes_(shapes),
        kernels_(kernels),
        int8_(graph::is_int8(graph)),
        winograd_(float_sums == FloatSums::fast) {}

  Layer lower(std::size_t index) const {
    const Node& node = graph_.nodes[index];
    const Shape out = shapes_[index];
    if (std::holds_alternative<graph::Input>(node.op)) {
      return int8_ ? Layer{*node.quantization} : Layer{CopyInput{}};
    }
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    const Shape in = shapes_[input];
    if (const auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
      const ConvGeometry geometry{.in_length = in.length,
                                  .in_channels = in.channels,
                                  .out_length = out.length,
                                  .out_channels = out.channels,
                                  .kernel = conv->kernel,
                                  .stride = conv->stride,
                                  .dilation = conv->dilation,
                                  .groups = conv->groups,
                                  .pad_left = conv->pad_left,
                                  .pad_right = conv->pad_right};
      return convolution(node, geometry, conv->activation, conv->weights);
    }
    if (const auto* dense = std::get_if<graph::Dense>(&node.op)) {
      const ConvGeometry geometry{.in_channels = in.size(), .out_channels = dense->out_features};
      return convolution(node, geometry, dense->activation, dense->weights);
    }
    if (const auto* pool = std::get_if<graph::MaxPool>(&node.op)) {
      return MaxPoolLayer{
          {in.length, in.channels, out.length, pool->kernel, pool->stride, pool->pad_left}};
    }
    if (std::holds_alternative<graph::GlobalAveragePool>(node.op)) {
      return AverageLayer{{in.length, in.channels, 1, in.length, 1}};
    }
    if (const auto* pool = std::get_if<graph::AveragePool>(&node.op)) {
      return AverageLayer{
          {in.length, in.channels, out.length, pool->kernel, pool->stride, pool->pad_left}};
    }
    if (const auto* bn = std::get_if<graph::BatchNorm>(&node.op)) return affine(*bn, in);
    if (const auto* add = std::get_if<graph::Add>(&node.op)) {
      return addition(node, static_cast<std::size_t>(out.size()),
                      add->activation == graph::Activation::relu);
    }
    if (const auto* mul = std::get_if<graph::Mul>(&node.op)) {
      return multiplication(node, out, mul->activation == graph::Activation::relu);
    }
    if (const auto* elementwise = std::get_if<graph::Elementwise>(&node.op)) {
      const auto size = static_cast<std::size_t>(out.size());
      if (!int8_) return FloatFunction{*elementwise, size};
      const auto table =
          level_table(*elementwise, quantization(node, 0), *node.quantization, described(node));
      return Int8Function{table, size};
    }
    if (std::holds_alternative<graph::Concat>(node.op)) {
      ConcatLayer layer{out.length, {}};
      for (const int i : node.inputs) {
        const auto channels =
            static_cast<std::size_t>(shapes_[static_cast<std::size_t>(i)].channels);
        layer.row_bytes.push_back(channels * (int8_ ? 1 : sizeof(float)));
      }
      return layer;
    }
    return ReluLayer{static_cast<std::size_t>(in.size())};
  }

 private:
  Layer convolution(const Node& node, const ConvGeometry& geometry, graph::Activation activation,
                    const graph::Weights& weights) const {
    const bool relu = activation == graph::Activation::relu;
    if (const auto* w = std::get_if<graph::FloatWeights>(&weights)) {
      FloatConv conv{geometry, relu, w->values, w->bias, {}};
      conv.packed = pack(conv, kernels_.panels, winograd_);
      return conv;
    }
    const auto& q = std::get<graph::Int8Weights>(weights);
    const graph::Quantization in =
        *graph_.nodes[static_cast<std::size_t>(node.inputs[0])].quantization;
    const graph::Quantization out = *node.quantization;
    Int8Conv conv{geometry, relu, in.zero_point, out, q.values, q.bias, {}, {}};
    for (const float scale : q.scales) {
      conv.multipliers.push_back(multiplier(node, double{in.scale} * scale / out.scale));
    }
    conv.packed = pack(conv, kernels_.panels);
    return conv;
  }

  graph::Quantization quantization(const Node& node, std::size_t input) const {
    return *graph_.nodes[static_cast<std::size_t>(node.inputs[input])].quantization;
  }

  static std::string described(const Node& node) {
    return fmt::format("node '{}' ({})", node.name, graph::op_name(node.op));
  }

  Layer addition(const Node& node, std::size_t size, bool relu) const {
    if (!int8_) return FloatAdd{size, relu};
    const graph::Quantization a = quantization(node, 0), b = quantization(node, 1);
    const graph::Quantization out = *node.quantization;
    const double twice_larger = 2 * std::max(a.scale, b.scale);
    const double output = twice_larger / ((1 << Int8Add::kLeftShift) * double{out.scale});
    if (!(output < 1)) {
      fail(ErrorCode::bad_input, "{}: 2 * input scale {} / output scale {} is not below 2^{}",
           described(node), std::max(a.scale, b.scale), out.scale, Int8Add::kLeftShift);
    }
    return Int8Add{size,
                   relu,
                   a.zero_point,
                   b.zero_point,
                   out,
                   fixed_multiplier(a.scale / twice_larger),
                   fixed_multiplier(b.scale / twice_larger),
                   fixed_multiplier(output)};
  }

  Layer multiplication(const Node& node, Shape out, bool relu) const {
    const bool is_gate = shapes_[static_cast<std::size_t>(node.inputs[1])] != out;
    const auto rows = static_cast<std::size_t>(is_gate ? out.length : 1);
    const std::size_t row = static_cast<std::size_t>(out.size()) / rows;
    if (!int8_) return FloatMul{rows, row, relu};
    const graph::Quantization a = quantization(node, 0), b = quantization(node, 1);
    const graph::Quantization to = *node.quantization;
    const float real = a.scale * b.scale / to.scale;
    if (!(real < 1 << 14)) {  // products have up to 17 bits
      fail(ErrorCode::bad_input,
           "{}: the product of the input scales / output scale is {}, expected less than 2^14",
           described(node), real);
    }
    return Int8Mul{rows, row, relu, a.zero_point, b.zero_point, to, fixed_multiplier(real)};
  }

  static FixedMultiplier multiplier(const Node& node, double real) {
    if (!(real < 1 << 30)) {  // beyond it the shift leaves the word; also refuses NaN
      fail(ErrorCode::bad_input,
           "node '{}' ({}): input scale * weight scale / output scale is {}, "
           "expected less than "
           "2^30",
           node.name, graph::op_name(node.op), real);
    }
    return fixed_multiplier(real);
  }

  static Affine affine(const graph::BatchNorm& bn, Shape in) {
    Affine layer{in.length, {}, {}};
    for (std::size_t c = 0; c < bn.gamma.size(); ++c) {
      const double scale = bn.gamma[c] / std::sqrt(double{bn.variance[c]} + bn.epsilon);
      layer.scale.push_back(static_cast<float>(scale));
      layer.shift.push_back(static_cast<float>(bn.beta[c] - bn.mean[c] * scale));
    }
    return layer;
  }

  const Graph& graph_;
  const std::vector<Shape>& shapes_;
  const Kernels& kernels_;
  bool int8_, winograd_;
};

bool works_in_place(const graph::Op& op) {
  if (const auto* pool = std::get_if<graph::MaxPool>(&op)) return pool->pad_left == 0;
  if (const auto* pool = std::get_if<graph::AveragePool>(&op)) return pool->pad_left == 0;
  return std::holds_alternative<graph::Relu>(op) || std::holds_alternative<graph::BatchNorm>(op) ||
         std::holds_alternative<graph::Add>(op) || std::holds_alternative<graph::Mul>(op) ||
         std::holds_alternative<graph::Elementwise>(op) ||
         std::holds_alternative<graph::GlobalAveragePool>(op);
}

std::vector<Buffer> activation_buffers(const Graph& graph, const std::vector<Shape>& shapes,
                                       bool keep_all) {
  const std::size_t bytes_per_value = graph::is_int8(graph) ? 1 : sizeof(float);
  const int end = static_cast<int>(graph.nodes.size());
  std::vector<Buffer> buffers;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const int step = static_cast<int>(i);
    buffers.push_back({static_cast<std::size_t>(shapes[i].size()) * bytes_per_value, step,
                       keep_all ? end : step});
    for (const int input : graph.nodes[i].inputs) {
      Buffer& operand = buffers[static_cast<std::size_t>(input)];
      operand.last = std::max(operand.last, step);
    }
  }
  buffers.back().last = end;
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!works_in_place(node.op)) continue;
    for (const int input : node.inputs) {  // the first that nobody reads later
      if (std::holds_alternative<graph::Mul>(node.op) && input != node.inputs[0]) break;
      if (buffers[static_cast<std::size_t>(input)].last != static_cast<int>(i)) continue;
      buffers[i].in_place_of = input;
      break;
    }
  }
  return buffers;
}

std::size_t scratch_bytes(const Layer& layer, PanelShape shape) {
  if (const auto* conv = std::get_if<FloatConv>(&layer)) return scratch_bytes(*conv, shape);
  if (const auto* conv = std::get_if<Int8Conv>(&layer)) return scratch_bytes(*conv, shape);
  return 0;
}

template <typename AnyLayer>
bool start_pooling(AnyLayer&) {
  return false;
}
bool start_pooling(FloatConv& conv) {
  return conv.pool = can_pool(conv.geometry, conv.packed.packing);
}
bool start_pooling(Int8Conv& conv) {
  return conv.pool = can_pool(conv.geometry, conv.packed.packing) && conv.packed.narrow;
}

// Convolutions followed by nothing but maximum pooling of pairs pool before they write. The result
// is for each pooling done so the node of its convolution, -1 for all other nodes.
std::vector<int> fuse_pooling(const Graph& graph, std::vector<Step>& steps) {
  std::vector<int> readers(steps.size());
  for (const Node& node : graph.nodes) {
    for (const int input : node.inputs) ++readers[static_cast<std::size_t>(input)];
  }
  std::vector<int> fused(steps.size(), -1);
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const auto* layer = std::get_if<MaxPoolLayer>(&steps[i].layer);
    if (layer == nullptr) continue;
    const Pool& pool = layer->pool;
    const int before = graph.nodes[i].inputs[0];
    const auto b = static_cast<std::size_t>(before);
    if (pool.kernel != 2 || pool.stride != 2 || pool.pad_left != 0 || readers[b] != 1) continue;
    if (!std::visit([](auto& conv) { return start_pooling(conv); }, steps[b].layer)) continue;
    steps[i].layer = Fused{};
    fused[i] = before;
  }
  return fused;
}

const Kernels& chosen_kernels(const std::string& isa) {
  if (!isa.empty()) return find_kernels(isa);
  const char* forced = std::getenv("EDGEPROOF_ISA");
  return find_kernels(forced == nullptr ? "" : forced);
}

Program make_program(const Graph& graph, const PlanOptions& options) {
  graph::validate(graph);
  Program program;
  program.int8 = graph::is_int8(graph);
  program.keep_all = options.keep_all;
  program.shapes = graph::infer_shapes(graph);
  program.kernels = &chosen_kernels(options.isa);
  const Lowering lowering(graph, program.shapes, *program.kernels, options.float_sums);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    program.names.push_back(graph.nodes[i].name);
    program.steps.push_back({lowering.lower(i), {}, 0});
    program.scratch_bytes = std::max(
        program.scratch_bytes, scratch_bytes(program.steps[i].layer, program.kernels->panels));
  }
  std::vector<Buffer> buffers = activation_buffers(graph, program.shapes, options.keep_all);
  program.deployed_bytes = plan_memory(buffers).bytes;
  if (!options.keep_all) {
    const std::vector<int> fused = fuse_pooling(graph, program.steps);
    for (std::size_t i = 0; i < fused.size(); ++i) {
      if (fused[i] < 0) continue;
      buffers[i].first = fused[i];
      buffers[i].in_place_of = -1;
      buffers[static_cast<std::size_t>(fused[i])].bytes = 0;
    }
  }
  const MemoryPlan memory = plan_memory(buffers);
  program.arena_bytes = memory.bytes;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const int input : graph.nodes[i].inputs) {
      program.steps[i].in.push_back(memory.offsets[static_cast<std::size_t>(input)]);
    }
    program.steps[i].out = memory.offsets[i];
    if (std::holds_alternative<Fused>(program.steps[i].layer)) {
      program.steps[static_cast<std::size_t>(graph.nodes[i].inputs[0])].out = memory.offsets[i];
    }
  }
  program.output_quantization = graph.nodes.back().quantization.value_or(graph::Quantization{});
  return program;
}

}  // namespace

Plan::Plan(const Graph& graph, const PlanOptions& options)
    : program_(std::make_shared<const Program>(make_program(graph, options))) {}

std::size_t Plan::input_size() const {
  return static_cast<std::size_t>(program_->shapes.front().size());
}
std::size_t Plan::output_size() const {
  return static_cast<std::size_t>(program_->shapes.back().size());
}
bool Plan::is_int8() const {
  return program_->int8;
}
std::size_t Plan::arena_bytes() const {
  return program_->deployed_bytes;
}
std::span<const std::string> Plan::node_names() const {
  return program_->names;
}
std::span<const Shape> Plan::shapes() const {
  return program_->shapes;
}
const std::string& Plan::isa() const {
  return program_->kernels->name;
}

}  // namespace edgeproof::runtime
