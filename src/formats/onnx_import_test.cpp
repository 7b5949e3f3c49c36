// Models as other tools write them, by hand: one pattern each, and what is said of those that do
// not fit. targets/peers compares whole models with ONNX Runtime.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <map>
#include <set>

#include "core/error.h"
#include "formats/onnx.h"
#include "formats/onnx_testing.h"

namespace edgeproof::formats {
namespace {

using graph::Activation;
using testing::ElementsAre;
using testing::HasSubstr;

// A model of another tool, written node by node.
class Foreign {
 public:
  explicit Foreign(const std::vector<std::int64_t>& input_dims, int opset = 17) {
    model_.set_producer_name("other");
    model_.add_opset_import()->set_version(opset);
    add_value(*model_.mutable_graph()->add_input(), "x", input_dims);
  }

  // Constants count from `first` in steps of one.
  Foreign& floats(const std::string& name, const std::vector<std::int64_t>& dims, float first = 1,
                  float step = 1) {
    onnx::TensorProto& tensor = tensor_of(name, dims, onnx::TensorProto::FLOAT);
    for (std::int64_t i = 0; i < count_of(dims); ++i) {
      tensor.add_float_data(first + step * static_cast<float>(i));
    }
    return *this;
  }
  Foreign& integers(const std::string& name, const std::vector<std::int64_t>& values,
                    onnx::TensorProto::DataType type = onnx::TensorProto::INT64,
                    std::vector<std::int64_t> dims = {-1}) {
    if (dims == std::vector<std::int64_t>{-1}) dims = {std::ssize(values)};
    onnx::TensorProto& tensor = tensor_of(name, dims, type);
    for (const std::int64_t v : values) {
      if (type == onnx::TensorProto::INT64) tensor.add_int64_data(v);
      if (type != onnx::TensorProto::INT64) tensor.add_int32_data(static_cast<int>(v));
    }
    return *this;
  }
  // "Op(a, b)" makes `output`.
  Foreign& node(const std::string& output, const std::string& op,
                const std::vector<std::string>& inputs,
                const std::map<std::string, std::vector<std::int64_t>>& attributes = {}) {
    onnx::NodeProto& node = *model_.mutable_graph()->add_node();
    node.set_op_type(op);
    node.set_name(output);
    node.add_output(output);
    for (const std::string& input : inputs) node.add_input(input);
    for (const auto& [name, values] : attributes) {
      onnx::AttributeProto& a = *node.add_attribute();
      a.set_name(name);
      static const std::set<std::string> kLists = {"axes", "kernel_shape", "pads", "perm",
                                                   "strides"};
      a.set_type(kLists.contains(name) ? onnx::AttributeProto::INTS : onnx::AttributeProto::INT);
      if (a.type() == onnx::AttributeProto::INT) a.set_i(values[0]);
      if (a.type() == onnx::AttributeProto::INTS) {
        for (const std::int64_t v : values) a.add_ints(v);
      }
    }
    return *this;
  }
  onnx::NodeProto& last() {
    return *model_.mutable_graph()->mutable_node(model_.graph().node_size() - 1);
  }
  onnx::ModelProto& model() { return model_; }

  // Ends with `output`.
  graph::Graph read(const std::string& output) {
    set_output(output);
    return from_onnx(model_.SerializeAsString(), "m.onnx").graph;
  }
  std::string error(const std::string& output) {
    set_output(output);
    return message_of(model_);
  }

 private:
  void set_output(const std::string& output) {
    if (model_.graph().output_size() == 0) {
      add_value(*model_.mutable_graph()->add_output(), output, {});
    }
  }
  static void add_value(onnx::ValueInfoProto& info, const std::string& name,
                        const std::vector<std::int64_t>& dims) {
    info.set_name(name);
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(onnx::TensorProto::FLOAT);
    if (dims.empty()) return;
    tensor.mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t dim : dims) tensor.mutable_shape()->add_dim()->set_dim_value(dim);
  }
  static std::int64_t count_of(const std::vector<std::int64_t>& dims) {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    return count;
  }
  onnx::TensorProto& tensor_of(const std::string& name, const std::vector<std::int64_t>& dims,
                               onnx::TensorProto::DataType type) {
    onnx::TensorProto& tensor = *model_.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t dim : dims) tensor.add_dims(dim);
    return tensor;
  }

