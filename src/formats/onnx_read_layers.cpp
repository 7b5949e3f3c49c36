// Layers with weights: a convolution may be of two dimensions if all but one dimension of its input
// and kernel are units. Test: see onnx_reader.h.

#include <algorithm>

#include "core/error.h"
#include "formats/onnx_layout.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {

// What Conv and pooling have in common, along the positions. In another spatial dimension, of one
// value, the window must be that value.
Reader::Window Reader::window(Attributes& attributes, const Value& value, std::vector<int> kernel) {
  const std::size_t spatial = value.axes.size() - 2;
  const std::vector<int> ones(spatial, 1);
  if (kernel.empty()) kernel = attributes.integers("kernel_shape", ones);
  if (kernel.size() != spatial) {
    fail(ErrorCode::unsupported, "{}: its input is {} for us, its kernel has {} dimensions", where_,
         described(value.axes), kernel.size());
  }
  const auto at = static_cast<std::size_t>(spatial_axis(value, kernel) - 2);
  attributes.must_be("kernel_shape", kernel);
  const std::vector<int> strides = attributes.integers("strides", ones);
  const std::vector<int> dilations = attributes.integers("dilations", ones);
  const std::vector<int> pads = attributes.integers("pads", std::vector<int>(2 * spatial, 0));
  for (std::size_t i = 0; i < spatial; ++i) {
    if (i != at && (kernel[i] != 1 || pads[i] != 0 || pads[i + spatial] != 0)) {
      fail(ErrorCode::unsupported,
           "{}: its kernel reaches over two dimensions, expected one (a 1-D network)", where_);
    }
  }
  Window w{kernel[at], strides[at], pads[at], pads[at + spatial], dilations[at]};
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    if (w.stride < 1) fail(ErrorCode::bad_input, "{}: stride is {}", where_, w.stride);
    const std::int64_t length = shape_of(value).length;
    const std::int64_t reach = std::int64_t{w.kernel - 1} * w.dilation + 1;
    const std::int64_t outputs = (length + w.stride - 1) / w.stride;
    const auto total =
        static_cast<int>(std::max<std::int64_t>((outputs - 1) * w.stride + reach - length, 0));
    w.pad_left = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
    w.pad_right = total - w.pad_left;
  } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    fail(ErrorCode::bad_input, "{}: auto_pad is '{}'", where_, auto_pad);
  }
  return w;
}

void Reader::read_conv(const onnx::NodeProto& node) {
  Value input = take_padded(node);
  if (input.quantized) (void)take(node);
  const std::string bias = has_input(node, 2) ? node.input(2) : "";
  auto [dims, weights] =
      constants_.layer(input_name(node, 1, where_), bias, 0, quantization_of(input), where_);
  if (dims.size() != input.axes.size() || dims.size() < 3) {
    fail(ErrorCode::unsupported, "{}: weight '{}' has {} dimensions, its input {}", where_,
         node.input(1), dims.size(), input.axes.size());
  }
  Attributes attributes(node, where_);
  const Window w = window(attributes, input, {dims.begin() + 2, dims.end()});
  graph::Conv1d conv{.out_channels = dims[0],
                     .kernel = w.kernel,
                     .stride = w.stride,
                     .pad_left = w.pad_left + input.pad_left,
                     .pad_right = w.pad_right + input.pad_right,
                     .dilation = w.dilation,
                     .groups = attributes.integer("group", 1),
                     .activation = graph::Activation::none,
                     .weights = std::move(weights)};
  attributes.no_others();
  const std::int64_t channels = std::int64_t{dims[1]} * conv.groups;
  if (channels != shape_of(input).channels) {
    fail(ErrorCode::bad_input, "{}: weight '{}' is for {} channels, its input has {}", where_,
         node.input(1), channels, shape_of(input).channels);
  }
  const auto to_channels_last = [inputs = dims[1], &w](auto& q) {
    q.values = swap_last_two(q.values, inputs, w.kernel);
  };
  std::visit(to_channels_last, conv.weights);
  const auto at = static_cast<std::size_t>(spatial_axis(input, {dims.begin() + 2, dims.end()}));
  input.axes[1] = Axis::channels;
  input.axes[at] = Axis::length;
  input.pad_left = input.pad_right = 0;
  append(node, std::move(conv), input);
}

