// Functions of single values, operations of two, and joins. Test: see onnx_reader.h.

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {
namespace {

using graph::Activation;
using graph::Elementwise;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

// A Relu without a name is the activation of the layer before it; in an int8 graph every one is.
void Reader::read_relu(const onnx::NodeProto& node) {
  Attributes(node, where_).no_others();
  const Value input = take_any(node);
  graph::Node& before = graph_.nodes[input.node];
  Activation* activation = graph::activation_of(before.op);
  const bool is_int8 = !before.inputs.empty() &&
                       graph_.nodes[static_cast<std::size_t>(before.inputs[0])].quantization;
  const bool fused = activation != nullptr && *activation == Activation::none &&
                     !before.quantization && !is_shared(input.node) &&
                     (node.name().empty() || is_int8);
  if (fused) {
    *activation = Activation::relu;
    put(node, input);
  } else if (before.quantization) {
    append(node, Elementwise{.low = 0, .high = kInfinity}, input);
  } else {
    append(node, graph::Relu{}, input);
  }
}

// The bounds are attributes before opset 11, and inputs since.
void Reader::read_clip(const onnx::NodeProto& node) {
  const Value input = take(node);
  Attributes attributes(node, where_);
  Elementwise clip{.low = attributes.real("min", -kInfinity),
                   .high = attributes.real("max", kInfinity)};
  attributes.no_others();
  for (const int i : {1, 2}) {
    if (!has_input(node, i)) continue;
    const auto bound = constants_.reals(node.input(i), where_);
    if (bound.size() != 1) fail(ErrorCode::bad_input, "{}: bound {} is no number", where_, i);
    (i == 1 ? clip.low : clip.high) = bound[0];
  }
  append(node, clip, input);
}

void Reader::read_function(const onnx::NodeProto& node) {
  using enum Elementwise::Function;
  const Value input = take(node);
  Attributes attributes(node, where_);
  const std::string& op = node.op_type();
  Elementwise function{.function = op == "LeakyRelu"   ? leaky_relu
                                   : op == "HardSwish" ? hard_swish
                                   : op == "Sigmoid"   ? sigmoid
                                   : op == "Elu"       ? elu
                                                       : tanh};
  if (function.function == leaky_relu) function.slope = attributes.real("alpha", 0.01F);
  if (function.function == elu) function.alpha = attributes.real("alpha", 1);
  attributes.no_others();
  append(node, function, input);
}

// clip(alpha * x + beta, 0, 1)
void Reader::read_hard_sigmoid(const onnx::NodeProto& node) {
  const Value input = take(node);
  Attributes attributes(node, where_);
  const float alpha = attributes.real("alpha", 0.2F), beta = attributes.real("beta", 0.5F);
  attributes.no_others();
  if (quantization_of(input)) {
    fail(ErrorCode::unsupported, "{}: is not supported in int8 models", where_);
  }
  const auto channels = static_cast<std::size_t>(shape_of(input).channels);
  const Value line = affine(name_of(node) + "_line", input, std::vector<float>(channels, alpha),
                            std::vector<float>(channels, beta));
  append(node, Elementwise{.low = 0, .high = 1}, line);
}

// scale * (x - offset): what scikit-learn's converters make of a StandardScaler.
void Reader::read_scaler(const onnx::NodeProto& node) {
  const Value input = take(node);
  const auto channels = static_cast<std::size_t>(shape_of(input).channels);
  const auto last = static_cast<int>(input.axes.size()) - 1;
  Attributes attributes(node, where_);
  std::vector<float> scale = attributes.reals("scale"), shift = attributes.reals("offset");
  attributes.no_others();
  for (std::vector<float>* values : {&scale, &shift}) {
    if (values->size() == 1) values->resize(channels, values->front());
    if (values->size() != channels || channels_axis(input.axes, shape_of(input)) != last) {
      fail(ErrorCode::unsupported, "{}: {} values for an input that is {} for us, of {} channels",
           where_, values->size(), described(input.axes), channels);
    }
  }
  for (std::size_t c = 0; c < channels; ++c) shift[c] *= -scale[c];
  put(node, affine(name_of(node), input, scale, shift));
}

// One number per channel, from a constant that broadcasts over `value`.
std::vector<float> Reader::per_channel(const std::string& name, const Value& value) {
  const std::vector<int> dims = constants_.dims(name, where_);
  std::vector<float> values = constants_.reals(name, where_);
  const auto channels = static_cast<std::size_t>(shape_of(value).channels);
  if (values.size() == 1) return std::vector<float>(channels, values[0]);
  const int wanted = channels_axis(value.axes, shape_of(value));
  const auto first = static_cast<int>(value.axes.size()) - static_cast<int>(dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] > 1 && (first + static_cast<int>(d) != wanted || values.size() != channels)) {
      fail(ErrorCode::unsupported,
           "{}: constant '{}' does not have one value, or one for each channel of {}", where_, name,
           described(value.axes));
    }
  }
  return values;
}

