#include "formats/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/onnx_proto.h"
#include "formats/onnx_testing.h"
#include "graph/operation_samples_testing.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

using graph::Activation;
using graph::Graph;
using testing::HasSubstr;

// Every form in which a graph is saved.
std::vector<Graph> forms_of(const Graph& zero, std::uint64_t seed) {
  const Graph unfolded = with_random_weights(zero, seed);
  const Graph folded = graph::fold(unfolded);
  return {unfolded, folded, with_random_ranges(folded, seed), with_random_ranges(unfolded, seed),
          as_random_int8(unfolded, seed)};
}

std::vector<Graph> small_graphs() {
  std::vector<Graph> graphs = forms_of(two_dense_layers(), 5);
  for (Graph& form : forms_of(other_operators(), 6)) graphs.push_back(std::move(form));
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    for (Graph& form : forms_of(sample.graph, 8)) graphs.push_back(std::move(form));
  }
  for (const std::string& name : graph::architectures()) {
    const Graph zero = graph::build(name, {.input = {128, 3}, .classes = 4});
    for (Graph& form : forms_of(zero, 7)) graphs.push_back(std::move(form));
  }
  return graphs;
}

onnx::TensorProto& initializer(onnx::ModelProto& model, const std::string& name) {
  for (onnx::TensorProto& tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name() == name) return tensor;
  }
  throw std::runtime_error("no " + name);
}

std::vector<float> floats_of(const onnx::TensorProto& tensor) {
  std::vector<float> values(tensor.raw_data().size() / sizeof(float));
  std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
  return values;
}

RC_GTEST_PROP(Onnx, EveryFormComesBackBitByBit, ()) {
  const auto name = *rc::gen::elementOf(
      std::vector<std::string>(graph::architectures().begin(), graph::architectures().end()));
  const graph::ZooOptions options{.input = {*rc::gen::inRange(64, 200), *rc::gen::inRange(1, 10)},
                                  .classes = *rc::gen::inRange(1, 12)};
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1000);
  const Graph graph = *rc::gen::elementOf(forms_of(graph::build(name, options), seed));
  graph::validate(graph);
  const Model read = from_onnx(to_onnx({graph, {}}), "m.onnx");
  RC_ASSERT(describe(read.graph) == describe(graph));
  RC_ASSERT(read.metadata.empty());
}

TEST(Onnx, EveryOtherOperatorComesBack) {
  for (const Graph& graph : forms_of(other_operators(), 3)) {
    graph::validate(graph);
    EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
  }
}

TEST(Onnx, EveryOperationComesBack) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
    for (const Graph& graph : forms_of(sample.graph, 3)) {
      graph::validate(graph);
      EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
    }
  }
}

TEST(Onnx, DenseLayersAfterSeveralPositionsComeBack) {
  for (const Graph& graph : forms_of(two_dense_layers(), 3)) {
    EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
  }
}

TEST(Onnx, PassesTheCheckerAndStrictShapeInference) {
  for (const Graph& graph : small_graphs()) {
    onnx::ModelProto model = written(graph);
    EXPECT_EQ(model.ir_version(), 8);
    const auto is_hard_swish = [](const graph::Node& node) {
      return graph::op_name(node.op) == "hard_swish";
    };
    EXPECT_EQ(model.opset_import(0).version(),
              std::ranges::any_of(graph.nodes, is_hard_swish) ? 14 : 13);
    EXPECT_NO_THROW(onnx::checker::check_model(model)) << graph.name;
    onnx::ShapeInferenceOptions strict(true, 1, true);
    EXPECT_NO_THROW(
        onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict))
        << graph.name;
    // Inferred for every value: as many as nodes, less the output, which was declared.
    EXPECT_EQ(model.graph().value_info_size(), model.graph().node_size() - 1);
  }
}

TEST(Onnx, TheSameModelGivesTheSameBytes) {
  for (const Graph& graph : small_graphs()) {
    const Model model{graph, {{"b", "2"}, {"a", "1"}}};
    const std::string bytes = to_onnx(model);
    EXPECT_TRUE(bytes == to_onnx(model));
    EXPECT_TRUE(bytes == to_onnx(from_onnx(bytes, "m.onnx")));
  }
}

