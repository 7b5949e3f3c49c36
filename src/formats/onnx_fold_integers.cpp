// What exporters compute shapes and pads with, on lists (and tables) of integers. Test: see
// onnx_reader.h.

#include <algorithm>
#include <numeric>
#include <set>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {
namespace {

constexpr std::int64_t kMost = 64;  // values: more is no shape

struct Integers {
  std::vector<std::int64_t> values;
  std::vector<std::int64_t> dims;  // none for a number

  static Integers list(std::vector<std::int64_t> values) {
    const std::int64_t size = std::ssize(values);
    return {std::move(values), {size}};
  }
  // How many values an index of the first dimension has.
  std::int64_t row() const {
    return dims.empty() || dims[0] == 0 ? 1 : std::ssize(values) / dims[0];
  }
};

bool is_integer(const onnx::TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t dim : tensor.dims()) count *= std::clamp<std::int64_t>(dim, 1, kMost + 1);
  return (tensor.data_type() == onnx::TensorProto::INT64 ||
          tensor.data_type() == onnx::TensorProto::INT32) &&
         tensor.dims_size() <= 2 && count <= kMost;
}

// Nothing where the result would depend on the batch or is none.
std::optional<Integers> combined(const std::string& op, const Integers& a, const Integers& b) {
  const std::size_t count = std::max(a.values.size(), b.values.size());
  const auto fits = [count](const Integers& x) {
    return x.dims.size() <= 1 && (x.values.size() == count || x.values.size() == 1);
  };
  if (!fits(a) || !fits(b)) return std::nullopt;
  constexpr std::int64_t kLimit = 1 << 30;
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t x = a.values[i % a.values.size()], y = b.values[i % b.values.size()];
    const bool is_neutral = y == 1 && (op == "Mul" || op == "Div");
    const bool is_small = x >= -kLimit && x <= kLimit && y >= -kLimit && y <= kLimit;
    if ((!is_neutral && !is_small) || (op == "Div" && y == 0)) return std::nullopt;
    result.push_back(op == "Add" ? x + y : op == "Sub" ? x - y : op == "Mul" ? x * y : x / y);
  }
  return Integers{result, a.dims.size() >= b.dims.size() ? a.dims : b.dims};
}

std::optional<Integers> gathered(const Integers& data, const Integers& indices) {
  std::vector<std::int64_t> result;
  for (const std::int64_t index : indices.values) {
    const std::int64_t at = index < 0 ? index + std::ssize(data.values) : index;
    if (data.dims.size() > 1 || at < 0 || at >= std::ssize(data.values)) return std::nullopt;
    result.push_back(data.values[static_cast<std::size_t>(at)]);
  }
  return Integers{result, indices.dims};
}

// Of the first dimension: data, starts, ends, axes, steps of one value each.
std::optional<Integers> sliced(const std::vector<Integers>& in) {
  for (std::size_t i = 1; i < in.size(); ++i) {
    if (in[i].values.size() != 1) return std::nullopt;
  }
  const Integers& data = in[0];
  if (in.size() < 3 || data.dims.empty() || (in.size() > 3 && in[3].values[0] != 0)) {
    return std::nullopt;
  }
  const std::int64_t size = data.dims[0], step = in.size() > 4 ? in[4].values[0] : 1;
  if (step != 1 && step != -1) return std::nullopt;
  const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
  const auto bounded = [&](std::int64_t i) {
    return std::clamp(i < 0 ? std::max<std::int64_t>(i, -size - 1) + size : i, low, high);
  };
  const std::int64_t end = bounded(in[2].values[0]), row = data.row();
  Integers result{{}, data.dims};
  result.dims[0] = 0;
  for (std::int64_t i = bounded(in[1].values[0]); step > 0 ? i < end : i > end; i += step) {
    const auto first = data.values.begin() + i * row;
    result.values.insert(result.values.end(), first, first + row);
    ++result.dims[0];
  }
  return result;
}

