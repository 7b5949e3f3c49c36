// Walks the nodes once. Every node leaves one tensor, [batch, 1, length, channels]. A dense layer
// is a convolution over one position that has all its input as channels: LiteRT's own
// FULLY_CONNECTED with a scale per output channel rounds in another way than its CONV_2D does
// (docs/exactness.md). Versions of operators: the first ones that know int8, dilation, groups or 4
// bits (tensorflow/lite/tools/versioning/op_version.cc). Test: tflite_test.cpp and, against LiteRT
// itself, src/cli/peers/.

#include "formats/tflite.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/error.h"
#include "formats/device.h"
#include "formats/tflite_file.h"
#include "formats/tflite_metadata.h"
#include "formats/tflite_weights.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "graph/traits.h"

namespace edgeproof::formats {
namespace {

using graph::Shape;
using tflite::Field;
using tflite::FusedActivation;
using tflite::Operator;
using tflite::Options;
using tflite::Padding;
using tflite::TensorType;

// Packed weights need the newest of what is written here.
constexpr std::string_view kMinRuntimeVersion("2.11.0\0\0\0\0\0\0\0\0\0\0", 16);

FusedActivation fused(graph::Activation activation) {
  return activation == graph::Activation::relu ? FusedActivation::relu : FusedActivation::none;
}

// Keys with their values as JSON if they are that, or else as text.
std::string as_json(const std::map<std::string, std::string>& metadata) {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [key, text] : metadata) {
    const auto value = nlohmann::json::parse(text, nullptr, false);
    object[key] = value.is_discarded() ? nlohmann::json(text) : value;
  }
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The first versions of both convolutions that have all this.
int conv_version(int bits, int groups, int dilation) {
  if (bits == 4) return 7;
  if (groups > 1) return 6;
  return bits == 8 ? 3 : dilation > 1 ? 2 : 1;
}
int depthwise_version(int bits, int dilation) {
  return bits == 4 ? 6 : bits == 8 ? 3 : dilation > 1 ? 2 : 1;
}

// Windows of `span` positions, `stride` apart, that go over a padded sequence.
struct Sliding {
  int span, stride, pad_left, pad_right;
};

class Writer {
 public:
  explicit Writer(const graph::Graph& graph)
      : graph_(graph), shapes_(graph::infer_shapes(graph)), int8_(graph::is_int8(graph)) {}

  std::string write(const std::map<std::string, std::string>& metadata) {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      node_ = &graph_.nodes[i];
      out_ = shapes_[i];
      values_.push_back(std::visit(*this, node_->op));
    }
    const Shape out = out_;
    const int output = reshaped(
        *node_, values_.back(), "output",
        out.length == 1 ? std::vector{1, out.channels} : std::vector{1, out.length, out.channels});
    file_.add_metadata("min_runtime_version", kMinRuntimeVersion);
    file_.add_metadata("edgeproof", as_json(metadata));
    const auto finished = [&] {
      return file_.finish(graph_.name, {input_, tflite::kInputName}, {output, tflite::kOutputName});
    };
    if (!metadata.contains("edgeproof.window")) return finished();
    const Deployment deployment = from_metadata(metadata, "metadata");
    expect_fits(deployment, graph_, "metadata");
    file_.add_metadata("TFLITE_METADATA", tflite::metadata_of(deployment, graph_.name));
    const std::string file = finished();
    return file + tflite::labels_archive(deployment.labels, file.size());
  }

  // One per operation: writes the current node, and returns its output tensor.
  int operator()(const graph::Input& input) {
    input_ = activation(node_->name, {1, input.shape.length, input.shape.channels});
    return reshaped(*node_, input_, "sequence", image(input.shape));
  }

