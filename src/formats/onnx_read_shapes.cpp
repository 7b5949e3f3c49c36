// Operations that move values without changing them, which vanish in our layout, and those that
// compute shapes from constants. Test: see onnx_reader.h.

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {
namespace {

template <typename T>
std::string transposed(const std::string& raw, const std::vector<int>& dims,
                       const std::vector<int>& order) {
  const auto rank = dims.size();
  std::vector<std::size_t> strides(rank, 1);
  for (std::size_t d = rank; d-- > 1;)
    strides[d - 1] = strides[d] * static_cast<std::size_t>(dims[d]);
  std::string result(raw.size(), '\0');
  std::vector<std::size_t> at(rank, 0);  // in the result
  for (std::size_t i = 0; i < raw.size() / sizeof(T); ++i) {
    std::size_t from = 0;
    for (std::size_t d = 0; d < rank; ++d)
      from += at[d] * strides[static_cast<std::size_t>(order[d])];
    std::copy_n(raw.data() + from * sizeof(T), sizeof(T), result.data() + i * sizeof(T));
    for (std::size_t d = rank; d-- > 0;) {
      if (++at[d] < static_cast<std::size_t>(dims[static_cast<std::size_t>(order[d])])) break;
      at[d] = 0;
    }
  }
  return result;
}

}  // namespace

void Reader::put_reshaped(const onnx::NodeProto& node, const Value& value,
                          const std::vector<std::int64_t>& dims) {
  const auto axes = reshaped(value.axes, shape_of(value), dims);
  if (!axes) {
    fail(
        ErrorCode::unsupported,
        "{}: reshapes {} of length {} and {} channels to something that is no sequence of channels",
        where_, described(value.axes), shape_of(value).length, shape_of(value).channels);
  }
  Value result = value;
  result.axes = *axes;
  put(node, result);
}

void Reader::read_flatten(const onnx::NodeProto& node) {
  Attributes attributes(node, where_);
  const Value value = take_any(node);
  const int axis = attributes.integer("axis", 1);
  attributes.no_others();
  const auto rank = static_cast<int>(value.axes.size());
  if (axis != 1 && axis != 1 - rank) {
    fail(ErrorCode::unsupported, "{}: attribute 'axis' is {}, only 1 is supported", where_, axis);
  }
  put_reshaped(node, value, {kBatch, -1});
}

void Reader::read_reshape(const onnx::NodeProto& node) {
  Attributes attributes(node, where_);
  const bool allows_zero = attributes.integer("allowzero", 0) != 0;
  const std::string& shape = input_name(node, 1, where_);
  const std::vector<std::int64_t> dims = constants_.integers(shape, where_);
  if (allows_zero && std::ranges::find(dims, 0) != dims.end()) {
    fail(ErrorCode::bad_input, "{}: makes a dimension 0, expected values", where_);
  }
  const std::string& input = input_name(node, 0, where_);
  if (!constants_.contains(input)) {
    attributes.no_others();
    return put_reshaped(node, take_any(node), dims);
  }
  onnx::TensorProto tensor = constants_.find(input, where_);
  std::int64_t known = 1, count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= std::clamp<std::int64_t>(dim, 0, 1 << 20);
  for (const std::int64_t dim : dims) known *= dim > 0 ? std::min<std::int64_t>(dim, 1 << 20) : 1;
  tensor.clear_dims();
  for (const std::int64_t dim : dims)
    tensor.add_dims(dim == -1 ? count / std::max<std::int64_t>(known, 1) : dim);
  tensor.set_name(node.output(0));
  constants_.add(std::move(tensor), where_);
}

// From an attribute (before opset 13) or input 1; counted from the front. None: all.
std::vector<int> Reader::axes_of(const onnx::NodeProto& node, Attributes& attributes, int rank) {
  std::vector<int> axes = attributes.list("axes");
  if (has_input(node, 1)) {
    for (const std::int64_t axis : constants_.integers(node.input(1), where_)) {
      axes.push_back(static_cast<int>(std::clamp<std::int64_t>(axis, -100, 100)));
    }
  }
  for (int& axis : axes) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank) {
      fail(ErrorCode::bad_input, "{}: axis {} of {} dimensions", where_, axis, rank);
    }
  }
  if (axes.empty()) {
    axes.resize(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
  }
  return axes;
}

void Reader::read_squeeze(const onnx::NodeProto& node) {
  Value value = take_padded(node);
  Attributes attributes(node, where_);
  const bool all = !attributes.has("axes") && !has_input(node, 1);
  const std::vector<int> axes = axes_of(node, attributes, static_cast<int>(value.axes.size()));
  attributes.no_others();
  Axes kept;
  for (std::size_t d = 0; d < value.axes.size(); ++d) {
    const bool is_named = std::ranges::find(axes, static_cast<int>(d)) != axes.end();
    if (is_named && !all && value.axes[d] != Axis::unit) {
      fail(ErrorCode::unsupported, "{}: squeezes {} of {}", where_, d, described(value.axes));
    }
    if (!is_named || value.axes[d] != Axis::unit) kept.push_back(value.axes[d]);
  }
  value.axes = std::move(kept);
  put(node, value);
}

void Reader::read_unsqueeze(const onnx::NodeProto& node) {
  Value value = take_padded(node);
  Attributes attributes(node, where_);
  const auto added = attributes.has("axes")
                         ? attributes.list("axes").size()
                         : constants_.integers(input_name(node, 1, where_), where_).size();
  const auto rank = value.axes.size() + added;
  if (added < 1 || rank > 6) fail(ErrorCode::unsupported, "{}: gives {} dimensions", where_, rank);
  const std::vector<int> at = axes_of(node, attributes, static_cast<int>(rank));
  attributes.no_others();
  const std::set<int> units(at.begin(), at.end());
  if (units.size() != added || units.contains(0)) {
    fail(ErrorCode::unsupported, "{}: expected new dimensions behind the batch", where_);
  }
  Axes axes;
  std::size_t next = 0;
  for (int d = 0; d < static_cast<int>(rank); ++d) {
    axes.push_back(units.contains(d) ? Axis::unit : value.axes.at(next++));
  }
  value.axes = std::move(axes);
  put(node, value);
}

