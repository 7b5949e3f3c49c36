// Test: see onnx_reader.h.

#include "formats/onnx_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "graph/shapes.h"

namespace edgeproof::formats {

using graph::Quantization;

Reader::Reader(const onnx::GraphProto& graph, const Axes& input, const std::string& source)
    : onnx_(graph), input_axes_(input), source_(source), where_(source), constants_(graph, source) {
  for (const onnx::NodeProto& node : graph.node()) {
    for (const std::string& name : node.input()) {
      ++uses_[name];
      readers_[name] = &node;
    }
  }
  for (const onnx::ValueInfoProto& output : graph.output()) {
    ++uses_[output.name()];
    readers_.erase(output.name());
  }
}

graph::Graph Reader::read() {
  graph_.name = onnx_.name();
  read_input();
  for (const onnx::NodeProto& node : onnx_.node()) {
    where_ = fmt::format("{}: node '{}' ({})", source_, name_of(node), node.op_type());
    if (!fold_integers(node)) (this->*handler(node))(node);
    ++nodes_read_;
  }
  where_ = source_;
  read_output();
  return std::move(graph_);
}

Reader::Handler Reader::handler(const onnx::NodeProto& node) const {
  const bool is_standard = node.domain().empty() || node.domain() == "ai.onnx";
  const auto found =
      handlers().find(is_standard ? node.op_type() : node.domain() + "." + node.op_type());
  if (found == handlers().end()) {
    std::vector<std::string> known;
    for (const auto& [op, unused] : handlers()) known.push_back(op);
    fail(ErrorCode::unsupported, "{}: unsupported op '{}' in node '{}'; supported: {}", source_,
         is_standard ? node.op_type() : node.domain() + "." + node.op_type(), name_of(node),
         join(known, ", "));
  }
  return found->second;
}

std::string Reader::name_of(const onnx::NodeProto& node) {
  if (!node.name().empty() || node.output_size() == 0) return node.name();
  return node.output(0);
}

// The name, or if a node has it already a new one.
std::string Reader::fresh(const std::string& wanted) {
  std::string name = wanted.empty() ? "node" : wanted;
  while (names_[name]++ > 0) name += fmt::format("_{}", names_[name]);
  return name;
}

// The activation that is an input of `node`.
Reader::Value Reader::take_padded(const onnx::NodeProto& node, int index) {
  const std::string& name = input_name(node, index, where_);
  const auto found = values_.find(name);
  if (found == values_.end()) {
    fail(ErrorCode::bad_input, "{}: input '{}' is not made before it", where_, name);
  }
  return found->second;
}

// With its zeros in the graph.
Reader::Value Reader::padded(const std::string& name, const Value& value) {
  if (value.pad_left + value.pad_right == 0) return value;
  const auto channels = static_cast<std::size_t>(shape_of(value).channels);
  return affine(name, value, std::vector<float>(channels, 1), std::vector<float>(channels, 0),
                value.pad_left, value.pad_right);
}

Reader::Value Reader::take_any(const onnx::NodeProto& node, int index) {
  return padded(name_of(node) + "_pad", take_padded(node, index));
}

Reader::Value Reader::take(const onnx::NodeProto& node, int index) {
  const Value value = take_any(node, index);
  if (value.quantized) {
    fail(ErrorCode::unsupported, "{}: input '{}' is quantized, expected a real one", where_,
         node.input(index));
  }
  return value;
}

// The dimension of positions of [batch, channels, length], with or without one more unit.
int Reader::spatial_axis(const Value& value, const std::vector<int>& kernel) const {
  const auto rank = static_cast<int>(value.axes.size());
  const graph::Shape shape = shape_of(value);
  const bool is_sequence = (rank == 3 || rank == 4) && channels_axis(value.axes, shape) == 1;
  int axis = is_sequence ? length_axis(value.axes, shape) : -1;
  // One position may be in either dimension; the one with a kernel decides.
  if (shape.length == 1 && rank == 4 && kernel.size() == 2) axis = kernel[0] > 1 ? 2 : 3;
  if (axis < 2) {
    fail(ErrorCode::unsupported, "{}: its input is {} for us, expected [batch, channels, length]",
         where_, described(value.axes));
  }
  return axis;
}

void Reader::note_uses(const std::string& name, std::size_t node) {
  const auto uses = uses_.find(name);
  if (uses != uses_.end() && uses->second > 1) shared_.insert(node);
}

// `value` gets the name of the node's output.
void Reader::put(const onnx::NodeProto& node, Value value) {
  for (int i = 1; i < node.output_size(); ++i) {
    if (uses_.contains(node.output(i))) {
      fail(ErrorCode::unsupported, "{}: output {} is used, expected only the first", where_, i);
    }
  }
  if (node.output_size() < 1 || node.output(0).empty()) {
    fail(ErrorCode::unsupported, "{}: no output, expected one", where_);
  }
  value.axes = named(std::move(value.axes), shape_of(value));
  note_uses(node.output(0), value.node);
  if (constants_.contains(node.output(0)) || !values_.emplace(node.output(0), value).second) {
    fail(ErrorCode::bad_input, "{}: output '{}' is there already", where_, node.output(0));
  }
}

std::size_t Reader::append(const std::string& name, graph::Op op, std::vector<int> inputs) {
  graph_.nodes.push_back({fresh(name), std::move(op), std::move(inputs), std::nullopt});
  try {
    shapes_.push_back(graph::infer_shape(graph_, graph_.nodes.size() - 1, shapes_));
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", source_, error.what());
  }
  return graph_.nodes.size() - 1;
}

void Reader::append(const onnx::NodeProto& node, graph::Op op, const Value& input) {
  const bool keeps = graph::keeps_quantization(op);
  // A function that was left real between quantized values still has its known range.
  const bool is_left = quantization_of(input) && !quantization_after(node);
  const auto fixed = is_left ? graph::fixed_quantization(op) : std::nullopt;
  Value value = input;
  value.node = append(name_of(node), std::move(op), {static_cast<int>(input.node)});
  if (keeps) graph_.nodes.back().quantization = quantization_of(input);
  if (fixed) graph_.nodes.back().quantization = fixed;
  put(node, std::move(value));
}

// A depthwise convolution with a kernel of one.
Reader::Value Reader::affine(const std::string& name, const Value& value,
                             const std::vector<float>& scale, const std::vector<float>& shift,
                             int pad_left, int pad_right) {
  const auto channels = static_cast<int>(scale.size());
  graph::Conv1d conv{.out_channels = channels,
                     .pad_left = pad_left,
                     .pad_right = pad_right,
                     .groups = channels,
                     .weights = graph::FloatWeights{scale, shift}};
  if (const auto& in = quantization_of(value)) {
    graph::Int8Weights q;
    for (std::size_t c = 0; c < scale.size(); ++c) {
      const float step = scale[c] == 0 ? 1 : std::abs(scale[c]) / 127;
      const double bias = std::round(double{shift[c]} / (double{in->scale} * step));
      if (!(std::abs(bias) < std::numeric_limits<std::int32_t>::max())) {
        fail(ErrorCode::bad_input, "{}: the constant {} is too large for its input's scale {}",
             where_, shift[c], in->scale);
      }
      q.scales.push_back(step);
      q.values.push_back(static_cast<std::int8_t>(scale[c] == 0 ? 0 : scale[c] > 0 ? 127 : -127));
      q.bias.push_back(static_cast<std::int32_t>(bias));
    }
    conv.weights = std::move(q);
  }
  Value result = value;
  result.pad_left = result.pad_right = 0;
  result.node = append(name, std::move(conv), {static_cast<int>(value.node)});
  if (pad_left + pad_right > 0) graph_.nodes.back().quantization = quantization_of(value);
  return result;
}

// The same value on another grid.
Reader::Value Reader::requantized(const std::string& name, const Value& value, Quantization q) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Value result = value;
  result.node = append(name, graph::Elementwise{.low = -kInfinity, .high = kInfinity},
                       {static_cast<int>(value.node)});
  graph_.nodes.back().quantization = q;
  return result;
}

