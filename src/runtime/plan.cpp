// Multipliers are input_scale * weight_scale / output_scale in double precision, as LiteRT's
// PopulateConvolutionQuantizationParams computes them; those of an addition as kernels/add.cc does
// (scales in single, quotients in double precision).

#include "runtime/plan.h"

#include <cmath>
#include <cstdlib>
#include <span>

#include "core/error.h"
#include "graph/shapes.h"
#include "graph/traits.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/pack.h"
#include "runtime/memory_plan.h"
#include "runtime/program.h"

namespace edgeproof::runtime {
namespace {

using graph::Graph;
using graph::Node;
using graph::Shape;

// Makes the layer of one node: one overload for each operation.
class Lowering {
 public:
  Lowering(const Graph& graph, const std::vector<Shape>& shapes, const Kernels& kernels,
           FloatSums float_sums, std::size_t index)
      : graph_(graph),
        shapes_(shapes),
        kernels_(kernels),
        int8_(graph::is_int8(graph)),
        winograd_(float_sums == FloatSums::fast),
        node_(graph.nodes[index]),
        in_(node_.inputs.empty() ? Shape{} : shapes[static_cast<std::size_t>(node_.inputs[0])]),
        out_(shapes[index]) {}

  Layer operator()(const graph::Input&) const {
    return int8_ ? Layer{*node_.quantization} : Layer{CopyInput{}};
  }
  Layer operator()(const graph::Conv1d& conv) const {
    const ConvGeometry geometry{.in_length = in_.length,
                                .in_channels = in_.channels,
                                .out_length = out_.length,
                                .out_channels = out_.channels,
                                .kernel = conv.kernel,
                                .stride = conv.stride,
                                .dilation = conv.dilation,
                                .groups = conv.groups,
                                .pad_left = conv.pad_left,
                                .pad_right = conv.pad_right};
    return convolution(geometry, conv.activation, conv.weights);
  }
  Layer operator()(const graph::Dense& dense) const {
    const ConvGeometry geometry{.in_channels = in_.size(), .out_channels = dense.out_features};
    return convolution(geometry, dense.activation, dense.weights);
  }
  Layer operator()(const graph::MaxPool& pool) const { return MaxPoolLayer{windows(pool)}; }
  Layer operator()(const graph::AveragePool& pool) const { return AverageLayer{windows(pool)}; }
  Layer operator()(const graph::GlobalAveragePool&) const {
    return AverageLayer{{in_.length, in_.channels, 1, in_.length, 1}};
  }
  // FP32 only: validate() refuses it in an int8 graph, as it does Relu.
  Layer operator()(const graph::BatchNorm& bn) const { return affine(bn, in_); }
  Layer operator()(const graph::Relu&) const {
    return ReluLayer{static_cast<std::size_t>(in_.size())};
  }
  Layer operator()(const graph::Add& add) const {
    return addition(static_cast<std::size_t>(out_.size()),
                    add.activation == graph::Activation::relu);
  }
  Layer operator()(const graph::Mul& mul) const {
    return multiplication(mul.activation == graph::Activation::relu);
  }
  Layer operator()(const graph::Elementwise& elementwise) const {
    const auto size = static_cast<std::size_t>(out_.size());
    if (!int8_) return FloatFunction{elementwise, size};
    const auto table = level_table(elementwise, quantization(0), *node_.quantization, described());
    return Int8Function{table, size};
  }
  Layer operator()(const graph::Concat&) const {
    ConcatLayer layer{out_.length, {}};
    for (const int i : node_.inputs) {
      const auto channels = static_cast<std::size_t>(shapes_[static_cast<std::size_t>(i)].channels);
      layer.row_bytes.push_back(channels * (int8_ ? 1 : sizeof(float)));
    }
    return layer;
  }

 private:
  template <typename AnyPool>
  Pool windows(const AnyPool& pool) const {
    return {in_.length, in_.channels, out_.length, pool.kernel, pool.stride, pool.pad_left};
  }

  Layer convolution(const ConvGeometry& geometry, graph::Activation activation,
                    const graph::Weights& weights) const {
    const bool relu = activation == graph::Activation::relu;
    if (const auto* w = std::get_if<graph::FloatWeights>(&weights)) {
      FloatConv conv{geometry, relu, w->values, w->bias, {}};
      conv.packed = pack(conv, kernels_.panels, winograd_);
      return conv;
    }
    const auto& q = std::get<graph::Int8Weights>(weights);
    const graph::Quantization in = quantization(0), out = *node_.quantization;
    Int8Conv conv{geometry, relu, in.zero_point, out, q.values, q.bias, {}, {}};
    for (const float scale : q.scales) {
      conv.multipliers.push_back(multiplier(double{in.scale} * scale / out.scale));
    }
    conv.packed = pack(conv, kernels_.panels);
    return conv;
  }