  onnx::ModelProto model_;
};

std::vector<std::string> operators(const graph::Graph& graph) {
  std::vector<std::string> names;
  for (const graph::Node& node : graph.nodes) names.emplace_back(graph::op_name(node.op));
  return names;
}

const graph::Conv1d& conv_at(const graph::Graph& graph, std::size_t node) {
  return std::get<graph::Conv1d>(graph.nodes.at(node).op);
}
const graph::FloatWeights& weights_at(const graph::Graph& graph, std::size_t node) {
  return std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes.at(node).op));
}

TEST(OnnxImport, ChannelsMayComeLast) {
  Foreign model({6, 2});
  model.floats("w", {3, 2, 2}).node("t", "Transpose", {"x"}, {{"perm", {0, 2, 1}}});
  const graph::Graph graph = model.node("y", "Conv", {"t", "w"}).read("y");
  EXPECT_EQ(graph.input_shape(), (graph::Shape{6, 2}));
  EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d"));
  EXPECT_THAT(weights_at(graph, 1).values, ElementsAre(1, 3, 2, 4, 5, 7, 6, 8, 9, 11, 10, 12));
}

// [batch, channels, length] is what fits first.
TEST(OnnxImport, WithoutATransposeTheyComeFirst) {
  Foreign model({2, 6});
  EXPECT_EQ(model.floats("w", {3, 2, 2}).node("y", "Conv", {"x", "w"}).read("y").input_shape(),
            (graph::Shape{6, 2}));
}

TEST(OnnxImport, EitherSpatialDimensionMayBeTheUnit) {
  for (const bool wide : {false, true}) {
    Foreign model(wide ? std::vector<std::int64_t>{2, 1, 6} : std::vector<std::int64_t>{2, 6, 1});
    model.floats(
        "w", wide ? std::vector<std::int64_t>{3, 2, 1, 2} : std::vector<std::int64_t>{3, 2, 2, 1});
    model.node("y", "Conv", {"x", "w"},
               {{"pads", wide ? std::vector<std::int64_t>{0, 2, 0, 1}
                              : std::vector<std::int64_t>{2, 0, 1, 0}}});
    const graph::Graph graph = model.read("y");
    EXPECT_EQ(graph.input_shape(), (graph::Shape{6, 2}));
    EXPECT_EQ(conv_at(graph, 1).pad_left, 2);
    EXPECT_EQ(conv_at(graph, 1).pad_right, 1);
  }
}

TEST(OnnxImport, TwoDimensionsAreNotOurs) {
  Foreign model({2, 6, 1});
  model.floats("w", {3, 2, 2, 3}).node("y", "Conv", {"x", "w"}, {{"pads", {0, 1, 0, 1}}});
  EXPECT_THAT(model.error("y"),
              HasSubstr("node 'y' (Conv): its kernel reaches over two dimensions"));
  EXPECT_THAT(Foreign({3, 6, 6}).node("y", "Relu", {"x"}).error("y"),
              HasSubstr("expected a 1-D network's: one of them 1"));
}

TEST(OnnxImport, AutomaticPaddingIsThatOfTensorFlow) {
  for (const auto& [mode, left, right] :
       {std::tuple{"SAME_UPPER", 1, 2}, {"SAME_LOWER", 2, 1}, {"VALID", 0, 0}}) {
    Foreign model({2, 7});
    model.floats("w", {3, 2, 4}).node("y", "Conv", {"x", "w"}, {{"strides", {2}}});
    onnx::AttributeProto& a = *model.last().add_attribute();
    a.set_name("auto_pad");
    a.set_type(onnx::AttributeProto::STRING);
    a.set_s(mode);
    const graph::Graph graph = model.read("y");
    EXPECT_EQ(conv_at(graph, 1).pad_left, left) << mode;
    EXPECT_EQ(conv_at(graph, 1).pad_right, right) << mode;
  }
}

