// Walks the nodes once. Every node leaves one value: real in an FP32 graph, quantized in an int8
// one. Whoever uses it takes it through take(), which adds the helpers: Flatten before a dense
// layer, DequantizeLinear in an int8 graph (one per use and right before it, the form that ONNX
// Runtime fuses into integer kernels). Specification: onnx.ai/onnx/operators at opset 13 (14
// with hard_swish, 21 with 4-bit weights, 25 with 2-bit ones). Test: onnx_test.cpp.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <span>

#include "core/error.h"
#include "formats/onnx.h"
#include "formats/onnx_layout.h"
#include "formats/onnx_prepare.h"
#include "formats/onnx_proto.h"
#include "formats/onnx_ranges.h"
#include "formats/onnx_version.h"
#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::formats {
namespace {

using graph::Activation;
using graph::FloatWeights;
using graph::Int8Weights;
using Names = std::vector<std::string>;
using Dims = std::vector<std::int64_t>;

void set_int(onnx::NodeProto& node, const char* name, std::int64_t value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

void set_ints(onnx::NodeProto& node, const char* name, const Dims& values) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void set_float(onnx::NodeProto& node, const char* name, float value) {
  onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

onnx::ValueInfoProto value_info(const std::string& name, const Dims& after_batch) {
  onnx::ValueInfoProto info;
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(onnx::TensorProto::FLOAT);
  tensor.mutable_shape()->add_dim()->set_dim_param("batch");
  for (const std::int64_t dim : after_batch) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
  return info;
}

struct NeedsLength {
  template <
      graph::OneOf<graph::Conv1d, graph::MaxPool, graph::AveragePool, graph::GlobalAveragePool>
          Operation>
  bool operator()(const Operation&) const {
    return true;
  }
  template <graph::OneOf<graph::Input, graph::BatchNorm, graph::Relu, graph::Dense, graph::Add,
                         graph::Mul, graph::Elementwise, graph::Concat>
                Operation>
  bool operator()(const Operation&) const {
    return false;
  }
};

class Writer {
 public:
  explicit Writer(const graph::Graph& graph)
      : graph_(graph), shapes_(graph::infer_shapes(graph)), int8_(graph::is_int8(graph)) {
    for (const graph::Node& node : graph.nodes) names_.insert(node.name);
  }

  onnx::GraphProto write() {
    onnx_.set_name(graph_.name.empty() ? "graph" : graph_.name);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = &graph_.nodes[i];
      flat_ = !needs_length() &&
              std::any_of(node_->inputs.begin(), node_->inputs.end(), [this](int input) {
                return values_[static_cast<std::size_t>(input)].flat;
              });
      const std::string real = std::visit(*this, node_->op);
      values_.push_back(int8_ ? quantize(real) : Value{real, flat_, {}, {}});
    }
    if (int8_) dequantize(values_.back(), values_.back().name, node_->name);
    const graph::Shape out = shapes_.back();
    *onnx_.add_output() =
        value_info(node_->name, flat_ ? Dims{out.size()} : Dims{out.channels, out.length});
    return std::move(onnx_);
  }

  // One per operation: writes the current node, and returns the name of its real output.
  std::string operator()(const graph::Input& input) {
    *onnx_.add_input() = value_info(node_->name, {input.shape.channels, input.shape.length});
    return node_->name;
  }

  std::string operator()(const graph::Conv1d& conv) {
    const std::int64_t in_per_group = input_shape().channels / conv.groups;
    Names inputs = {take()};
    append(inputs, weights(conv.weights, conv.kernel, static_cast<int>(in_per_group),
                           {conv.out_channels, in_per_group, conv.kernel}));
    onnx::NodeProto layer = make("Conv", node_->name, inputs);
    set_ints(layer, "dilations", {conv.dilation});
    set_int(layer, "group", conv.groups);
    set_ints(layer, "kernel_shape", {conv.kernel});
    set_ints(layer, "pads", {conv.pad_left, conv.pad_right});
    set_ints(layer, "strides", {conv.stride});
    return finish(std::move(layer), conv.activation);
  }

  std::string operator()(const graph::Dense& dense) {
    const graph::Shape in = input_shape();
    Names inputs = {take(true)};
    append(inputs, weights(dense.weights, in.length, in.channels, {dense.out_features, in.size()}));
    onnx::NodeProto layer = make("Gemm", node_->name, inputs);
    set_int(layer, "transB", 1);
    flat_ = true;
    return finish(std::move(layer), dense.activation);
  }

  std::string operator()(const graph::BatchNorm& bn) {
    const Dims dims = {input_shape().channels};
    onnx::NodeProto layer = make(
        "BatchNormalization", node_->name,
        {take(), constant<float>("gamma", dims, bn.gamma), constant<float>("beta", dims, bn.beta),
         constant<float>("mean", dims, bn.mean), constant<float>("variance", dims, bn.variance)});
    set_float(layer, "epsilon", bn.epsilon);
    return finish(std::move(layer));
  }

  std::string operator()(const graph::Relu&) { return finish(make("Relu", node_->name, {take()})); }

  std::string operator()(const graph::MaxPool& pool) {
    onnx::NodeProto layer = make("MaxPool", node_->name, {take()});
    set_ints(layer, "kernel_shape", {pool.kernel});
    set_ints(layer, "pads", {pool.pad_left, pool.pad_right});
    set_ints(layer, "strides", {pool.stride});
    return finish(std::move(layer));
  }

  std::string operator()(const graph::Add& add) {
    return finish(make("Add", node_->name, take_all()), add.activation);
  }

  std::string operator()(const graph::Concat&) {
    onnx::NodeProto layer = make("Concat", node_->name, take_all());
    set_int(layer, "axis", 1);
    return finish(std::move(layer));
  }

  std::string operator()(const graph::AveragePool& pool) {
    onnx::NodeProto layer = make("AveragePool", node_->name, {take()});
    set_ints(layer, "kernel_shape", {pool.kernel});
    set_ints(layer, "pads", {pool.pad_left, pool.pad_right});
    set_ints(layer, "strides", {pool.stride});
    return finish(std::move(layer));
  }

  // A gate of a longer sequence is [batch, channels, 1].
  std::string operator()(const graph::Mul& mul) {
    if (input_shape().length > 1) flat_ = false;
    return finish(make("Mul", node_->name, take_all()), mul.activation);
  }

  std::string operator()(const graph::Elementwise& op) {
    using enum graph::Elementwise::Function;
    Names inputs = {take(flat_)};
    switch (op.function) {
      case clip: {
        const bool above = std::isfinite(op.low), below = std::isfinite(op.high);
        if (above || below) inputs.push_back(above ? constant<float>("min", {}, {&op.low, 1}) : "");
        if (below) inputs.push_back(constant<float>("max", {}, {&op.high, 1}));
        return finish(make("Clip", node_->name, inputs));
      }
      case leaky_relu: {
        onnx::NodeProto layer = make("LeakyRelu", node_->name, inputs);
        set_float(layer, "alpha", op.slope);
        return finish(std::move(layer));
      }
      case hard_swish:
        return finish(make("HardSwish", node_->name, inputs));
      case sigmoid:
        return finish(make("Sigmoid", node_->name, inputs));
      case elu: {
        onnx::NodeProto layer = make("Elu", node_->name, inputs);
        set_float(layer, "alpha", op.alpha);
        return finish(std::move(layer));
      }
      case tanh:
        break;
    }
    return finish(make("Tanh", node_->name, inputs));
  }

  std::string operator()(const graph::GlobalAveragePool&) {
    return finish(make("GlobalAveragePool", node_->name, {take()}));
  }

 private:
  struct Value {
    std::string name;
    bool flat = false;              // [batch, features] instead of [batch, channels, length]
    std::string scale, zero_point;  // the constants, if quantized
  };

  graph::Shape input_shape() const { return shapes_[static_cast<std::size_t>(node_->inputs[0])]; }

  // "node/part", or with underscores behind it if the graph has a node of that name.
  std::string fresh(const std::string& part) {
    std::string name = fmt::format("{}/{}", node_->name, part);
    while (!names_.insert(name).second) name += '_';
    return name;
  }

  template <typename T>
  std::string constant(const std::string& part, const Dims& dims, std::span<const T> values) {
    static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");
    onnx::TensorProto& tensor = initializer(part, dims, kTensorType<T>);
    tensor.set_raw_data(values.data(), values.size_bytes());
    return tensor.name();
  }

  onnx::TensorProto& initializer(const std::string& part, const Dims& dims, int type) {
    onnx::TensorProto& tensor = *onnx_.add_initializer();
    tensor.set_name(fresh(part));
    tensor.set_data_type(type);
    for (const std::int64_t dim : dims) tensor.add_dims(dim);
    return tensor;
  }

  // Of 8, 4 or 2 bits.
  std::string integers(const std::string& part, const Dims& dims,
                       const std::vector<std::int8_t>& values, int bits) {
    if (bits == 8) return constant<std::int8_t>(part, dims, values);
    onnx::TensorProto& tensor = initializer(part, dims, bits == 4 ? kInt4 : kInt2);
    tensor.set_raw_data(packed(values, bits));
    return tensor.name();
  }

  static onnx::NodeProto make(const char* op, const std::string& name, const Names& inputs) {
    onnx::NodeProto node;
    node.set_op_type(op);
    if (!name.empty()) node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    return node;
  }

  const std::string& add(onnx::NodeProto node, const std::string& output) {
    node.add_output(output);
    *onnx_.add_node() = std::move(node);
    return output;
  }

  static void append(Names& names, const Names& more) {
    names.insert(names.end(), more.begin(), more.end());
  }

  // Adds the current node with its activation.
  std::string finish(onnx::NodeProto node, Activation activation = Activation::none) {
    const std::string real = int8_ ? fresh("real") : node_->name;
    if (activation == Activation::none) return add(std::move(node), real);
    const std::string linear = add(std::move(node), fresh("linear"));
    return add(make("Relu", "", {linear}), real);
  }

  // All of the current node's inputs in one form: flat if one of them is.
  Names take_all() {
    Names names;
    for (std::size_t i = 0; i < node_->inputs.size(); ++i) names.push_back(take(flat_, i));
    return names;
  }

  // One of the current node's inputs as a real value: flat if asked for.
  std::string take(bool flat = false, std::size_t which = 0) {
    const auto index = static_cast<std::size_t>(node_->inputs[which]);
    const Value& value = values_[index];
    const bool flattens = flat && !value.flat;
    const bool unflattens = value.flat && (needs_length() || !flat_);
    std::string name = value.name;
    // ONNX Runtime brings int8 to uint8 at QuantizeLinear right before DequantizeLinear alone; an
    // operation between them would leave one side of it in int8, and the layer in floating point.
    const bool around = int8_ && (flattens || unflattens);
    if (around) name = dequantize(value, name, fresh("unshaped"));
    if (flattens) name = add(make("Flatten", "", {name}), fresh("flat"));
    if (unflattens) {
      const std::int64_t axis = 2;
      const std::string axes = constant<std::int64_t>("axes", {1}, {&axis, 1});
      name = add(make("Unsqueeze", "", {name, axes}), fresh("sequence"));
    }
    if (around) {
      name =
          add(make("QuantizeLinear", "", {name, value.scale, value.zero_point}), fresh("shaped"));
    }
    if (int8_) name = dequantize(value, name, fresh("input"));
    return name;
  }

  // Whether the operation takes three dimensions only.
  bool needs_length() const { return std::visit(NeedsLength{}, node_->op); }

  Value quantize(const std::string& real) {
    const graph::Quantization q = *node_->quantization;
    const auto zero_point = static_cast<std::int8_t>(q.zero_point);
    Value value{fresh("quantized"), flat_, constant<float>("scale", {}, {&q.scale, 1}),
                constant<std::int8_t>("zero_point", {}, {&zero_point, 1})};
    add(make("QuantizeLinear", "", {real, value.scale, value.zero_point}), value.name);
    return value;
  }

  std::string dequantize(const Value& value, const std::string& quantized,
                         const std::string& output) {
    return add(make("DequantizeLinear", "", {quantized, value.scale, value.zero_point}), output);
  }

  // A constant of one scale per output channel; the zero points are 0.
  std::string dequantized(const std::string& part, const std::string& quantized,
                          const std::vector<float>& scales, const std::string& zero_points) {
    onnx::NodeProto node = make(
        "DequantizeLinear", "",
        {quantized, constant<float>(part + "_scale", {std::ssize(scales)}, scales), zero_points});
    set_int(node, "axis", 0);
    return add(std::move(node), fresh(part));
  }

  // The names of weight and bias. [out, rows, columns] in ours are [out, columns, rows] in ONNX.
  Names weights(const graph::Weights& weights, int rows, int columns, const Dims& dims) {
    const Dims per_output = {dims[0]};
    if (const auto* w = std::get_if<FloatWeights>(&weights)) {
      const auto values = swap_last_two(w->values, rows, columns);
      return {constant<float>("weight", dims, values),
              constant<float>("bias", per_output, w->bias)};
    }
    const auto& q = std::get<Int8Weights>(weights);
    const float in_scale =
        graph_.nodes[static_cast<std::size_t>(node_->inputs[0])].quantization->scale;
    const std::string weight =
        integers("weight_quantized", dims, swap_last_two(q.values, rows, columns), q.bits);
    const std::string weight_zeros = integers("weight_zero_point", per_output,
                                              std::vector<std::int8_t>(q.scales.size()), q.bits);
    const std::string bias = constant<std::int32_t>("bias_quantized", per_output, q.bias);
    const std::string bias_zeros = constant<std::int32_t>("bias_zero_point", per_output,
                                                          std::vector<std::int32_t>(q.bias.size()));
    return {dequantized("weight", weight, q.scales, weight_zeros),
            dequantized("bias", bias, bias_scales(in_scale, q.scales), bias_zeros)};
  }

  const graph::Graph& graph_;
  const std::vector<graph::Shape> shapes_;
  const bool int8_;
  std::set<std::string> names_;
  onnx::GraphProto onnx_;
  std::vector<Value> values_;          // per node of the graph
  const graph::Node* node_ = nullptr;  // the one being written
  bool flat_ = false;                  // its output
};

}  // namespace

std::string to_onnx(const Model& model) {
  graph::validate(model.graph);
  onnx::ModelProto onnx;
  const OnnxVersion version = onnx_version_for(model.graph);
  onnx.set_ir_version(version.ir);
  onnx.set_producer_name(kProducer);
  onnx::OperatorSetIdProto& opset = *onnx.add_opset_import();
  opset.set_domain("");
  opset.set_version(version.opset);
  *onnx.mutable_graph() = Writer(model.graph).write();

  std::map<std::string, std::string> metadata = model.metadata;
  metadata.erase(kRangesKey);
  metadata.erase(kGridsKey);
  if (const auto ranges = ranges_to_json(model.graph)) metadata[kRangesKey] = *ranges;
  if (!graph::is_int8(model.graph)) {
    if (const auto grids = grids_to_json(model.graph)) metadata[kGridsKey] = *grids;
  }
  for (const auto& [key, value] : metadata) {
    onnx::StringStringEntryProto& entry = *onnx.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  if (onnx.ByteSizeLong() > kMaxModelBytes) {
    fail(ErrorCode::unsupported,
         "graph '{}': its ONNX model has {} bytes, at most {} are supported", model.graph.name,
         onnx.ByteSizeLong(), kMaxModelBytes);
  }
  return onnx.SerializeAsString();
}

}  // namespace edgeproof::formats