std::optional<Integers> reshaped(const Integers& data, const Integers& shape) {
  Integers result{data.values, shape.values};
  std::int64_t known = 1;
  for (const std::int64_t dim : shape.values) {
    if (dim < -1 || dim > kMost) return std::nullopt;
    known *= dim > 0 ? dim : 1;
  }
  for (std::int64_t& dim : result.dims) {
    if (dim == -1) dim = std::ssize(data.values) / known;
  }
  std::int64_t count = 1;
  for (const std::int64_t dim : result.dims) count *= dim;
  return count == std::ssize(data.values) && shape.values.size() <= 2 ? std::optional(result)
                                                                      : std::nullopt;
}

std::optional<Integers> transposed(const Integers& data) {
  if (data.dims.size() != 2) return std::nullopt;
  Integers result{{}, {data.dims[1], data.dims[0]}};
  for (std::int64_t column = 0; column < data.dims[1]; ++column) {
    for (std::int64_t row = 0; row < data.dims[0]; ++row) {
      result.values.push_back(data.values[static_cast<std::size_t>(row * data.dims[1] + column)]);
    }
  }
  return result;
}

std::optional<Integers> joined(const std::vector<Integers>& parts) {
  std::vector<std::int64_t> all;
  for (const Integers& part : parts) {
    if (part.dims.size() != 1) return std::nullopt;
    all.insert(all.end(), part.values.begin(), part.values.end());
  }
  return Integers::list(all);
}

std::optional<Integers> filled(const onnx::NodeProto& node, const Integers& shape,
                               const std::string& where) {
  const bool is_list = shape.values.size() == 1 && shape.values[0] >= 0 && shape.values[0] <= kMost;
  if (!is_list || node.attribute_size() != 1) return std::nullopt;
  const onnx::TensorProto& value = node.attribute(0).t();
  if (value.data_type() != onnx::TensorProto::INT64) return std::nullopt;
  const auto values = values_of<std::int64_t>(value, where);
  if (values.size() != 1) return std::nullopt;
  return Integers::list(
      std::vector<std::int64_t>(static_cast<std::size_t>(shape.values[0]), values[0]));
}

}  // namespace

// True if all inputs are such lists and the operator is one of these: its output is a constant
// then.
bool Reader::fold_integers(const onnx::NodeProto& node) {
  static const std::set<std::string> kOperators = {
      "Add",     "Cast",  "Concat", "ConstantOfShape", "Div", "Gather",    "Mul",
      "Reshape", "Shape", "Slice",  "Squeeze",         "Sub", "Transpose", "Unsqueeze"};
  const std::string& op = node.op_type();
  if (!kOperators.contains(op) || node.output_size() != 1 || node.input_size() == 0) return false;
  std::vector<Integers> in;
  for (const std::string& name : node.input()) {
    if (!constants_.is_initializer(name)) return false;
    const onnx::TensorProto& tensor = constants_.find(name, where_);
    if (!is_integer(tensor)) return false;
    in.push_back({constants_.integers(name, where_), {tensor.dims().begin(), tensor.dims().end()}});
  }
  Attributes attributes(node, where_);
  std::optional<Integers> result;
  if (op == "Cast") {
    const int to = attributes.integer("to", 0);
    if (to != onnx::TensorProto::INT64 && to != onnx::TensorProto::INT32) return false;
    result = in[0];
  } else if (op == "Squeeze") {
    if (in[0].values.size() == 1) result = Integers{in[0].values, {}};
  } else if (op == "Unsqueeze") {
    if (in[0].dims.empty()) result = Integers::list(in[0].values);
  } else if (op == "ConstantOfShape") {
    result = filled(node, in[0], where_);
  } else if (op == "Shape") {
    attributes.no_others();
    result = Integers::list(in[0].dims);
  } else if (op == "Transpose") {
    result = transposed(in[0]);
  } else if (op == "Concat") {
    result = joined(in);
  } else if (op == "Slice") {
    result = sliced(in);
  } else if (in.size() == 2) {
    result = op == "Reshape"  ? reshaped(in[0], in[1])
             : op == "Gather" ? gathered(in[0], in[1])
                              : combined(op, in[0], in[1]);
  }
  if (!result || std::ssize(result->values) > kMost) {
    fail(ErrorCode::unsupported, "{}: computes a shape in a way that is not supported", where_);
  }
  constants_.add(node.output(0), result->values, result->dims, where_);
  return true;
}

}  // namespace edgeproof::formats
