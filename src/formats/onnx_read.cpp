// Walks ONNX's nodes in their (topological) order. Every value is either an activation, which knows
// the node of our graph that makes it and in which form it is there (quantized? flattened?), or a
// constant. One handler per operator: the table at the end is the list of what can be read. What
// ONNX has as one or three nodes (Conv, Relu, QuantizeLinear) ends in the one node it belongs to,
// provided that nothing else sees the value between them.
// Test: onnx_test.cpp, and onnx_hostile_test.cpp for damaged input.

#include "core/error.h"
#include "core/text.h"
#include "formats/onnx.h"
#include "formats/onnx_constants.h"
#include "formats/onnx_layout.h"
#include "formats/onnx_proto.h"
#include "formats/onnx_ranges.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

using graph::Activation;
using graph::Quantization;

// Calls a check of module graph, whose messages do not know the file.
template <typename Check>
auto checked(const std::string& source, Check check) {
  try {
    return check();
  } catch (const Error& error) {
    fail(error.code(), "{}: {}", source, error.what());
  }
}

class Reader {
 public:
  Reader(const onnx::GraphProto& graph, const std::string& source)
      : onnx_(graph), source_(source), where_(source), constants_(graph, source) {
    for (const onnx::NodeProto& node : graph.node()) {
      for (const std::string& input : node.input()) ++uses_[input];
    }
    for (const onnx::ValueInfoProto& output : graph.output()) ++uses_[output.name()];
  }

  graph::Graph read() {
    graph_.name = onnx_.name();
    read_input();
    for (const onnx::NodeProto& node : onnx_.node()) {
      where_ = fmt::format("{}: node '{}' ({})", source_, name_of(node), node.op_type());
      (this->*handler(node))(node);
    }
    where_ = source_;
    read_output();
    return std::move(graph_);
  }

 private:
  using Handler = void (Reader::*)(const onnx::NodeProto&);

  struct Value {
    std::size_t node = 0;
    bool quantized = false;
    bool flat = false;  // [batch, features]
  };

  static const std::map<std::string, Handler>& handlers();

  Handler handler(const onnx::NodeProto& node) const {
    const auto found = handlers().find(node.op_type());
    if (found == handlers().end() || !(node.domain().empty() || node.domain() == "ai.onnx")) {
      std::vector<std::string> known;
      for (const auto& [op, unused] : handlers()) known.push_back(op);
      fail(ErrorCode::unsupported, "{}: unsupported op '{}' in node '{}'; supported: {}", source_,
           node.op_type(), name_of(node), join(known, ", "));
    }
    return found->second;
  }

  static std::string name_of(const onnx::NodeProto& node) {
    if (!node.name().empty() || node.output_size() == 0) return node.name();
    return node.output(0);
  }

  // The activation that is an input of `node`, in the form the operator asks for.
  Value take(const onnx::NodeProto& node, bool quantized = false, int index = 0) {
    const std::string& name = input_name(node, index, where_);
    const auto found = values_.find(name);
    if (found == values_.end()) {
      fail(ErrorCode::bad_input, "{}: input '{}' is not made before it", where_, name);
    }
    const Value value = found->second;
    if (value.quantized != quantized) {
      fail(ErrorCode::unsupported, "{}: input '{}' is {}, expected a {} one", where_, name,
           value.quantized ? "quantized" : "real", quantized ? "quantized" : "real");
    }
    return value;
  }

  Value take_spatial(const onnx::NodeProto& node) {
    const Value value = take(node);
    if (value.flat) {
      fail(ErrorCode::unsupported, "{}: input '{}' is [batch, features], expected three dimensions",
           where_, node.input(0));
    }
    return value;
  }

  bool is_shared(const std::string& name) const { return uses_.at(name) > 1; }

  // `value` gets the name of the node's output.
  void put(const onnx::NodeProto& node, Value value) {
    if (node.output_size() != 1 || node.output(0).empty()) {
      fail(ErrorCode::unsupported, "{}: {} outputs, expected one", where_, node.output_size());
    }
    if (constants_.contains(node.output(0)) || !values_.emplace(node.output(0), value).second) {
      fail(ErrorCode::bad_input, "{}: output '{}' is there already", where_, node.output(0));
    }
  }