// [batch, features] times [outputs, features]. Our dense layers read channels-last.
void Reader::append_dense(const onnx::NodeProto& node, const Value& input, LayerWeights layer) {
  const graph::Shape in = shape_of(input);
  if (layer.dims[1] != in.size()) {
    fail(ErrorCode::bad_input, "{}: its weight is for {} features, its input has {}", where_,
         layer.dims[1], in.size());
  }
  const auto convert = [in](auto& weights) {
    weights.values = swap_last_two(weights.values, in.channels, in.length);
  };
  if (input.axes.back() == Axis::channels_length) std::visit(convert, layer.weights);
  Value output = input;
  output.axes = {Axis::batch, Axis::channels};
  append(node, graph::Dense{layer.dims[0], graph::Activation::none, std::move(layer.weights)},
         output);
}

// The same layer at every position.
void Reader::append_pointwise(const onnx::NodeProto& node, Value input, LayerWeights layer) {
  const int channels = shape_of(input).channels;
  if (input.axes.back() != (channels == 1 ? Axis::unit : Axis::channels)) {
    fail(ErrorCode::unsupported, "{}: its input is {} for us, expected channels in the last place",
         where_, described(input.axes));
  }
  if (layer.dims[1] != channels) {
    fail(ErrorCode::bad_input, "{}: its weight is for {} channels, its input has {}", where_,
         layer.dims[1], channels);
  }
  input.axes.back() = Axis::channels;
  append(node, graph::Conv1d{.out_channels = layer.dims[0], .weights = std::move(layer.weights)},
         input);
}

void Reader::read_gemm(const onnx::NodeProto& node) {
  const Value input = take(node);
  if (input.axes.size() != 2) {
    fail(ErrorCode::bad_input, "{}: input '{}' has {} dimensions, expected a Flatten before",
         where_, node.input(0), input.axes.size());
  }
  Attributes attributes(node, where_);
  if (attributes.real("alpha", 1) != 1 || attributes.real("beta", 1) != 1) {
    fail(ErrorCode::unsupported, "{}: alpha or beta is not 1", where_);
  }
  const int outputs = attributes.integer("transB", 0) == 1 ? 0 : 1;
  attributes.must_be("transA", 0);
  attributes.no_others();
  const std::string& weight = input_name(node, 1, where_);
  const auto rank = constants_.dims(weight, where_).size();
  if (rank != 2) {
    fail(ErrorCode::unsupported, "{}: weight '{}' has {} dimensions, expected 2", where_, weight,
         rank);
  }
  const std::string bias = has_input(node, 2) ? node.input(2) : "";
  LayerWeights layer = constants_.layer(weight, bias, outputs, quantization_of(input), where_);
  if (input.axes[0] == Axis::batch) return append_dense(node, input, std::move(layer));
  append_pointwise(node, input, std::move(layer));
}

// Of flattened features a dense layer, of a sequence with its channels last a convolution.
void Reader::read_mat_mul(const onnx::NodeProto& node) {
  Value input = take(node);
  Attributes(node, where_).no_others();
  const std::string& weight = input_name(node, 1, where_);
  if (!constants_.contains(weight) || constants_.dims(weight, where_).size() != 2) {
    fail(ErrorCode::unsupported, "{}: input '{}' is not a constant of two dimensions", where_,
         weight);
  }
  LayerWeights layer = constants_.layer(weight, "", 1, quantization_of(input), where_);
  const bool is_flat = input.axes.size() == 2 && input.axes[0] == Axis::batch;
  if (is_flat) return append_dense(node, input, std::move(layer));
  append_pointwise(node, std::move(input), std::move(layer));
}

void Reader::read_batch_norm(const onnx::NodeProto& node) {
  const Value input = take(node);
  if (channels_axis(input.axes, shape_of(input)) != 1) {
    fail(ErrorCode::unsupported, "{}: its input is {} for us, expected [batch, channels, …]",
         where_, described(input.axes));
  }
  Attributes attributes(node, where_);
  graph::BatchNorm bn{.gamma = constants_.values<float>(input_name(node, 1, where_), where_),
                      .beta = constants_.values<float>(input_name(node, 2, where_), where_),
                      .mean = constants_.values<float>(input_name(node, 3, where_), where_),
                      .variance = constants_.values<float>(input_name(node, 4, where_), where_),
                      .epsilon = attributes.real("epsilon", 1e-5F)};
  attributes.real("momentum", 0.9F);  // of training only
  attributes.must_be("training_mode", 0);
  attributes.must_be("spatial", 1);
  attributes.no_others();
  append(node, std::move(bn), input);
}

}  // namespace edgeproof::formats