TEST(OnnxImport, ZerosBeforeAConvolutionAreItsPadding) {
  Foreign model({2, 6});
  model.integers("pads", {0, 0, 3, 0, 0, 1}).floats("w", {3, 2, 2});
  model.node("p", "Pad", {"x", "pads"}).node("y", "Conv", {"p", "w"}, {{"pads", {1, 0}}});
  const graph::Graph graph = model.read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d"));
  EXPECT_EQ(conv_at(graph, 1).pad_left, 4);
  EXPECT_EQ(conv_at(graph, 1).pad_right, 1);
  const graph::Graph pooled = Foreign({2, 6})
                                  .integers("pads", {0, 0, 3, 0, 0, 1})
                                  .node("p", "Pad", {"x", "pads"})
                                  .node("y", "MaxPool", {"p"}, {{"kernel_shape", {2}}})
                                  .read("y");
  EXPECT_THAT(operators(pooled), ElementsAre("input", "depthwise_conv1d", "max_pool"));
}

// [channels, length] flattened by ONNX is [length, channels] flattened for us.
TEST(OnnxImport, DenseWeightsFollowTheOrderOfFlattening) {
  Foreign first({2, 3}), last({2, 3});
  first.floats("w", {6, 1}).node("f", "Flatten", {"x"}).node("y", "MatMul", {"f", "w"});
  EXPECT_THAT(weights_at(first.read("y"), 1).values, ElementsAre(1, 4, 2, 5, 3, 6));
  last.floats("w", {6, 1}).floats("k", {2, 2, 1}).integers("s", {0, 6});
  last.node("c", "Conv", {"x", "k"}).node("t", "Transpose", {"c"}, {{"perm", {0, 2, 1}}});
  last.node("f", "Reshape", {"t", "s"}).node("y", "MatMul", {"f", "w"});
  EXPECT_THAT(weights_at(last.read("y"), 2).values, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(OnnxImport, ABiasAddedBehindALayerIsItsBias) {
  Foreign model({2, 3});
  model.floats("w", {2, 6}).floats("b", {1, 2}, 10).node("f", "Flatten", {"x"});
  model.node("m", "Gemm", {"f", "w"}, {{"transB", {1}}}).node("y", "Add", {"b", "m"});
  const graph::Graph graph = model.read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "dense"));
  EXPECT_THAT(weights_at(graph, 1).bias, ElementsAre(10, 11));
}

TEST(OnnxImport, ConstantsOfChannelsBecomeAConvolutionPerChannel) {
  Foreign model({2, 3});
  model.floats("c", {2, 1}, 2).node("d", "Div", {"x", "c"}).node("y", "Sub", {"c", "d"});
  const graph::Graph graph = model.read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "depthwise_conv1d"));
  EXPECT_THAT(weights_at(graph, 1).values, ElementsAre(-0.5F, -1 / 3.0F));
  EXPECT_THAT(weights_at(graph, 1).bias, ElementsAre(2, 3));
}

TEST(OnnxImport, EluHasTheAlphaOfItsAttributeOrOne) {
  Foreign model({2, 3});
  model.node("e", "Elu", {"x"}).node("y", "Elu", {"e"});
  onnx::AttributeProto& alpha = *model.last().add_attribute();
  alpha.set_name("alpha");
  alpha.set_type(onnx::AttributeProto::FLOAT);
  alpha.set_f(0.25F);
  const graph::Graph graph = model.read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "elu", "elu"));
  EXPECT_EQ(std::get<graph::Elementwise>(graph.nodes[1].op).alpha, 1);
  EXPECT_EQ(std::get<graph::Elementwise>(graph.nodes[2].op).alpha, 0.25F);
}

TEST(OnnxImport, WhatFoldingCannotMergeIsReplaced) {
  Foreign model({2, 6});
  model.floats("g", {2}).floats("w", {2, 2, 1});
  model.node("n", "BatchNormalization", {"x", "g", "g", "g", "g"}).node("r", "Relu", {"n"});
  model.node("p", "MaxPool", {"r"}, {{"kernel_shape", {2}}}).node("r2", "Relu", {"p"});
  model.node("c", "Conv", {"r2", "w"}).node("n2", "BatchNormalization", {"c", "g", "g", "g", "g"});
  const graph::Graph graph = model.node("y", "Relu", {"n2"}).read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "depthwise_conv1d", "relu", "max_pool", "clip",
                                            "conv1d", "batch_norm", "relu"));
}