// Whether a layer made `value` that may still change.
bool Reader::is_open(const Value& value) {
  graph::Node& before = graph_.nodes[value.node];
  return graph::weights_of(before.op) != nullptr && !before.quantization && !value.quantized &&
         !is_shared(value.node) && *graph::activation_of(before.op) == Activation::none;
}

// scale[c] * x + shift[c] into the weights of an FP32 layer.
bool Reader::fuse_affine(const Value& value, const std::vector<float>& scale,
                         const std::vector<float>& shift) {
  if (!is_open(value)) return false;
  auto* w = std::get_if<graph::FloatWeights>(graph::weights_of(graph_.nodes[value.node].op));
  if (w == nullptr || w->bias.size() != scale.size()) return false;
  const std::size_t row = w->values.size() / w->bias.size();
  for (std::size_t c = 0; c < scale.size(); ++c) {
    for (std::size_t i = c * row; i < (c + 1) * row; ++i) w->values[i] *= scale[c];
    w->bias[c] = static_cast<float>(double{w->bias[c]} * scale[c] + shift[c]);
  }
  return true;
}

// A shift into the bias of an int8 layer.
bool Reader::fuse_bias(const Value& value, const std::vector<float>& shift) {
  if (!is_open(value)) return false;
  graph::Node& before = graph_.nodes[value.node];
  auto* q = std::get_if<graph::Int8Weights>(graph::weights_of(before.op));
  const auto& in = graph_.nodes[static_cast<std::size_t>(before.inputs[0])].quantization;
  if (q == nullptr || !in || q->scales.size() != shift.size() || q->bias.size() != shift.size()) {
    return false;
  }
  for (std::size_t c = 0; c < shift.size(); ++c) {
    const double sum = q->bias[c] + std::round(shift[c] / (double{in->scale} * q->scales[c]));
    if (!(std::abs(sum) < std::numeric_limits<std::int32_t>::max())) return false;
    q->bias[c] = static_cast<std::int32_t>(sum);
  }
  return true;
}

void Reader::read_with_constant(const onnx::NodeProto& node, int constant) {
  const std::string& op = node.op_type();
  const Value value = take(node, 1 - constant);
  std::vector<float> numbers = per_channel(node.input(constant), value);
  if (op == "Div" && constant == 0) {
    fail(ErrorCode::unsupported, "{}: divides a constant by an activation", where_);
  }
  const bool is_sum = op == "Add" || op == "Sub";
  const bool is_negated = op == "Sub" && constant == 0;
  std::vector<float> scale(numbers.size(), is_negated ? -1.F : 1.F), shift(numbers.size(), 0);
  for (std::size_t c = 0; c < numbers.size(); ++c) {
    if (is_sum) {
      shift[c] = op == "Sub" && constant == 1 ? -numbers[c] : numbers[c];
    } else {
      scale[c] = op == "Div" ? 1 / numbers[c] : numbers[c];
    }
  }
  if (fuse_affine(value, scale, shift)) return put(node, value);
  if (is_sum && !is_negated && fuse_bias(value, shift)) return put(node, value);
  put(node, affine(name_of(node), value, scale, shift));
}

