#include "graph/shapes.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "core/error.h"
#include "graph/traits.h"

namespace edgeproof::graph {
namespace {

constexpr int kMaxDimension = 1 << 20;  // keeps every product of two within 64 bits

// Formats the message only if `ok` is false: weights are checked one by one.
template <typename... Args>
void expect(bool ok, const Node& node, fmt::format_string<Args...> what, Args&&... args) {
  if (ok) return;
  fail(ErrorCode::bad_input, "node '{}' ({}): {}", node.name, op_name(node.op),
       fmt::format(what, std::forward<Args>(args)...));
}

void expect_count(const Node& node, std::string_view what, std::size_t found,
                  std::int64_t expected) {
  if (static_cast<std::int64_t>(found) != expected) {
    fail(ErrorCode::bad_input, "node '{}' ({}): {} {} values, expected {}", node.name,
         op_name(node.op), what, found, expected);
  }
}

struct OutputShape {
  const Node& node;
  const std::vector<Shape>& inputs;
  Shape in;  // the first of them

  void positive(int value, std::string_view what) const {
    if (value < 1 || value > kMaxDimension) {
      fail(ErrorCode::bad_input, "node '{}' ({}): {} is {}, expected 1 to {}", node.name,
           op_name(node.op), what, value, kMaxDimension);
    }
  }