void Reader::read_transpose(const onnx::NodeProto& node) {
  Attributes attributes(node, where_);
  std::vector<int> order = attributes.list("perm");
  attributes.no_others();
  const std::string& input = input_name(node, 0, where_);
  const bool is_constant = constants_.contains(input);
  const std::size_t rank =
      is_constant ? constants_.dims(input, where_).size() : take_padded(node).axes.size();
  if (order.empty()) {
    for (std::size_t d = rank; d-- > 0;) order.push_back(static_cast<int>(d));
  }
  std::vector<int> sorted = order;
  std::ranges::sort(sorted);
  std::vector<int> all(rank);
  std::iota(all.begin(), all.end(), 0);
  if (sorted != all)
    fail(ErrorCode::bad_input, "{}: perm is no order of {} dimensions", where_, rank);
  if (is_constant) {
    const std::vector<int> dims = constants_.dims(input, where_);
    onnx::TensorProto tensor;
    tensor.set_name(node.output(0));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const int d : order) tensor.add_dims(dims[static_cast<std::size_t>(d)]);
    const std::vector<float> values = constants_.reals(input, where_);
    tensor.set_raw_data(transposed<float>(
        {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)}, dims,
        order));
    return constants_.add(std::move(tensor), where_);
  }
  Value value = take_padded(node);
  Axes axes;
  for (const int d : order) axes.push_back(value.axes[static_cast<std::size_t>(d)]);
  if (axes.empty() || axes[0] != Axis::batch) {
    fail(ErrorCode::unsupported, "{}: moves the batch to another place", where_);
  }
  value.axes = std::move(axes);
  put(node, value);
}

void Reader::read_identity(const onnx::NodeProto& node) {
  const std::string& input = input_name(node, 0, where_);
  if (!constants_.is_initializer(input)) return put(node, take_padded(node));
  onnx::TensorProto copy = constants_.find(input, where_);
  copy.set_name(node.output(0));
  constants_.add(std::move(copy), where_);
}

void Reader::read_cast(const onnx::NodeProto& node) {
  Attributes attributes(node, where_);
  const int to = attributes.integer("to", 0);
  if (to != onnx::TensorProto::FLOAT && to != onnx::TensorProto::DOUBLE) {
    fail(ErrorCode::unsupported, "{}: casts an activation to {}, expected FLOAT", where_,
         type_name(to));
  }
  put(node, take_padded(node));
}

void Reader::read_constant(const onnx::NodeProto& node) {
  if (node.attribute_size() != 1 || node.output_size() != 1) {
    fail(ErrorCode::bad_input, "{}: expected one value", where_);
  }
  const onnx::AttributeProto& value = node.attribute(0);
  onnx::TensorProto tensor;
  if (value.type() == onnx::AttributeProto::TENSOR) {
    tensor = value.t();
  } else if (value.type() == onnx::AttributeProto::INT ||
             value.type() == onnx::AttributeProto::INTS) {
    tensor.set_data_type(onnx::TensorProto::INT64);
    for (const std::int64_t i : value.ints()) tensor.add_int64_data(i);
    if (value.type() == onnx::AttributeProto::INT) {
      tensor.add_int64_data(value.i());
    } else {
      tensor.add_dims(value.ints_size());
    }
  } else if (value.type() == onnx::AttributeProto::FLOAT ||
             value.type() == onnx::AttributeProto::FLOATS) {
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    for (const float f : value.floats()) tensor.add_float_data(f);
    if (value.type() == onnx::AttributeProto::FLOAT) {
      tensor.add_float_data(value.f());
    } else {
      tensor.add_dims(value.floats_size());
    }
  } else {
    fail(ErrorCode::unsupported, "{}: attribute '{}' is no number", where_, value.name());
  }
  tensor.set_name(node.output(0));
  constants_.add(std::move(tensor), where_);
}

void Reader::read_shape(const onnx::NodeProto& node) {
  const Value value = take_padded(node);
  if (value.pad_left + value.pad_right > 0) fail(ErrorCode::unsupported, "{}: of a Pad", where_);
  if (value.axes[0] != Axis::batch) {
    fail(ErrorCode::unsupported, "{}: of {}", where_, described(value.axes));
  }
  Attributes attributes(node, where_);
  const auto rank = static_cast<int>(value.axes.size());
  const auto place = [rank](int at) { return std::clamp(at < 0 ? at + rank : at, 0, rank); };
  const int start = place(attributes.integer("start", 0));
  const int end = place(attributes.integer("end", rank));
  attributes.no_others();
  std::vector<std::int64_t> dims;
  for (int d = start; d < end; ++d) {
    dims.push_back(size_of(value.axes[static_cast<std::size_t>(d)], shape_of(value)));
  }
  constants_.add(node.output(0), dims, {std::ssize(dims)}, where_);
}

void Reader::read_gather(const onnx::NodeProto&) {
  fail(ErrorCode::unsupported, "{}: picks parts of an activation; supported of shapes only",
       where_);
}

void Reader::read_slice(const onnx::NodeProto&) {
  fail(ErrorCode::unsupported, "{}: cuts an activation; supported of shapes only", where_);
}

}  // namespace edgeproof::formats