  graph::Quantization quantization(std::size_t input) const {
    return *graph_.nodes[static_cast<std::size_t>(node_.inputs[input])].quantization;
  }

  std::string described() const {
    return fmt::format("node '{}' ({})", node_.name, graph::op_name(node_.op));
  }

  Layer addition(std::size_t size, bool relu) const {
    if (!int8_) return FloatAdd{size, relu};
    const graph::Quantization a = quantization(0), b = quantization(1);
    const graph::Quantization out = *node_.quantization;
    const double twice_larger = 2 * std::max(a.scale, b.scale);
    const double output = twice_larger / ((1 << Int8Add::kLeftShift) * double{out.scale});
    if (!(output < 1)) {
      fail(ErrorCode::bad_input, "{}: 2 * input scale {} / output scale {} is not below 2^{}",
           described(), std::max(a.scale, b.scale), out.scale, Int8Add::kLeftShift);
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

  Layer multiplication(bool relu) const {
    const bool is_gate = shapes_[static_cast<std::size_t>(node_.inputs[1])] != out_;
    const auto rows = static_cast<std::size_t>(is_gate ? out_.length : 1);
    const std::size_t row = static_cast<std::size_t>(out_.size()) / rows;
    if (!int8_) return FloatMul{rows, row, relu};
    const graph::Quantization a = quantization(0), b = quantization(1);
    const graph::Quantization to = *node_.quantization;
    const float real = a.scale * b.scale / to.scale;
    if (!(real < 1 << 14)) {  // products have up to 17 bits
      fail(ErrorCode::bad_input,
           "{}: the product of the input scales / output scale is {}, expected less than 2^14",
           described(), real);
    }
    return Int8Mul{rows, row, relu, a.zero_point, b.zero_point, to, fixed_multiplier(real)};
  }

  FixedMultiplier multiplier(double real) const {
    if (!(real < 1 << 30)) {  // beyond it the shift leaves the word; also refuses NaN
      fail(ErrorCode::bad_input,
           "{}: input scale * weight scale / output scale is {}, expected less than 2^30",
           described(), real);
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
  const Node& node_;
  Shape in_, out_;  // of its first input and of its output
};

int left_padding(const graph::Op& op) {
  const auto member = [](const auto& operation) {
    if constexpr (requires { operation.pad_left; }) return operation.pad_left;
    return 0;
  };
  return std::visit(member, op);
}

// How many of the inputs, from the first on, a node's output may be written over.
std::size_t replaceable_inputs(const Node& node) {
  switch (graph::traits(node.op).in_place) {
    case graph::InPlace::never:
      return 0;
    case graph::InPlace::unpadded:
      return left_padding(node.op) == 0 ? 1 : 0;
    case graph::InPlace::first_input:
      return 1;
    case graph::InPlace::any_input:
      return node.inputs.size();
  }
  return 0;
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
    // The first that nobody reads later.
    for (const int input : std::span(node.inputs).first(replaceable_inputs(node))) {
      if (buffers[static_cast<std::size_t>(input)].last != static_cast<int>(i)) continue;
      buffers[i].in_place_of = input;
      break;
    }
  }
  return buffers;
}

struct ScratchBytes {
  PanelShape shape;

  template <graph::OneOf<FloatConv, Int8Conv> Conv>
  std::size_t operator()(const Conv& conv) const {
    return scratch_bytes(conv, shape);
  }
  template <graph::OneOf<CopyInput, Fused, graph::Quantization, MaxPoolLayer, AverageLayer, Affine,
                         ReluLayer, FloatAdd, Int8Add, FloatMul, Int8Mul, FloatFunction,
                         Int8Function, ConcatLayer>
                AnyLayer>
  std::size_t operator()(const AnyLayer&) const {
    return 0;
  }
};

template <typename AnyLayer>
bool start_pooling(AnyLayer&) {
  return false;
}
bool start_pooling(FloatConv& conv) {
  return conv.pool = can_pool(conv.geometry, conv.packed.packing);
}
bool start_pooling(Int8Conv& conv) {
  return conv.pool = can_pool(conv.geometry, conv.packed.packing) && conv.packed.is_narrow();
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
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    program.names.push_back(graph.nodes[i].name);
    const Lowering lowering(graph, program.shapes, *program.kernels, options.float_sums, i);
    program.steps.push_back({std::visit(lowering, graph.nodes[i].op), {}, 0});
    program.scratch_bytes =
        std::max(program.scratch_bytes,
                 std::visit(ScratchBytes{program.kernels->panels}, program.steps[i].layer));
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