  Shape operator()(const Input& input) const {
    positive(input.shape.length, "length");
    positive(input.shape.channels, "channels");
    return input.shape;
  }
  Shape operator()(const Conv1d& c) const {
    positive(c.out_channels, "out_channels");
    positive(c.kernel, "kernel");
    positive(c.stride, "stride");
    positive(c.dilation, "dilation");
    positive(c.groups, "groups");
    expect(c.pad_left >= 0 && c.pad_right >= 0 && c.pad_left < kMaxDimension &&
               c.pad_right < kMaxDimension,
           node, "padding is negative or too large");
    expect(in.channels % c.groups == 0 && c.out_channels % c.groups == 0, node,
           "groups {} does not divide {} input and {} output channels", c.groups, in.channels,
           c.out_channels);
    const int length = conv_output_length(c, in.length);
    expect(length >= 1, node, "kernel {} with dilation {} is longer than the padded input {}",
           c.kernel, c.dilation, in.length + c.pad_left + c.pad_right);
    return {length, c.out_channels};
  }
  template <typename Pool>
  Shape pooled(const Pool& pool) const {
    positive(pool.kernel, "kernel");
    positive(pool.stride, "stride");
    expect(pool.pad_left >= 0 && pool.pad_right >= 0 && pool.pad_left < pool.kernel &&
               pool.pad_right < pool.kernel,
           node, "padding is negative or not smaller than the kernel");
    const int padded = in.length + pool.pad_left + pool.pad_right;
    expect(pool.kernel <= padded, node, "kernel {} is longer than the padded input {}", pool.kernel,
           padded);
    return {(padded - pool.kernel) / pool.stride + 1, in.channels};
  }
  Shape operator()(const MaxPool& pool) const { return pooled(pool); }
  Shape operator()(const AveragePool& pool) const { return pooled(pool); }
  Shape operator()(const GlobalAveragePool&) const { return {1, in.channels}; }
  Shape operator()(const Dense& dense) const {
    positive(dense.out_features, "out_features");
    return {1, dense.out_features};
  }
  Shape operator()(const Add&) const {
    for (const Shape& other : inputs) {
      expect(other == in, node, "inputs of {} x {} and {} x {}, expected one shape", in.length,
             in.channels, other.length, other.channels);
    }
    return in;
  }
  Shape operator()(const Mul&) const {
    const Shape gate = inputs.back();
    expect(gate == in || gate == Shape{1, in.channels}, node,
           "inputs of {} x {} and {} x {}, expected one shape, or a second of 1 x {}", in.length,
           in.channels, gate.length, gate.channels, in.channels);
    return in;
  }
  template <OneOf<BatchNorm, Relu, Elementwise> Operation>
  Shape operator()(const Operation&) const {
    return in;
  }
  Shape operator()(const Concat&) const {
    std::int64_t channels = 0;
    for (const Shape& other : inputs) {
      expect(other.length == in.length, node, "inputs of length {} and {}, expected one length",
             in.length, other.length);
      channels += other.channels;
    }
    expect(channels <= kMaxDimension, node, "has too many channels");
    return {in.length, static_cast<int>(channels)};
  }
};

std::string described(InputCount count) {
  if (count.least == count.most) return fmt::format("{}", count.least);
  if (count.most == kAnyNumber) return fmt::format("at least {}", count.least);
  return fmt::format("{} to {}", count.least, count.most);
}

void expect_inputs(const Node& node) {
  const InputCount count = traits(node.op).inputs;
  const auto found = std::ssize(node.inputs);
  expect(found >= count.least && found <= count.most, node, "has {} inputs, expected {}", found,
         described(count));
}

void validate_structure(const Graph& graph) {
  if (graph.nodes.empty() || !std::holds_alternative<Input>(graph.nodes.front().op)) {
    fail(ErrorCode::bad_input, "graph '{}': the first node must be the input", graph.name);
  }
  std::set<std::string> names;
  std::vector<bool> used(graph.nodes.size(), false);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    expect(!node.name.empty(), node, "has no name");
    expect(names.insert(node.name).second, node, "name is used twice");
    const bool is_input = std::holds_alternative<Input>(node.op);
    expect(is_input == (i == 0), node, "only the first node may be the input");
    expect_inputs(node);
    for (const int input : node.inputs) {
      expect(input >= 0 && input < static_cast<int>(i), node, "takes a node that is not before it");
      used[static_cast<std::size_t>(input)] = true;
    }
  }
  for (std::size_t i = 0; i + 1 < graph.nodes.size(); ++i) {
    expect(used[i], graph.nodes[i], "its output is not used");
  }
}

void expect_finite(const Node& node, std::string_view what, const std::vector<float>& values) {
  for (const float value : values) {
    expect(std::isfinite(value), node, "{} holds a value that is not finite", what);
  }
}

// outputs x inputs_per_output weights, and a bias each.
void validate_weights(const Node& node, const Weights& weights, int outputs,
                      std::int64_t inputs_per_output) {
  const std::int64_t count = outputs * inputs_per_output;
  if (const auto* w = std::get_if<FloatWeights>(&weights)) {
    expect_count(node, "weight has", w->values.size(), count);
    expect_count(node, "bias has", w->bias.size(), outputs);
    expect_finite(node, "weight", w->values);
    expect_finite(node, "bias", w->bias);
    if (w->grid) {
      expect(w->grid->bits >= 2 && w->grid->bits <= 8, node, "weights are not of 2 to 8 bits");
      expect_count(node, "weight grid has", w->grid->steps.size(), outputs);
      for (const float step : w->grid->steps) {
        expect(std::isfinite(step) && step > 0, node, "a weight step is not positive and finite");
      }
    }
  } else {
    const auto& q = std::get<Int8Weights>(weights);
    expect_count(node, "weight has", q.values.size(), count);
    expect_count(node, "bias has", q.bias.size(), outputs);
    expect_count(node, "weight scale has", q.scales.size(), outputs);
    expect(q.bits == 8 || q.bits == 4 || q.bits == 2, node, "weights are not of 8, 4 or 2 bits");
    const int levels = 1 << (q.bits - 1);  // the lowest is not ours, but other writers'
    for (const std::int8_t value : q.values) {
      expect(value >= -levels && value < levels, node, "a weight is outside [{}, {}]", -levels,
             levels - 1);
    }
    for (const float scale : q.scales) {
      expect(std::isfinite(scale) && scale > 0, node, "a weight scale is not positive and finite");
    }
    // The accumulator: |bias| + 255 * 128 per tap must stay within 32 bits.
    for (const std::int32_t bias : q.bias) {
      expect(std::abs(static_cast<std::int64_t>(bias)) + inputs_per_output * 255 * 128 <=
                 std::numeric_limits<std::int32_t>::max(),
             node, "its accumulator can overflow 32 bits");
    }
  }
}

struct ValidateParameters {
  const Node& node;
  Shape in;