  void append(const onnx::NodeProto& node, graph::Op op, Value input, bool flat) {
    append(node, std::move(op), std::vector{static_cast<int>(input.node)}, flat);
  }
  void append(const onnx::NodeProto& node, graph::Op op, std::vector<int> inputs, bool flat) {
    graph_.nodes.push_back({name_of(node), std::move(op), std::move(inputs), std::nullopt});
    put(node, {.node = graph_.nodes.size() - 1, .flat = flat});
  }

  void read_input() {
    const onnx::ValueInfoProto* input = nullptr;
    for (const onnx::ValueInfoProto& info : onnx_.input()) {
      if (constants_.is_initializer(info.name()))
        continue;  // old models list their weights here too
      if (input != nullptr) {
        fail(ErrorCode::unsupported, "{}: inputs '{}' and '{}', expected one", source_,
             input->name(), info.name());
      }
      input = &info;
    }
    if (input == nullptr) fail(ErrorCode::bad_input, "{}: the graph has no input", source_);
    const auto& tensor = input->type().tensor_type();
    if (tensor.elem_type() != onnx::TensorProto::FLOAT || tensor.shape().dim_size() != 3) {
      fail(ErrorCode::unsupported, "{}: input '{}' is not float [batch, channels, length]", source_,
           input->name());
    }
    const std::int64_t channels = tensor.shape().dim(1).dim_value();
    const std::int64_t length = tensor.shape().dim(2).dim_value();
    constexpr std::int64_t kMax = 1 << 20;
    if (channels < 1 || channels > kMax || length < 1 || length > kMax) {
      fail(ErrorCode::bad_input,
           "{}: input '{}' has {} channels and length {} (0: not fixed), expected 1 to {} each",
           source_, input->name(), channels, length, kMax);
    }
    const graph::Shape shape{static_cast<int>(length), static_cast<int>(channels)};
    graph_.nodes.push_back({input->name(), graph::Input{shape}, {}, std::nullopt});
    values_[input->name()] = {};
  }