TEST(Onnx, DeclaresABatchOfChannelsFirstWindows) {
  const onnx::ModelProto model = written(graph::cnn({.input = {128, 9}, .classes = 6}));
  const auto& in = model.graph().input(0).type().tensor_type().shape();
  EXPECT_EQ(in.dim(0).dim_param(), "batch");
  EXPECT_EQ(in.dim(1).dim_value(), 9);
  EXPECT_EQ(in.dim(2).dim_value(), 128);
  const auto& out = model.graph().output(0).type().tensor_type().shape();
  ASSERT_EQ(out.dim_size(), 2);
  EXPECT_EQ(out.dim(1).dim_value(), 6);
}

TEST(Onnx, ConvolutionWeightsAreOutInKernel) {
  const Graph graph = with_random_weights(graph::cnn({.input = {128, 9}, .classes = 6}), 1);
  onnx::ModelProto model = written(graph);
  const onnx::TensorProto& tensor = initializer(model, "conv1/weight");
  EXPECT_THAT(tensor.dims(), testing::ElementsAre(32, 9, 5));
  const auto theirs = floats_of(tensor);
  const auto& ours = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[1].op)).values;
  for (std::size_t o = 0; o < 32; ++o) {
    for (std::size_t k = 0; k < 5; ++k) {
      for (std::size_t c = 0; c < 9; ++c) {
        ASSERT_EQ(theirs[(o * 9 + c) * 5 + k], ours[(o * 5 + k) * 9 + c]);
      }
    }
  }
}

TEST(Onnx, DenseColumnsFollowChannelsFirstFlattening) {
  const Graph graph = with_random_weights(two_dense_layers(), 1);
  onnx::ModelProto model = written(graph);
  const onnx::TensorProto& tensor = initializer(model, "hidden/weight");
  EXPECT_THAT(tensor.dims(), testing::ElementsAre(5, 12));
  const auto theirs = floats_of(tensor);
  const auto& ours = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[3].op)).values;
  for (std::size_t o = 0; o < 5; ++o) {
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::size_t c = 0; c < 6; ++c)
        ASSERT_EQ(theirs[o * 12 + c * 2 + t], ours[o * 12 + t * 6 + c]);
    }
  }
}

TEST(Onnx, Int8GraphsQuantizeEveryActivationAndDequantizeRightBeforeUse) {
  const Graph graph = as_random_int8(graph::cnn({.input = {128, 9}, .classes = 6}), 1);
  const onnx::ModelProto model = written(graph);
  std::map<std::string, std::string> made_by;
  int quantized = 0;
  for (const onnx::NodeProto& node : model.graph().node()) {
    made_by[node.output(0)] = node.op_type();
    quantized += node.op_type() == "QuantizeLinear";
    if (node.name().empty()) continue;
    const int layer_inputs = node.op_type() == "Conv" || node.op_type() == "Gemm" ? 3 : 1;
    for (int i = 0; i < layer_inputs; ++i) EXPECT_EQ(made_by[node.input(i)], "DequantizeLinear");
  }
  EXPECT_EQ(quantized, static_cast<int>(graph.nodes.size()) + 1);  // and what Flatten leaves
  EXPECT_EQ(made_by[model.graph().output(0).name()], "DequantizeLinear");
}

TEST(Onnx, BitsOfSimulatedActivationsComeBack) {
  Model model{as_random_int8(graph::cnn({{128, 9}, 6}), 1), {}};
  for (std::size_t n = 1; n < 3; ++n) {
    model.graph.nodes[n].quantization = graph::Quantization{0.5F, -3, 4};
  }
  EXPECT_EQ(describe(from_onnx(to_onnx(model), "m.onnx").graph), describe(model.graph));
}

// Low bits first, and the last byte filled up with zeros: the specification of INT4 and INT2.
TEST(Onnx, NarrowWeightsArePacked) {
  EXPECT_EQ(packed(std::vector<std::int8_t>{1, -2, 7}, 4), "\xe1\x07");
  EXPECT_EQ(packed(std::vector<std::int8_t>{1, -1, 0, -2, 1}, 2), "\x8d\x01");
}