TEST(OnnxImport, SoftmaxAtTheEndIsLeftOut) {
  Foreign model({4});
  model.floats("w", {4, 3})
      .node("m", "MatMul", {"x", "w"})
      .node("y", "Softmax", {"m"}, {{"axis", {-1}}});
  EXPECT_THAT(operators(model.read("y")), ElementsAre("input", "dense"));
  Foreign inside({4});
  inside.floats("w", {4, 4}).node("s", "Softmax", {"x"}, {{"axis", {-1}}});
  EXPECT_THAT(inside.node("y", "MatMul", {"s", "w"}).error("y"),
              HasSubstr("node 's' (Softmax): is supported as the last operation only"));
}

TEST(OnnxImport, OfLabelsAndProbabilitiesTheProbabilitiesAreRead) {
  Foreign model({4});
  model.floats("w", {4, 3}).node("m", "MatMul", {"x", "w"});
  model.node("p", "Softmax", {"m"}, {{"axis", {1}}})
      .node("label", "ArgMax", {"p"}, {{"axis", {1}}});
  model.node("map", "ZipMap", {"p"});
  for (const char* name : {"label", "map"}) {
    onnx::ValueInfoProto& output = *model.model().mutable_graph()->add_output();
    output.set_name(name);
    if (name[0] == 'l')
      output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::INT64);
  }
  EXPECT_THAT(operators(model.read("")), ElementsAre("input", "dense"));
}

TEST(OnnxImport, ShapesMayBeComputedFromTheInput) {
  Foreign model({2, 6});
  model.integers("zero", {0}, onnx::TensorProto::INT64, {})
      .integers("axes", {0})
      .integers("rest", {-1});
  model.floats("w", {12, 3}).node("s", "Shape", {"x"}).node("n", "Gather", {"s", "zero"});
  model.node("u", "Unsqueeze", {"n", "axes"}).node("d", "Concat", {"u", "rest"}, {{"axis", {0}}});
  model.node("f", "Reshape", {"x", "d"}).node("y", "Gemm", {"f", "w"});
  EXPECT_THAT(operators(model.read("y")), ElementsAre("input", "dense"));
}

TEST(OnnxImport, MeansThatCountZerosAreAConvolution) {
  const auto pool = [](std::int64_t counts) {
    return Foreign({2, 6})
        .node("y", "AveragePool", {"x"},
              {{"kernel_shape", {2}}, {"pads", {1, 1}}, {"count_include_pad", {counts}}})
        .read("y");
  };
  EXPECT_THAT(operators(pool(0)), ElementsAre("input", "average_pool"));
  EXPECT_THAT(operators(pool(1)), ElementsAre("input", "depthwise_conv1d"));
  EXPECT_THAT(weights_at(pool(1), 1).values, ElementsAre(0.5F, 0.5F, 0.5F, 0.5F));
}

// Five positions by windows of two that step by two: a third window has one of them.
TEST(OnnxImport, CeilingIsPaddingOnTheRight) {
  const graph::Graph graph =
      Foreign({2, 5})
          .node("y", "MaxPool", {"x"},
                {{"kernel_shape", {2}}, {"strides", {2}}, {"ceil_mode", {1}}})
          .read("y");
  EXPECT_EQ(std::get<graph::MaxPool>(graph.nodes[1].op).pad_right, 1);
}