  void read_output() {
    if (onnx_.output_size() != 1) {
      fail(ErrorCode::unsupported, "{}: {} outputs, expected one", source_, onnx_.output_size());
    }
    const std::string& name = onnx_.output(0).name();
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.quantized ||
        found->second.node + 1 != graph_.nodes.size()) {
      fail(ErrorCode::unsupported, "{}: output '{}' is not what the last node computes", source_,
           name);
    }
    const std::vector<graph::Shape> shapes =
        checked(source_, [this] { return graph::infer_shapes(graph_); });
    if (found->second.flat && shapes.back().length > 1) {
      fail(ErrorCode::unsupported, "{}: output '{}' is flattened", source_, name);
    }
    for (graph::Node& node : graph_.nodes) {
      auto* dense = std::get_if<graph::Dense>(&node.op);
      if (dense != nullptr) to_channels_last(*dense, shapes[static_cast<size_t>(node.inputs[0])]);
    }
  }

  // ONNX flattens [channels, length]. A wrong number of weights is left for graph::validate().
  static void to_channels_last(graph::Dense& dense, graph::Shape in) {
    const auto convert = [in](auto& weights) {
      if (weights.values.size() % static_cast<size_t>(in.size()) != 0) return;
      weights.values = swap_last_two(weights.values, in.channels, in.length);
    };
    if (in.length > 1) std::visit(convert, dense.weights);
  }

  // A Relu without a name is the activation of the layer before it; in an int8 graph every one is.
  void read_relu(const onnx::NodeProto& node) {
    Attributes(node, where_).no_others();
    const Value input = take(node);
    graph::Node& before = graph_.nodes[input.node];
    Activation* activation = graph::activation_of(before.op);
    const bool is_int8 =
        !before.inputs.empty() && graph_.nodes[static_cast<size_t>(before.inputs[0])].quantization;
    const bool fused = activation != nullptr && *activation == Activation::none &&
                       !before.quantization && !is_shared(node.input(0)) &&
                       (node.name().empty() || is_int8);
    if (!fused) return append(node, graph::Relu{}, input, input.flat);
    *activation = Activation::relu;
    put(node, input);
  }

  LayerWeights read_weights(const onnx::NodeProto& node, const Value& input, size_t rank) {
    return constants_.layer(node, rank, graph_.nodes[input.node].quantization, where_);
  }

  void read_conv(const onnx::NodeProto& node) {
    const Value input = take_spatial(node);
    const auto [dims, weights] = read_weights(node, input, 3);
    Attributes attributes(node, where_);
    if (const auto pad = attributes.text("auto_pad", "NOTSET"); pad != "NOTSET") {
      fail(ErrorCode::unsupported, "{}: auto_pad '{}', expected explicit pads", where_, pad);
    }
    attributes.must_be("kernel_shape", std::vector{dims[2]});
    const std::vector<int> pads = attributes.integers("pads", {0, 0});
    graph::Conv1d conv{.out_channels = dims[0],
                       .kernel = dims[2],
                       .stride = attributes.integers("strides", {1})[0],
                       .pad_left = pads[0],
                       .pad_right = pads[1],
                       .dilation = attributes.integers("dilations", {1})[0],
                       .groups = attributes.integer("group", 1),
                       .activation = Activation::none,
                       .weights = weights};
    attributes.no_others();
    const auto to_channels_last = [&dims](auto& w) {
      w.values = swap_last_two(w.values, dims[1], dims[2]);
    };
    std::visit(to_channels_last, conv.weights);
    append(node, std::move(conv), input, false);
  }

  void read_gemm(const onnx::NodeProto& node) {
    const Value input = take(node);
    if (!input.flat) {
      fail(ErrorCode::bad_input, "{}: input '{}' has three dimensions, expected a Flatten before",
           where_, node.input(0));
    }
    const auto [dims, weights] = read_weights(node, input, 2);
    Attributes attributes(node, where_);
    if (attributes.real("alpha", 1) != 1 || attributes.real("beta", 1) != 1) {
      fail(ErrorCode::unsupported, "{}: alpha or beta is not 1", where_);
    }
    if (attributes.integer("transB", 0) != 1) {
      fail(ErrorCode::unsupported, "{}: transB is 0, expected weights [out, in]", where_);
    }
    attributes.must_be("transA", 0);
    attributes.no_others();
    append(node, graph::Dense{dims[0], Activation::none, weights}, input, true);
  }

  void read_batch_norm(const onnx::NodeProto& node) {
    const Value input = take(node);
    Attributes attributes(node, where_);
    graph::BatchNorm bn{.gamma = constants_.values<float>(input_name(node, 1, where_), where_),
                        .beta = constants_.values<float>(input_name(node, 2, where_), where_),
                        .mean = constants_.values<float>(input_name(node, 3, where_), where_),
                        .variance = constants_.values<float>(input_name(node, 4, where_), where_),
                        .epsilon = attributes.real("epsilon", 1e-5F)};
    attributes.real("momentum", 0.9F);  // of training only
    attributes.must_be("training_mode", 0);
    attributes.no_others();
    append(node, std::move(bn), input, input.flat);
  }

  void read_max_pool(const onnx::NodeProto& node) {
    const Value input = take_spatial(node);
    Attributes attributes(node, where_);
    const std::vector<int> pads = attributes.integers("pads", {0, 0});
    const graph::MaxPool pool{.kernel = attributes.integers("kernel_shape", {0})[0],
                              .stride = attributes.integers("strides", {1})[0],
                              .pad_left = pads[0],
                              .pad_right = pads[1]};
    attributes.must_be("dilations", std::vector{1});
    attributes.must_be("ceil_mode", 0);
    attributes.must_be("storage_order", 0);
    attributes.no_others();
    append(node, pool, input, false);
  }

  // Of several activations, all flat or none.
  void append_joined(const onnx::NodeProto& node, graph::Op op) {
    const bool flat = take(node).flat;
    std::vector<int> inputs;
    for (int i = 0; i < node.input_size(); ++i) {
      const Value value = take(node, false, i);
      if (value.flat != flat) {
        fail(ErrorCode::unsupported, "{}: some inputs are [batch, features], others not", where_);
      }
      inputs.push_back(static_cast<int>(value.node));
    }
    append(node, std::move(op), std::move(inputs), flat);
  }

  void read_add(const onnx::NodeProto& node) {
    Attributes(node, where_).no_others();
    append_joined(node, graph::Add{});
  }

  void read_concat(const onnx::NodeProto& node) {
    Attributes attributes(node, where_);
    attributes.must_be("axis", 1);
    attributes.no_others();
    append_joined(node, graph::Concat{});
  }

  void read_global_average_pool(const onnx::NodeProto& node) {
    Attributes(node, where_).no_others();
    append(node, graph::GlobalAveragePool{}, take_spatial(node), false);
  }

  void read_flatten(const onnx::NodeProto& node) {
    Attributes attributes(node, where_);
    attributes.must_be("axis", 1);
    attributes.no_others();
    const auto found = values_.find(input_name(node, 0, where_));
    Value value = take(node, found != values_.end() && found->second.quantized);
    value.flat = true;
    put(node, value);
  }

  void read_quantize(const onnx::NodeProto& node) {
    Value value = take(node);
    if (is_shared(node.input(0))) {
      fail(ErrorCode::unsupported, "{}: input '{}' is also used without being quantized", where_,
           node.input(0));
    }
    const Quantization q = constants_.quantization(node, where_);
    std::optional<Quantization>& known = graph_.nodes[value.node].quantization;
    if (known && known != q) {
      fail(ErrorCode::unsupported, "{}: '{}' is quantized twice, differently", where_,
           graph_.nodes[value.node].name);
    }
    known = q;
    value.quantized = true;
    put(node, value);
  }

  void read_dequantize(const onnx::NodeProto& node) {
    if (constants_.is_initializer(input_name(node, 0, where_))) {
      return constants_.dequantize(node, where_);
    }
    Value value = take(node, true);
    if (constants_.quantization(node, where_) != graph_.nodes[value.node].quantization) {
      fail(ErrorCode::bad_input,
           "{}: scale and zero point are not those of the QuantizeLinear of '{}'", where_,
           graph_.nodes[value.node].name);
    }
    value.quantized = false;
    put(node, value);
  }

  const onnx::GraphProto& onnx_;
  const std::string& source_;
  std::string where_;  // opens messages
  graph::Graph graph_;
  Constants constants_;
  std::map<std::string, Value> values_;  // activations
  std::map<std::string, int> uses_;      // of every name: by nodes, and as an output
};