TEST(Onnx, NarrowWeightsComeBackAndTakeTheirBytes) {
  const Graph unfolded = graph::cnn({.input = {128, 9}, .classes = 6});
  const std::size_t wide = to_onnx({as_random_int8(unfolded, 1), {}}).size();
  const auto weights = static_cast<std::size_t>(24'000);
  for (const auto& [bits, opset] : {std::pair{4, 21}, {2, 25}}) {
    const Graph graph = as_random_int8(unfolded, 1, bits);
    const std::string bytes = to_onnx({graph, {}});
    EXPECT_EQ(describe(from_onnx(bytes, "m.onnx").graph), describe(graph));
    EXPECT_EQ(written(graph).opset_import(0).version(), opset);
    EXPECT_NEAR(static_cast<double>(wide - bytes.size()),
                static_cast<double>(weights) * (8 - bits) / 8, 400);
  }
}

TEST(Onnx, NarrowWeightsOfAWrongSizeAreRefused) {
  onnx::ModelProto model =
      written(as_random_int8(graph::cnn({.input = {128, 9}, .classes = 6}), 1, 4));
  initializer(model, "conv1/weight_quantized").mutable_raw_data()->pop_back();
  EXPECT_THAT(message_of(model), HasSubstr("holds 719 bytes, its dimensions say 1440 values of 4"));
}

TEST(Onnx, BiasScaleIsInputScaleTimesWeightScale) {
  const Graph graph = as_random_int8(graph::cnn({.input = {128, 9}, .classes = 6}), 1);
  onnx::ModelProto model = written(graph);
  const auto scales = floats_of(initializer(model, "conv1/bias_scale"));
  const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(graph.nodes[1].op));
  for (std::size_t c = 0; c < 32; ++c) {
    EXPECT_EQ(scales[c], graph.nodes[0].quantization->scale * q.scales[c]);
  }
  initializer(model, "conv1/bias_scale").mutable_raw_data()->replace(0, 4, "\x01\x02\x03\x3f");
  EXPECT_THAT(message_of(model), HasSubstr("node 'conv1' (Conv): the scale of bias"));
}

TEST(Onnx, NamesOfTheGraphMayLookLikeNamesOfHelpers) {
  Graph graph = graph::fold(with_random_weights(two_dense_layers(), 2));
  graph.nodes[1].name = "hidden/weight";
  graph.nodes[2].name = "hidden/linear";
  EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
  const Graph int8 = as_random_int8(graph, 2);
  EXPECT_EQ(describe(from_onnx(to_onnx({int8, {}}), "m.onnx").graph), describe(int8));
}

TEST(Onnx, MetadataTravels) {
  const std::map<std::string, std::string> metadata = {{"edgeproof.labels", "[]"},
                                                       {"other", "ü\n"}};
  EXPECT_EQ(from_onnx(to_onnx({two_dense_layers(), metadata}), "m.onnx").metadata, metadata);
}

TEST(Onnx, AFusedReluAndAReluOfItsOwnStayWhatTheyAre) {
  Graph graph = two_dense_layers();
  std::get<graph::Conv1d>(graph.nodes[1].op).activation = Activation::relu;
  const Graph read = from_onnx(to_onnx({graph, {}}), "m.onnx").graph;
  EXPECT_EQ(std::get<graph::Conv1d>(read.nodes[1].op).activation, Activation::relu);
  EXPECT_EQ(describe(read), describe(graph));
}

TEST(Onnx, InvalidGraphsAreNotWritten) {
  Graph graph = two_dense_layers();
  std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[1].op)).bias.pop_back();
  EXPECT_THROW(to_onnx({graph, {}}), Error);
}

TEST(OnnxErrors, AnUnknownOpIsNamedWithItsNodeAndWhatIsSupported) {
  onnx::ModelProto model = written(two_dense_layers());
  first(model, "MaxPool").set_op_type("LpPool");
  EXPECT_EQ(
      message_of(model),
      "m.onnx: unsupported op 'LpPool' in node 'pool'; supported: Add, ArgMax, "
      "AveragePool, BatchNormalization, Cast, Clip, Concat, Constant, Conv, DequantizeLinear, Div, "
      "Dropout, Elu, Flatten, Gather, Gemm, GlobalAveragePool, GlobalMaxPool, HardSigmoid, "
      "HardSwish, Identity, LeakyRelu, LogSoftmax, MatMul, MaxPool, Mul, Pad, "
      "QuantizeLinear, ReduceMax, ReduceMean, Relu, Reshape, Shape, Sigmoid, Slice, Softmax, "
      "Squeeze, Sub, Tanh, Transpose, Unsqueeze, ai.onnx.ml.Scaler");
  model = written(two_dense_layers());
  first(model, "MaxPool").set_domain("com.example");
  EXPECT_THAT(message_of(model), HasSubstr("unsupported op 'com.example.MaxPool' in node 'pool'"));
}