// What a QuantizeLinear behind the node, and nobody else, makes of its output.
std::optional<Quantization> Reader::quantization_after(const onnx::NodeProto& node) {
  if (node.output_size() < 1) return std::nullopt;
  const auto reader = readers_.find(node.output(0));
  const bool found = reader != readers_.end() && uses_.at(node.output(0)) == 1 &&
                     reader->second->op_type() == "QuantizeLinear";
  return found ? std::optional(constants_.quantization(*reader->second, where_)) : std::nullopt;
}

void Reader::read_input() {
  for (const onnx::ValueInfoProto& info : onnx_.input()) {
    if (constants_.is_initializer(info.name())) continue;  // old models list their weights too
    graph::Shape shape{1, 1};
    const auto& dims = info.type().tensor_type().shape();
    for (std::size_t d = 0; d < input_axes_.size(); ++d) {
      const auto size = static_cast<int>(dims.dim(static_cast<int>(d)).dim_value());
      if (input_axes_[d] == Axis::channels) shape.channels = size;
      if (input_axes_[d] == Axis::length) shape.length = size;
    }
    note_uses(info.name(), append(info.name(), graph::Input{shape}, {}));
    values_[info.name()] = {.axes = named(input_axes_, shape)};
  }
}

const std::map<std::string, Reader::Handler>& Reader::handlers() {
  static const std::map<std::string, Handler> kHandlers = {
      {"Add", &Reader::read_binary},
      {"ArgMax", &Reader::read_arg_max},
      {"AveragePool", &Reader::read_average_pool},
      {"BatchNormalization", &Reader::read_batch_norm},
      {"Cast", &Reader::read_cast},
      {"Clip", &Reader::read_clip},
      {"Concat", &Reader::read_concat},
      {"Constant", &Reader::read_constant},
      {"Conv", &Reader::read_conv},
      {"DequantizeLinear", &Reader::read_dequantize},
      {"Div", &Reader::read_binary},
      {"Dropout", &Reader::read_identity},
      {"Elu", &Reader::read_function},
      {"Flatten", &Reader::read_flatten},
      {"Gather", &Reader::read_gather},
      {"Gemm", &Reader::read_gemm},
      {"GlobalAveragePool", &Reader::read_global_average_pool},
      {"GlobalMaxPool", &Reader::read_global_max_pool},
      {"HardSigmoid", &Reader::read_hard_sigmoid},
      {"HardSwish", &Reader::read_function},
      {"Identity", &Reader::read_identity},
      {"LeakyRelu", &Reader::read_function},
      {"LogSoftmax", &Reader::read_softmax},
      {"MatMul", &Reader::read_mat_mul},
      {"MaxPool", &Reader::read_max_pool},
      {"Mul", &Reader::read_binary},
      {"Pad", &Reader::read_pad},
      {"QuantizeLinear", &Reader::read_quantize},
      {"ReduceMax", &Reader::read_reduce},
      {"ReduceMean", &Reader::read_reduce},
      {"Relu", &Reader::read_relu},
      {"Reshape", &Reader::read_reshape},
      {"Shape", &Reader::read_shape},
      {"Sigmoid", &Reader::read_function},
      {"Slice", &Reader::read_slice},
      {"Softmax", &Reader::read_softmax},
      {"Squeeze", &Reader::read_squeeze},
      {"Sub", &Reader::read_binary},
      {"Tanh", &Reader::read_function},
      {"Transpose", &Reader::read_transpose},
      {"Unsqueeze", &Reader::read_unsqueeze},
      {"ai.onnx.ml.Scaler", &Reader::read_scaler},
  };
  return kHandlers;
}

}  // namespace edgeproof::formats