// A convolution of one weight of 2, quantized by uint8 activations.
Foreign quantized(bool as_operator, int weight_zero = 128) {
  Foreign model({1, 4});
  model.floats("xs", {}, 0.5F).integers("xz", {128}, onnx::TensorProto::UINT8, {});
  model.floats("ws", {}, 0.25F).integers("wz", {weight_zero}, onnx::TensorProto::UINT8, {});
  model.floats("ys", {}, 1).integers("yz", {100}, onnx::TensorProto::UINT8, {});
  model.integers("w", {136}, onnx::TensorProto::UINT8, {1, 1, 1});
  model.floats("bs", {1}, 0.125F).integers("b", {24}, onnx::TensorProto::INT32);
  model.node("q", "QuantizeLinear", {"x", "xs", "xz"});
  if (as_operator) {
    model.node("c", "QLinearConv", {"q", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"});
  } else {
    model.node("d", "DequantizeLinear", {"q", "xs", "xz"});
    model.node("dw", "DequantizeLinear", {"w", "ws", "wz"})
        .node("db", "DequantizeLinear", {"b", "bs"});
    model.node("f", "Conv", {"d", "dw", "db"}).node("c", "QuantizeLinear", {"f", "ys", "yz"});
  }
  model.node("y", "DequantizeLinear", {"c", "ys", "yz"});
  return model;
}

TEST(OnnxImport, Uint8BecomesInt8) {
  for (const bool as_operator : {false, true}) {
    const graph::Graph graph = quantized(as_operator).read("y");
    ASSERT_EQ(graph.nodes.size(), 2u);
    EXPECT_EQ(graph.nodes[0].quantization, (graph::Quantization{0.5F, 0}));
    EXPECT_EQ(graph.nodes[1].quantization, (graph::Quantization{1, -28}));
    const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(graph.nodes[1].op));
    EXPECT_THAT(q.values, ElementsAre(8));
    EXPECT_THAT(q.scales, ElementsAre(0.25F));
    EXPECT_THAT(q.bias, ElementsAre(24));
    EXPECT_EQ(q.bits, 8);
  }
}

TEST(OnnxImport, AsymmetricWeightsAreRefused) {
  EXPECT_THAT(quantized(true, 0).error("y"), HasSubstr("is not symmetric: level 136"));
  EXPECT_THAT(Foreign({2, 6}).node("y", "MatMulInteger", {"x"}).error("y"),
              HasSubstr("this quantized operator is not supported"));
}

// Where pooling has another quantization than its input, a node between changes it.
TEST(OnnxImport, PoolingWithItsOwnQuantizationIsFollowedByAnother) {
  Foreign model({1, 4});
  model.floats("s", {}, 0.5F)
      .floats("s2", {}, 0.25F)
      .integers("z", {0}, onnx::TensorProto::INT8, {});
  model.floats("w", {1, 1, 1}).integers("wi", {3}, onnx::TensorProto::INT8, {1, 1, 1});
  model.node("q", "QuantizeLinear", {"x", "s", "z"}).node("d", "DequantizeLinear", {"q", "s", "z"});
  model.node("dw", "DequantizeLinear", {"wi", "s", "z"}).node("c", "Conv", {"d", "dw"});
  model.node("cq", "QuantizeLinear", {"c", "s", "z"})
      .node("cd", "DequantizeLinear", {"cq", "s", "z"});
  model.node("p", "GlobalAveragePool", {"cd"}).node("pq", "QuantizeLinear", {"p", "s2", "z"});
  const graph::Graph graph = model.node("y", "DequantizeLinear", {"pq", "s2", "z"}).read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d", "global_average_pool", "clip"));
  EXPECT_EQ(graph.nodes[2].quantization, (graph::Quantization{0.5F, 0}));
  EXPECT_EQ(graph.nodes[3].quantization, (graph::Quantization{0.25F, 0}));
}

// The convolution's output is seen as it is, too, under another name.
TEST(OnnxImport, WhatOthersSeeIsNotChanged) {
  for (const char* op : {"Add", "Mul"}) {
    Foreign model({2, 6});
    model.floats("w", {2, 2, 1}).floats("two", {}, 2);
    model.node("c", "Conv", {"x", "w"}).node("same", "Identity", {"c"});
    model.node("changed", op, {"same", "two"});
    const graph::Graph graph = model.node("y", "Add", {"changed", "c"}).read("y");
    EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d", "depthwise_conv1d", "add"));
    EXPECT_THAT(weights_at(graph, 1).bias, ElementsAre(0, 0));
  }
}

// BatchNormalization as converters from Keras leave it: its scale and its shift.
TEST(OnnxImport, ScaleAndShiftGoIntoTheLayerBefore) {
  Foreign model({2, 6});
  model.floats("w", {2, 2, 1}).floats("b", {2}, 5).floats("scale", {1, 2, 1}, 2, 8);
  model.floats("shift", {2, 1}, 1).floats("half", {}, 2);
  model.node("c", "Conv", {"x", "w", "b"}).node("m", "Mul", {"scale", "c"});
  model.node("a", "Add", {"m", "shift"});
  const graph::Graph graph = model.node("y", "Div", {"a", "half"}).read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d"));
  EXPECT_THAT(weights_at(graph, 1).values, ElementsAre(1, 2, 15, 20));
  EXPECT_THAT(weights_at(graph, 1).bias, ElementsAre(5.5, 31));
}

TEST(OnnxImport, NewerReshapesAllowZerosButHaveNone) {
  Foreign model({2, 6});
  model.integers("s", {-1, 12}).integers("none", {0, 12}).floats("w", {12, 3});
  model.node("r", "Reshape", {"x", "s"}, {{"allowzero", {1}}});
  EXPECT_EQ(model.node("y", "Gemm", {"r", "w"}).read("y").nodes.size(), 2U);
  EXPECT_THAT(Foreign({2, 6})
                  .integers("s", {0, 12})
                  .node("y", "Reshape", {"x", "s"}, {{"allowzero", {1}}})
                  .error("y"),
              HasSubstr("node 'y' (Reshape): makes a dimension 0"));
}

TEST(OnnxImport, ShapesMayBePartsOfThem) {
  Foreign model({2, 6});
  model.node("batch", "Shape", {"x"}, {{"start", {0}}, {"end", {1}}}).integers("rest", {-1});
  model.node("last", "Shape", {"x"}, {{"start", {-1}}, {"end", {100}}});
  model.node("s", "Concat", {"batch", "rest", "last"}, {{"axis", {0}}});
  const graph::Graph graph =
      model.node("r", "Reshape", {"x", "s"}).node("y", "Relu", {"r"}).read("y");
  EXPECT_EQ(graph.input_shape(), (graph::Shape{6, 2}));
}

TEST(OnnxImport, ReductionsMayNameTheirAxesAndAllowNone) {
  Foreign model({2, 6}, 18);
  model.integers("axes", {2}).node("n", "ReduceMean", {"x"}, {{"noop_with_empty_axes", {1}}});
  const graph::Graph graph =
      model.node("y", "ReduceMax", {"n", "axes"}, {{"noop_with_empty_axes", {1}}}).read("y");
  EXPECT_THAT(operators(graph), ElementsAre("input", "max_pool"));
}

// A Keras layer Dense on sequences: the positions of all windows are rows.
TEST(OnnxImport, DenseLayersOnRowsAreConvolutions) {
  Foreign model({6, 2});
  model.floats("w", {2, 3}).floats("b", {3}).integers("rows", {-1, 2}).integers("back", {-1, 6, 3});
  model.integers("last", {2}).floats("w2", {3, 4}).node("r", "Reshape", {"x", "rows"});
  model.node("m", "MatMul", {"r", "w"}).node("a", "Add", {"m", "b"}).node("t", "Tanh", {"a"});
  model.node("g", "Gemm", {"t", "w2"}).integers("back2", {-1, 6, 4});
  const graph::Graph graph = model.node("y", "Reshape", {"g", "back2"}).read("y");
  EXPECT_EQ(graph.input_shape(), (graph::Shape{6, 2}));
  EXPECT_THAT(operators(graph), ElementsAre("input", "conv1d", "tanh", "conv1d"));
  EXPECT_THAT(weights_at(graph, 1).values, ElementsAre(1, 4, 2, 5, 3, 6));
  Foreign open({6, 2});
  open.integers("rows", {-1, 2}).node("y", "Reshape", {"x", "rows"});
  EXPECT_THAT(open.error("y"), HasSubstr("output 'y' is flattened"));
}

TEST(OnnxImport, LabelsAtTheEndAreLeftOut) {
  Foreign model({4});
  model.floats("w", {4, 3}).integers("classes", {7, 8, 9}).integers("list", {-1});
  model.node("g", "Gemm", {"x", "w"}).node("p", "Softmax", {"g"}, {{"axis", {1}}});
  model.node("i", "Identity", {"p"}).node("best", "ArgMax", {"i"}, {{"axis", {1}}});
  model.node("label", "ArrayFeatureExtractor", {"classes", "best"});
  model.last().set_domain("ai.onnx.ml");
  model.node("y", "Reshape", {"label", "list"});
  EXPECT_THAT(operators(model.read("y")), ElementsAre("input", "dense"));
  EXPECT_THAT(from_onnx(model.model().SerializeAsString(), "m").left_out,
              ElementsAre("Softmax 'p'", "ArgMax 'best'"));
  EXPECT_THAT(Foreign({2, 6}).node("y", "ArgMax", {"x"}, {{"axis", {0}}}).error("y"),
              HasSubstr("axis 0 of [batch, channels, length] are not the classes"));
  Foreign between({2, 6});
  between.node("p", "Softmax", {"x"}, {{"axis", {1}}}).node("y", "Relu", {"p"});
  EXPECT_THAT(between.error("y"), HasSubstr("is supported as the last operation only"));
}

TEST(OnnxImport, ScalersBecomeAScaleAndAShift) {
  Foreign model({2});
  model.node("y", "Scaler", {"x"}).last().set_domain("ai.onnx.ml");
  for (const auto& [name, values] :
       {std::pair{"offset", std::vector{3.F, 4.F}}, {"scale", {2.F}}}) {
    onnx::AttributeProto& attribute = *model.last().add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) attribute.add_floats(value);
  }
  const graph::Graph graph = model.read("y");
  EXPECT_THAT(weights_at(graph, 1).values, ElementsAre(2, 2));
  EXPECT_THAT(weights_at(graph, 1).bias, ElementsAre(-6, -8));
  model.last().mutable_attribute(0)->add_floats(1);
  EXPECT_THAT(model.error("y"),
              HasSubstr("3 values for an input that is [batch, channels] for us"));
}