TEST(OnnxErrors, CountsMustBeWhatDimensionsSay) {
  onnx::ModelProto model = written(two_dense_layers());
  initializer(model, "conv/weight").set_dims(0, 7);
  EXPECT_EQ(
      message_of(model),
      "m.onnx: node 'conv' (Conv): tensor 'conv/weight' holds 12 values, its dimensions say 14");
  initializer(model, "conv/weight").set_dims(0, 1 << 20);
  initializer(model, "conv/weight").set_dims(1, 1 << 20);
  EXPECT_THAT(message_of(model), HasSubstr("declares more than"));
  initializer(model, "conv/weight").set_dims(0, -1);
  EXPECT_THAT(message_of(model), HasSubstr("has a dimension of -1"));
}

TEST(OnnxErrors, ConsistentButWrongSizesAreFoundByTheGraph) {
  onnx::ModelProto model = written(two_dense_layers());
  onnx::TensorProto& bias = initializer(model, "conv/bias");
  bias.set_dims(0, 5);
  bias.mutable_raw_data()->resize(20);
  EXPECT_EQ(message_of(model),
            "m.onnx: node 'conv' (depthwise_conv1d): bias has 5 values, expected 6");
}

TEST(OnnxErrors, AttributesBeyondTheGraphAreNotIgnored) {
  onnx::ModelProto model = written(two_dense_layers());
  onnx::AttributeProto& order = *first(model, "MaxPool").add_attribute();
  order.set_name("storage_order");
  order.set_type(onnx::AttributeProto::INT);
  order.set_i(1);
  EXPECT_EQ(message_of(model),
            "m.onnx: node 'pool' (MaxPool): attribute 'storage_order' is 1, only 0 is supported");
  order.set_name("ceiling");
  EXPECT_THAT(message_of(model), HasSubstr("attribute 'ceiling' is not supported"));
}

TEST(OnnxErrors, BranchesAreNamed) {
  onnx::ModelProto model = written(two_dense_layers());
  first(model, "BatchNormalization").set_input(0, "pool/flat");
  EXPECT_NE(message_of(model), "no error");
  model = written(two_dense_layers());
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    if (node.name() == "logits") node.set_input(0, "hidden_bn");
  }
  EXPECT_EQ(message_of(model), "m.onnx: node 'hidden_relu' (relu): its output is not used");
}

TEST(OnnxErrors, ExternalDataIsNotFollowed) {
  onnx::ModelProto model = written(two_dense_layers());
  onnx::TensorProto& tensor = initializer(model, "conv/weight");
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  onnx::StringStringEntryProto& location = *tensor.add_external_data();
  location.set_key("location");
  location.set_value("/etc/passwd");
  EXPECT_THAT(message_of(model), HasSubstr("tensor 'conv/weight' is in another file"));
}

TEST(OnnxErrors, OtherOpsetsAreRefused) {
  onnx::ModelProto model = written(two_dense_layers());
  model.mutable_opset_import(0)->set_version(9);
  EXPECT_EQ(message_of(model), "m.onnx: opset 9, expected 11 to 25");
}

TEST(OnnxErrors, MismatchedDequantizationIsFound) {
  onnx::ModelProto model = written(as_random_int8(two_dense_layers(), 1));
  onnx::TensorProto copy = initializer(model, "conv/scale");
  copy.set_name("other");
  copy.set_raw_data(std::string("\0\0\0\x3f", 4));
  *model.mutable_graph()->add_initializer() = copy;
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    if (node.op_type() == "DequantizeLinear" && node.input(1) == "conv/scale") {
      node.set_input(1, "other");
    }
  }
  EXPECT_THAT(message_of(model), HasSubstr("are not those of the QuantizeLinear of 'conv'"));
}

TEST(OnnxErrors, MetadataKeysMayNotRepeat) {
  onnx::ModelProto model = written(two_dense_layers());
  for (int i = 0; i < 2; ++i) model.add_metadata_props()->set_key("a");
  EXPECT_EQ(message_of(model), "m.onnx: metadata 'a' is there twice");
}

}  // namespace
}  // namespace edgeproof::formats
