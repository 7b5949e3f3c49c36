// Pooling and padding. Test: see onnx_reader.h.

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
  const bool has_axes = attributes.has("axes") || has_input(node, 1);
  const bool is_noop = attributes.integer("noop_with_empty_axes", 0) != 0 && !has_axes;
  attributes.no_others();
  if (is_noop) return put(node, input);
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

// Zeros along the length wait for the operation that reads them.
void Reader::read_pad(const onnx::NodeProto& node) {
  Value value = take_padded(node);
  Attributes attributes(node, where_);
  if (const auto mode = attributes.text("mode", "constant"); mode != "constant") {
    fail(ErrorCode::unsupported, "{}: mode '{}', only 'constant' is supported", where_, mode);
  }
  const bool has_value = has_input(node, 2);
  const auto fill = has_value ? constants_.reals(node.input(2), where_)
                              : std::vector<float>{attributes.real("value", 0)};
  if (fill.size() != 1 || fill[0] != 0) {
    fail(ErrorCode::unsupported, "{}: pads with something other than 0", where_);
  }
  std::vector<std::int64_t> pads;
  for (const int pad : attributes.list("pads")) pads.push_back(pad);
  attributes.no_others();
  if (has_input(node, 1)) pads = constants_.integers(node.input(1), where_);
  const std::size_t rank = value.axes.size();
  if (pads.size() != 2 * rank || has_input(node, 3)) {
    fail(ErrorCode::unsupported, "{}: {} pads of {} dimensions", where_, pads.size(), rank);
  }
  const int length = length_axis(value.axes, shape_of(value));
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t left = pads[d], right = pads[d + rank];
    if (left == 0 && right == 0) continue;
    if (static_cast<int>(d) != length || left < 0 || right < 0 || left > (1 << 20) ||
        right > (1 << 20) || value.quantized) {
      fail(ErrorCode::unsupported, "{}: pads {} by {} and {}, expected zeros along the length",
           where_, described(value.axes), left, right);
    }
    value.pad_left += static_cast<int>(left);
    value.pad_right += static_cast<int>(right);
    if (value.pad_left > (1 << 20) || value.pad_right > (1 << 20)) {
      fail(ErrorCode::bad_input, "{}: pads by more than {}", where_, 1 << 20);
    }
  }
  // A single position is a unit, whose place is forgotten.
  put(node, shape_of(value).length == 1 ? padded(name_of(node), value) : value);
}

}  // namespace edgeproof::formats