  void operator()(const Conv1d& conv) const {
    validate_weights(node, conv.weights, conv.out_channels,
                     std::int64_t{conv.kernel} * (in.channels / conv.groups));
  }
  void operator()(const Dense& dense) const {
    validate_weights(node, dense.weights, dense.out_features, in.size());
  }
  void operator()(const BatchNorm& bn) const {
    for (const auto* values : {&bn.gamma, &bn.beta, &bn.mean, &bn.variance}) {
      expect_count(node, "parameter has", values->size(), in.channels);
      expect_finite(node, "parameter", *values);
    }
    expect(bn.epsilon > 0, node, "epsilon is not positive");
    for (const float variance : bn.variance) expect(variance >= 0, node, "variance is negative");
  }
  void operator()(const Elementwise& elementwise) const {
    // Written so that NaN fails.
    expect(elementwise.low <= elementwise.high, node, "clips to an empty range");
    expect(std::isfinite(elementwise.slope), node, "slope is not finite");
    expect(std::isfinite(elementwise.alpha), node, "alpha is not finite");
  }
  // Their parameters decide their shapes, and have been checked there.
  template <OneOf<Input, Relu, MaxPool, AveragePool, GlobalAveragePool, Add, Mul, Concat> Operation>
  void operator()(const Operation&) const {}
};

void validate_int8(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    const Weights* weights = weights_of(node.op);
    expect(weights == nullptr || std::holds_alternative<Int8Weights>(*weights), node,
           "has float weights in an int8 graph");
    expect(!traits(node.op).folds, node, "must be folded before quantization");
  }
  for (const Node& node : graph.nodes) {
    expect(node.quantization.has_value(), node, "its output has no quantization");
    const Quantization q = *node.quantization;
    expect(std::isfinite(q.scale) && q.scale > 0, node, "scale is not positive and finite");
    expect(q.bits >= 2 && q.bits <= 8, node, "has {} bits, expected 2 to 8", q.bits);
    expect(q.zero_point >= q.lowest() && q.zero_point <= q.highest(), node,
           "zero point is outside [{}, {}]", q.lowest(), q.highest());
    expect(q.bits == 8 || !std::holds_alternative<Input>(node.op), node,
           "has {} bits, expected 8: windows are quantized to int8", q.bits);
    if (!keeps_quantization(node.op)) continue;
    for (const int input : node.inputs) {
      const Node& source = graph.nodes[static_cast<std::size_t>(input)];
      expect(q == *source.quantization, node, "its quantization is not that of its input '{}'",
             source.name);
    }
  }
}

}  // namespace

int conv_output_length(const Conv1d& conv, int length) {
  const std::int64_t padded = std::int64_t{length} + conv.pad_left + conv.pad_right;
  const std::int64_t reach = std::int64_t{conv.kernel - 1} * conv.dilation + 1;
  return padded < reach ? 0 : static_cast<int>((padded - reach) / conv.stride + 1);
}

Shape infer_shape(const Graph& graph, std::size_t index, const std::vector<Shape>& shapes) {
  const Node& node = graph.nodes[index];
  std::vector<Shape> inputs;
  for (const int input : node.inputs) inputs.push_back(shapes.at(static_cast<std::size_t>(input)));
  const Shape out =
      std::visit(OutputShape{node, inputs, inputs.empty() ? Shape{} : inputs.front()}, node.op);
  expect(std::int64_t{out.length} * out.channels <= (1 << 28), node, "output is too large");
  return out;
}

std::vector<Shape> infer_shapes(const Graph& graph) {
  std::vector<Shape> shapes;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    shapes.push_back(infer_shape(graph, n, shapes));
  return shapes;
}

void validate(const Graph& graph) {
  validate_structure(graph);
  const std::vector<Shape> shapes = infer_shapes(graph);
  for (const Node& node : graph.nodes) {
    if (!node.inputs.empty()) {
      const Shape in = shapes[static_cast<std::size_t>(node.inputs[0])];
      std::visit(ValidateParameters{node, in}, node.op);
    }
  }
  if (is_int8(graph)) validate_int8(graph);
}

}  // namespace edgeproof::graph