TEST(OnnxImport, ErrorsNameTheNodeAndWhatIsMissing) {
  EXPECT_THAT(Foreign({2, 6}).node("y", "LSTM", {"x"}).error("y"),
              HasSubstr("unsupported op 'LSTM' in node 'y'; supported: Add, ArgMax, AveragePool"));
  EXPECT_THAT(Foreign({2, 0}).node("y", "Relu", {"x"}).error("y"),
              HasSubstr("input 'x' has dimensions [batch, 2, 0] (0: not fixed)"));
  EXPECT_THAT(Foreign({2, 6}).integers("s", {0, 3, 4}).node("y", "Reshape", {"x", "s"}).error("y"),
              HasSubstr("reshapes [batch, channels, length] of length 6 and 2 channels"));
  EXPECT_THAT(Foreign({2, 6}).node("y", "Transpose", {"x"}, {{"perm", {2, 0, 1}}}).error("y"),
              HasSubstr("moves the batch to another place"));
  EXPECT_THAT(Foreign({2, 6}).node("y", "ReduceMean", {"x"}, {{"axes", {1, 2}}}).error("y"),
              HasSubstr("expected the length alone"));
  Foreign wrong({2, 6});
  EXPECT_THAT(wrong.floats("w", {3, 5, 2}).node("y", "Conv", {"x", "w"}).error("y"),
              HasSubstr("node 'y' (Conv): weight 'w' is for 5 channels, its input has 2"));
  EXPECT_THAT(Foreign({2, 6}).floats("w", {}).node("y", "Conv", {"x", "w"}).error("y"),
              HasSubstr("weight 'w' has 0 dimensions"));
  Foreign batch({2, 6}, 9);
  EXPECT_THAT(batch.node("y", "Relu", {"x"}).error("y"), HasSubstr("opset 9, expected 11 to 25"));
}

}  // namespace
}  // namespace edgeproof::formats
