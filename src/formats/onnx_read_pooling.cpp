// Pooling. Test: see onnx_reader.h.

#include <algorithm>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {

// The padding on the right with which windows that would end behind the padded input fit, as far as
// they start inside the input or its left padding.
int Reader::with_ceiling(Attributes& attributes, const Window& w, int length) const {
  if (attributes.integer("ceil_mode", 0) == 0 || w.stride < 1) return w.pad_right;
  const int padded = length + w.pad_left + w.pad_right;
  int outputs = (std::max(padded - w.kernel, 0) + w.stride - 1) / w.stride + 1;
  if ((outputs - 1) * std::int64_t{w.stride} >= length + w.pad_left) --outputs;
  const std::int64_t needed = (outputs - 1) * std::int64_t{w.stride} + w.kernel;
  return static_cast<int>(std::max<std::int64_t>(needed - length - w.pad_left, w.pad_right));
}

void Reader::read_max_pool(const onnx::NodeProto& node) {
  Value input = take_any(node);
  Attributes attributes(node, where_);
  const Window w = window(attributes, input, {});
  if (w.dilation != 1)
    fail(ErrorCode::unsupported, "{}: dilation is {}, not 1", where_, w.dilation);
  attributes.must_be("storage_order", 0);
  const graph::MaxPool pool{w.kernel, w.stride, w.pad_left,
                            with_ceiling(attributes, w, shape_of(input).length)};
  attributes.no_others();
  append(node, pool, input);
}

// Means that count the zeros of the padding are those of a convolution.
void Reader::read_average_pool(const onnx::NodeProto& node) {
  const Value input = take_any(node);
  Attributes attributes(node, where_);
  const Window w = window(attributes, input, {});
  if (w.dilation != 1)
    fail(ErrorCode::unsupported, "{}: dilation is {}, not 1", where_, w.dilation);
  const bool counts_zeros = attributes.integer("count_include_pad", 0) == 1;
  const int pad_right = with_ceiling(attributes, w, shape_of(input).length);
  attributes.no_others();
  if (!counts_zeros || w.pad_left + pad_right == 0) {
    return append(node, graph::AveragePool{w.kernel, w.stride, w.pad_left, pad_right}, input);
  }
  if (pad_right != w.pad_right || quantization_of(input)) {
    fail(ErrorCode::unsupported, "{}: count_include_pad is 1 with {}, expected 0 (or no padding)",
         where_, pad_right != w.pad_right ? "ceil_mode" : "quantized values");
  }
  const int channels = shape_of(input).channels;
  const auto weights = static_cast<std::size_t>(channels) * static_cast<std::size_t>(w.kernel);
  append(node,
         graph::Conv1d{
             .out_channels = channels,
             .kernel = w.kernel,
             .stride = w.stride,
             .pad_left = w.pad_left,
             .pad_right = w.pad_right,
             .groups = channels,
             .weights =
                 graph::FloatWeights{std::vector<float>(weights, 1 / static_cast<float>(w.kernel)),
                                     std::vector<float>(static_cast<std::size_t>(channels), 0)}},
         input);
}

void Reader::append_global(const onnx::NodeProto& node, const Value& input, bool is_mean,
                           Axes axes) {
  Value output = input;
  output.axes = std::move(axes);
  const int length = shape_of(input).length;
  if (is_mean) return append(node, graph::GlobalAveragePool{}, output);
  append(node, graph::MaxPool{.kernel = length, .stride = 1}, output);
}

void Reader::read_global_average_pool(const onnx::NodeProto& node) {
  const Value input = take_any(node);
  Attributes(node, where_).no_others();
  (void)spatial_axis(input);
  append_global(node, input, true, input.axes);
}

void Reader::read_global_max_pool(const onnx::NodeProto& node) {
  const Value input = take_any(node);
  Attributes(node, where_).no_others();
  (void)spatial_axis(input);
  append_global(node, input, false, input.axes);
}

// Over all positions.
void Reader::read_reduce(const onnx::NodeProto& node) {
  const Value input = take_any(node);
  Attributes attributes(node, where_);
  const bool keeps = attributes.integer("keepdims", 1) == 1;
  const std::vector<int> reduced = axes_of(node, attributes, static_cast<int>(input.axes.size()));
  attributes.must_be("noop_with_empty_axes", 0);
  attributes.no_others();
  Axes axes;
  bool over_length = shape_of(input).length == 1;
  for (std::size_t d = 0; d < input.axes.size(); ++d) {
    const Axis axis = input.axes[d];
    const bool is_reduced = std::ranges::find(reduced, static_cast<int>(d)) != reduced.end();
    if (is_reduced && axis != Axis::length && axis != Axis::unit) over_length = false;
    over_length |= is_reduced && axis == Axis::length;
    if (is_reduced && axis != Axis::length && axis != Axis::unit) {
      fail(ErrorCode::unsupported, "{}: reduces {} of {}, expected the length alone", where_, d,
           described(input.axes));
    }
    if (!is_reduced) axes.push_back(axis);
    if (is_reduced && keeps) axes.push_back(Axis::unit);
  }
  if (!over_length) {
    fail(ErrorCode::unsupported, "{}: does not reduce the length of {}", where_,
         described(input.axes));
  }
  append_global(node, input, node.op_type() == "ReduceMean", axes);
}

}  // namespace edgeproof::formats
