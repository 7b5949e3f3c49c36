// What exporters compute shapes with, on lists of integers. Test: see onnx_reader.h.

#include <algorithm>
#include <set>

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::size_t kMost = 64;  // of a list: more is no shape

bool is_integer(const onnx::TensorProto& tensor) {
  return (tensor.data_type() == onnx::TensorProto::INT64 ||
          tensor.data_type() == onnx::TensorProto::INT32) &&
         tensor.dims_size() <= 1 &&
         (tensor.dims_size() == 0 || tensor.dims(0) <= std::int64_t{kMost});
}

// Nothing where the result would depend on the batch or is none.
std::optional<Integers> combined(const std::string& op, const Integers& a, const Integers& b) {
  const std::size_t count = std::max(a.size(), b.size());
  if (a.empty() || b.empty() || (a.size() != count && a.size() != 1) ||
      (b.size() != count && b.size() != 1)) {
    return std::nullopt;
  }
  constexpr std::int64_t kLimit = 1 << 30;
  Integers result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t x = a[i % a.size()], y = b[i % b.size()];
    const bool is_neutral = y == 1 && (op == "Mul" || op == "Div");
    const bool is_small = x >= -kLimit && x <= kLimit && y >= -kLimit && y <= kLimit;
    if (!is_neutral && !is_small) return std::nullopt;
    if (op == "Div" && y == 0) return std::nullopt;
    result.push_back(op == "Add" ? x + y : op == "Sub" ? x - y : op == "Mul" ? x * y : x / y);
  }
  return result;
}

}  // namespace

// True if all inputs are such lists and the operator is one of these: its output is a constant
// then.
bool Reader::fold_integers(const onnx::NodeProto& node) {
  static const std::set<std::string> kOperators = {"Add",    "Cast",      "Concat", "Div",
                                                   "Gather", "Mul",       "Slice",  "Squeeze",
                                                   "Sub",    "Unsqueeze", "Reshape"};
  const std::string& op = node.op_type();
  if (!kOperators.contains(op) || node.output_size() != 1 || node.input_size() == 0) return false;
  std::vector<Integers> in;
  for (const std::string& name : node.input()) {
    if (!name.empty() && !constants_.is_initializer(name)) return false;
    if (!name.empty() && !is_integer(constants_.find(name, where_))) return false;
    in.push_back(name.empty() ? Integers{} : constants_.integers(name, where_));
  }
  Attributes attributes(node, where_);
  std::optional<Integers> result;
  if (op == "Cast") {
    const int to = attributes.integer("to", 0);
    if (to != onnx::TensorProto::INT64 && to != onnx::TensorProto::INT32) return false;
    result = in[0];
  } else if (op == "Squeeze" || op == "Unsqueeze" || op == "Reshape") {
    result = in[0];  // a number or a list of one
  } else if (op == "Concat") {
    result.emplace();
    for (const Integers& part : in) result->insert(result->end(), part.begin(), part.end());
  } else if (op == "Gather" && in.size() == 2) {
    result.emplace();
    for (const std::int64_t index : in[1]) {
      const std::int64_t at = index < 0 ? index + std::ssize(in[0]) : index;
      if (at < 0 || at >= std::ssize(in[0])) {
        fail(ErrorCode::bad_input, "{}: index {} of {} values", where_, index, in[0].size());
      }
      result->push_back(in[0][static_cast<std::size_t>(at)]);
    }
  } else if (op == "Slice" && in.size() >= 3 && in[1].size() == 1 && in[2].size() == 1) {
    const bool has_step = in.size() > 4 && in[4] != Integers{1};
    const auto bounded = [&](std::int64_t i) {
      const std::int64_t size = std::ssize(in[0]);
      return std::clamp<std::int64_t>(i < 0 ? i + size : i, 0, size);
    };
    const std::int64_t first = bounded(in[1][0]), end = std::max(bounded(in[2][0]), first);
    if (!has_step) result = Integers(in[0].begin() + first, in[0].begin() + end);
  } else if (in.size() == 2) {
    result = combined(op, in[0], in[1]);
  }
  if (!result || result->size() > kMost) {
    fail(ErrorCode::unsupported, "{}: computes a shape in a way that is not supported", where_);
  }
  constants_.add(node.output(0), *result, where_);
  return true;
}

}  // namespace edgeproof::formats