  int operator()(const graph::Conv1d& conv) {
    const Shape in = input_shape();
    const int bits = tflite::bits_of(conv.weights);
    const bool depthwise = conv.groups > 1 && conv.groups == in.channels;
    const int span = (conv.kernel - 1) * conv.dilation + 1;
    const auto [input, padding] =
        padded({span, conv.stride, conv.pad_left, conv.pad_right}, Operator::pad);
    const std::vector filter =
        depthwise ? std::vector{1, 1, conv.kernel, conv.out_channels}
                  : std::vector{conv.out_channels, 1, conv.kernel, in.channels / conv.groups};
    const std::vector<int> inputs = with_weights(input, conv.weights, filter, depthwise);
    const int output = activation(node_->name, image(out_));
    if (depthwise) {
      namespace f = tflite::depthwise_conv_2d;
      file_.add_operator(Operator::depthwise_conv_2d, depthwise_version(bits, conv.dilation),
                         inputs, output, Options::depthwise_conv_2d,
                         file_.table(Field{f::padding, padding}, Field{f::stride_w, conv.stride},
                                     Field{f::stride_h, conv.stride},
                                     Field{f::depth_multiplier, conv.out_channels / in.channels},
                                     Field{f::activation, fused(conv.activation)},
                                     Field{f::dilation_w, conv.dilation}, Field{f::dilation_h, 1}));
    } else {
      add_convolution(conv_version(bits, conv.groups, conv.dilation), inputs, output, padding,
                      conv.stride, conv.dilation, conv.activation);
    }
    return output;
  }

  int operator()(const graph::Dense& dense) {
    const int features = input_shape().size();
    int input = values_[source()];
    if (input_shape().length > 1) {
      input = reshaped(graph_.nodes[source()], input, "flat", image({1, features}));
    }
    const std::vector<int> inputs =
        with_weights(input, dense.weights, {dense.out_features, 1, 1, features}, false);
    const int output = activation(node_->name, image(out_));
    add_convolution(conv_version(tflite::bits_of(dense.weights), 1, 1), inputs, output,
                    Padding::valid, 1, 1, dense.activation);
    return output;
  }

  int operator()(const graph::MaxPool& pool) {
    const auto [input, padding] =
        padded({pool.kernel, pool.stride, pool.pad_left, pool.pad_right}, Operator::pad_v2);
    return pooled(Operator::max_pool_2d, input, padding, pool.kernel, pool.stride);
  }

  int operator()(const graph::GlobalAveragePool&) {
    return pooled(Operator::average_pool_2d, values_[source()], Padding::valid,
                  input_shape().length, 1);
  }

  int operator()(const graph::AveragePool& pool) {
    const auto padding = own_padding({pool.kernel, pool.stride, pool.pad_left, pool.pad_right});
    if (!padding) {
      fail(ErrorCode::unsupported,
           "node '{}' (average_pool): padding {} and {} is neither of LiteRT's two, and what is "
           "padded before would be counted",
           node_->name, pool.pad_left, pool.pad_right);
    }
    return pooled(Operator::average_pool_2d, values_[source()], *padding, pool.kernel, pool.stride);
  }

  int operator()(const graph::Mul& mul) {
    const int output = activation(node_->name, image(out_));
    file_.add_operator(Operator::mul, int8_ ? 2 : 1, all_inputs(), output, Options::mul,
                       file_.table(Field{tflite::mul::activation, fused(mul.activation)}));
    return output;
  }

  int operator()(const graph::Elementwise& op) {
    using enum graph::Elementwise::Function;
    const int input = values_[source()], output = activation(node_->name, image(out_));
    switch (op.function) {
      case clip: {
        const Operator relu = bounded_relu(op);
        const bool versioned = relu == Operator::relu || relu == Operator::relu6;
        file_.add_operator(relu, int8_ && versioned ? 2 : 1, {input}, output);
        break;
      }
      case leaky_relu:
        file_.add_operator(Operator::leaky_relu, int8_ ? 2 : 1, {input}, output,
                           Options::leaky_relu,
                           file_.table(Field{tflite::leaky_relu::alpha, op.slope}));
        break;
      case hard_swish:
        file_.add_operator(Operator::hard_swish, 1, {input}, output, Options::hard_swish,
                           file_.table());
        break;
      case sigmoid:
        file_.add_operator(Operator::logistic, int8_ ? 2 : 1, {input}, output);
        break;
      case tanh:
        file_.add_operator(Operator::tanh, int8_ ? 2 : 1, {input}, output);
        break;
      case elu:
        if (op.alpha != 1) {
          fail(ErrorCode::unsupported, "node '{}' (elu): LiteRT has an alpha of 1; found {}",
               node_->name, op.alpha);
        }
        file_.add_operator(Operator::elu, 1, {input}, output);
        break;
    }
    return output;
  }