const std::map<std::string, Reader::Handler>& Reader::handlers() {
  static const std::map<std::string, Handler> kHandlers = {
      {"Add", &Reader::read_add},
      {"BatchNormalization", &Reader::read_batch_norm},
      {"Concat", &Reader::read_concat},
      {"Conv", &Reader::read_conv},
      {"DequantizeLinear", &Reader::read_dequantize},
      {"Flatten", &Reader::read_flatten},
      {"Gemm", &Reader::read_gemm},
      {"GlobalAveragePool", &Reader::read_global_average_pool},
      {"MaxPool", &Reader::read_max_pool},
      {"QuantizeLinear", &Reader::read_quantize},
      {"Relu", &Reader::read_relu},
  };
  return kHandlers;
}

void expect_version(const onnx::ModelProto& model, const std::string& source) {
  for (const onnx::OperatorSetIdProto& opset : model.opset_import()) {
    if (!opset.domain().empty() && opset.domain() != "ai.onnx") continue;
    // What is read here of the operators means the same from 13 (QDQ per axis) to 25 (INT2).
    if (opset.version() >= 13 && opset.version() <= 25) return;
    fail(ErrorCode::unsupported, "{}: opset {}, expected 13 to 25", source, opset.version());
  }
  fail(ErrorCode::bad_input, "{}: does not say which opset it uses", source);
}

}  // namespace

Model from_onnx(std::string_view bytes, const std::string& source_name) {
  const onnx::ModelProto onnx = parse_model(bytes, source_name);
  expect_version(onnx, source_name);
  Model model;
  for (const onnx::StringStringEntryProto& entry : onnx.metadata_props()) {
    if (!model.metadata.emplace(entry.key(), entry.value()).second) {
      fail(ErrorCode::bad_input, "{}: metadata '{}' is there twice", source_name, entry.key());
    }
  }
  model.graph = Reader(onnx.graph(), source_name).read();
  if (const auto ranges = model.metadata.extract(kRangesKey)) {
    model.graph = with_ranges(std::move(model.graph), ranges.mapped(), source_name);
  }
  if (const auto grids = model.metadata.extract(kGridsKey)) {
    model.graph = with_grids(std::move(model.graph), grids.mapped(), source_name);
  }
  checked(source_name, [&model] { graph::validate(model.graph); });
  return model;
}

}  // namespace edgeproof::formats