// Add, Sub, Mul and Div.
void Reader::read_binary(const onnx::NodeProto& node) {
  Attributes(node, where_).no_others();
  const std::string& op = node.op_type();
  for (const int i : {0, 1}) {
    if (constants_.contains(input_name(node, i, where_))) return read_with_constant(node, i);
  }
  Value a = take(node, 0), b = take(node, 1);
  if (op == "Div") fail(ErrorCode::unsupported, "{}: of two activations", where_);
  // The larger one first; a unit broadcasts.
  if (shape_of(a).size() < shape_of(b).size() && op != "Sub") std::swap(a, b);
  const std::size_t more = a.axes.size() - std::min(a.axes.size(), b.axes.size());
  Axes axes(more, Axis::unit);
  axes.insert(axes.end(), b.axes.begin(), b.axes.end());
  if (more > 0) std::swap(axes.front(), axes[more]);  // the batch
  bool aligned =
      axes.size() == a.axes.size() && (more == 0 || a.axes.size() == b.axes.size() + more);
  for (std::size_t d = 0; aligned && d < axes.size(); ++d) {
    aligned = axes[d] == a.axes[d] || axes[d] == Axis::unit;
  }
  if (!aligned || (more > 0 && b.axes.size() > 1)) {
    fail(ErrorCode::unsupported, "{}: inputs {} and {} do not have the same dimensions", where_,
         described(a.axes), described(b.axes));
  }
  if (op == "Sub") {
    const auto channels = static_cast<std::size_t>(shape_of(b).channels);
    if (quantization_of(b)) {
      fail(ErrorCode::unsupported, "{}: is not supported in int8 models", where_);
    }
    b = affine(name_of(node) + "_negated", b, std::vector<float>(channels, -1),
               std::vector<float>(channels, 0));
  }
  const graph::Op sum = op == "Mul" ? graph::Op{graph::Mul{}} : graph::Op{graph::Add{}};
  Value result = a;
  result.node = append(name_of(node), sum, {static_cast<int>(a.node), static_cast<int>(b.node)});
  put(node, result);
}

// Of channels.
void Reader::read_concat(const onnx::NodeProto& node) {
  Attributes attributes(node, where_);
  const int axis = attributes.integer("axis", 1);
  attributes.no_others();
  const std::optional<graph::Quantization> q = quantization_after(node);
  std::vector<int> inputs;
  Value result;
  bool same = true;
  for (int i = 0; i < node.input_size(); ++i) {
    Value value = take_any(node, i);
    const auto rank = static_cast<int>(value.axes.size());
    if (channels_axis(value.axes, shape_of(value)) != (axis < 0 ? axis + rank : axis)) {
      fail(ErrorCode::unsupported, "{}: axis {} of input {}, {}, are not the channels", where_,
           axis, i, described(value.axes));
    }
    const auto& own = quantization_of(value);
    if (q && own && own != q)
      value = requantized(fmt::format("{}_input{}", name_of(node), i), value, *q);
    inputs.push_back(static_cast<int>(value.node));
    if (i == 0) result = value;
    same &=
        quantization_of(value) == quantization_of(result) && value.quantized == result.quantized;
  }
  if (!same) fail(ErrorCode::unsupported, "{}: inputs are quantized differently", where_);
  const std::optional<graph::Quantization> common =
      inputs.empty() ? std::nullopt : quantization_of(result);
  result.axes.resize(std::max<std::size_t>(result.axes.size(), 2));
  result.axes[static_cast<std::size_t>(axis < 0 ? axis + std::ssize(result.axes) : axis)] =
      Axis::channels;
  result.node = append(name_of(node), graph::Concat{}, inputs);
  graph_.nodes.back().quantization = common;
  put(node, result);
}

}  // namespace edgeproof::formats