  int operator()(const graph::Add& add) {
    const int output = activation(node_->name, image(out_));
    file_.add_operator(Operator::add, int8_ ? 2 : 1, all_inputs(), output, Options::add,
                       file_.table(Field{tflite::add::activation, fused(add.activation)}));
    return output;
  }

  int operator()(const graph::Concat&) {
    const int output = activation(node_->name, image(out_));
    file_.add_operator(Operator::concatenation, int8_ ? 2 : 1, all_inputs(), output,
                       Options::concatenation, file_.table(Field{tflite::concatenation::axis, 3}));
    return output;
  }

  // to_tflite() has folded them.
  template <graph::Folds Operation>
  int operator()(const Operation& operation) {
    fail(ErrorCode::unsupported, "node '{}' ({}): cannot be written as .tflite", node_->name,
         graph::op_name(operation));
  }

 private:
  static std::vector<int> image(Shape shape) { return {1, 1, shape.length, shape.channels}; }

  std::size_t source(std::size_t which = 0) const {
    return static_cast<std::size_t>(node_->inputs[which]);
  }
  Shape input_shape() const { return shapes_[source()]; }

  // A tensor with the quantization of node `of`.
  int activation(const std::string& name, std::vector<int> shape, const graph::Node* of = nullptr) {
    tflite::Tensor tensor{name, int8_ ? TensorType::int8 : TensorType::float32, std::move(shape)};
    if (int8_) tensor.quantization = quantization(of == nullptr ? *node_ : *of);
    return file_.add_activation(std::move(tensor));
  }

  static tflite::Quantization quantization(const graph::Node& node) {
    return {{node.quantization->scale}, {node.quantization->zero_point}, 0};
  }

  std::string part(const graph::Node& node, const char* name) const {
    return fmt::format("{}/{}", node.name, name);
  }

  int int32_constant(const std::string& name, const std::vector<int>& shape,
                     const std::vector<std::int32_t>& values) {
    return file_.add_constant(tflite::Tensor{name, TensorType::int32, shape},
                              std::span<const std::int32_t>(values));
  }

  int reshaped(const graph::Node& of, int tensor, const char* name, const std::vector<int>& shape) {
    const int output = activation(part(of, name), shape, &of);
    std::vector<int> any_batch = shape;
    any_batch.front() = -1;
    const int target =
        int32_constant(part(of, name) + "_shape", {static_cast<int>(shape.size())}, any_batch);
    const auto new_shape = file_.numbers(any_batch);
    file_.add_operator(Operator::reshape, 1, {tensor, target}, output, Options::reshape,
                       file_.table(Field{tflite::reshape::new_shape, new_shape}));
    return output;
  }

  std::vector<int> all_inputs() const {
    std::vector<int> inputs;
    for (std::size_t i = 0; i < node_->inputs.size(); ++i) inputs.push_back(values_[source(i)]);
    return inputs;
  }

  void add_convolution(int version, const std::vector<int>& inputs, int output, Padding padding,
                       int stride, int dilation, graph::Activation activation) {
    namespace f = tflite::conv_2d;
    file_.add_operator(Operator::conv_2d, version, inputs, output, Options::conv_2d,
                       file_.table(Field{f::padding, padding}, Field{f::stride_w, stride},
                                   Field{f::stride_h, 1}, Field{f::activation, fused(activation)},
                                   Field{f::dilation_w, dilation}, Field{f::dilation_h, 1}));
  }

  // That of LiteRT's two that is the one wanted: SAME gives ceil(length / stride) windows and puts
  // half of what they need, rounded down, on the left; VALID pads nothing.
  std::optional<Padding> own_padding(const Sliding& w) const {
    const int length = input_shape().length;
    const int needed = (out_.length - 1) * w.stride + w.span;
    const int same_left = std::max(needed - length, 0) / 2;
    if (w.pad_left == 0 && needed <= length && out_.length == (length - w.span) / w.stride + 1) {
      return Padding::valid;
    }
    if (w.pad_left == same_left && out_.length == (length + w.stride - 1) / w.stride) {
      return Padding::same;
    }
    return {};
  }

  Operator bounded_relu(const graph::Elementwise& clip) const {
    if (clip.low == 0 && std::isinf(clip.high)) return Operator::relu;
    if (clip.low == 0 && clip.high == 6) return Operator::relu6;
    if (clip.low == 0 && clip.high == 1) return Operator::relu_0_to_1;
    if (clip.low == -1 && clip.high == 1) return Operator::relu_n1_to_1;
    fail(ErrorCode::unsupported,
         "node '{}' (clip): LiteRT has bounds 0 and infinity, 0 and 6, 0 and 1, or -1 and 1; found "
         "{} and {}",
         node_->name, clip.low, clip.high);
  }

  // The current node's input, behind an operator that pads it if it has to be.
  std::pair<int, Padding> padded(const Sliding& w, Operator pad) {
    const Shape in = input_shape();
    const int input = values_[source()];
    if (const auto padding = own_padding(w)) return {input, *padding};
    const graph::Node& of = graph_.nodes[source()];
    const int output = activation(part(*node_, "padded"),
                                  image({in.length + w.pad_left + w.pad_right, in.channels}), &of);
    std::vector<int> inputs = {input, int32_constant(part(*node_, "paddings"), {4, 2},
                                                     {0, 0, 0, 0, w.pad_left, w.pad_right, 0, 0})};
    if (pad == Operator::pad_v2) inputs.push_back(lowest(of));
    file_.add_operator(pad, int8_ ? 2 : 1, inputs, output,
                       pad == Operator::pad ? Options::pad : Options::pad_v2, file_.table());
    return {output, Padding::valid};
  }

  // The value that no maximum prefers.
  int lowest(const graph::Node& of) {
    const std::string name = part(*node_, "lowest");
    if (int8_) {
      const std::int8_t value = -128;
      return file_.add_constant({name, TensorType::int8, {1}, quantization(of)},
                                std::span<const std::int8_t>(&value, 1));
    }
    const float value = std::numeric_limits<float>::lowest();
    return file_.add_constant({name, TensorType::float32, {1}}, std::span<const float>(&value, 1));
  }

  int pooled(Operator code, int input, Padding padding, int kernel, int stride) {
    namespace f = tflite::pool_2d;
    const int output = activation(node_->name, image(out_));
    file_.add_operator(
        code, int8_ ? 2 : 1, {input}, output, Options::pool_2d,
        file_.table(Field{f::padding, padding}, Field{f::stride_w, stride}, Field{f::stride_h, 1},
                    Field{f::filter_w, kernel}, Field{f::filter_h, 1}));
    return output;
  }

  // An operator's inputs.
  std::vector<int> with_weights(int input, const graph::Weights& weights, std::vector<int> shape,
                                bool channels_last) {
    tflite::Filter filter{node_->name, std::move(shape), channels_last};
    if (int8_) filter.input_scale = graph_.nodes[source()].quantization->scale;
    std::vector<int> inputs = tflite::add_weights(file_, weights, filter);
    inputs.insert(inputs.begin(), input);
    return inputs;
  }

  const graph::Graph& graph_;
  const std::vector<Shape> shapes_;
  const bool int8_;
  tflite::File file_;
  std::vector<int> values_;            // tensors, per node of the graph
  const graph::Node* node_ = nullptr;  // the one being written
  Shape out_;                          // its output
  int input_ = -1;
};

}  // namespace

std::string to_tflite(const Model& model) {
  graph::validate(model.graph);
  expect_no_simulation(model.graph);
  const bool int8 = graph::is_int8(model.graph);
  const graph::Graph graph = int8 ? model.graph : graph::fold(model.graph);
  return Writer(graph).write(model.metadata);
}

}  // namespace edgeproof::formats
