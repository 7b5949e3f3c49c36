#include "graph/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "core/error.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "graph/zoo.h"

namespace edgeproof::graph {
namespace {

using testing::HasSubstr;

std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

Conv1d& conv_of(Graph& graph, std::size_t node) {
  return std::get<Conv1d>(graph.nodes[node].op);
}

TEST(Zoo, ReferenceNetworksHaveTheirPublishedMacs) {
  EXPECT_EQ(macs(cnn({{128, 9}, 6})), 1233280);
  EXPECT_EQ(macs(ds_cnn({{128, 9}, 6})), 1429888);
  EXPECT_EQ(macs(wdcnn({{2048, 1}, 10})), 1245824);
}

TEST(Zoo, EveryArchitectureIsValid) {
  for (const std::string& name : architectures()) {
    const Graph graph = build(name, {{2048, 3}, 5});
    EXPECT_NO_THROW(validate(graph)) << name;
    EXPECT_EQ(infer_shapes(graph).back(), (Shape{1, 5})) << name;
  }
}

TEST(Zoo, BranchingNetworksAreSmall) {
  for (const auto& network : {resnet1d, tcn, inception}) {
    const Graph graph = fold(network({{128, 9}, 6}));
    EXPECT_LT(weight_bytes(graph) / 4, 60000) << graph.name;
    EXPECT_LT(macs(graph), 5000000) << graph.name;
  }
}

TEST(Zoo, TcnPadsOnTheLeftOnly) {
  for (const Node& node : tcn({{128, 9}, 6}).nodes) {
    if (const auto* conv = std::get_if<Conv1d>(&node.op)) {
      EXPECT_EQ(conv->pad_left, (conv->kernel - 1) * conv->dilation) << node.name;
      EXPECT_EQ(conv->pad_right, 0) << node.name;
    }
  }
}

TEST(OpName, OfAConvolutionSaysHowItsChannelsAreGrouped) {
  const auto name = [](int channels, int groups) {
    const Conv1d conv{.out_channels = 12,
                      .kernel = 3,
                      .groups = groups,
                      .weights = FloatWeights{
                          std::vector<float>(static_cast<std::size_t>(12 * 3 * channels / groups)),
                          std::vector<float>(12)}};
    validate({"one", {{"input", Input{{8, channels}}, {}}, {"conv", conv, {0}}}});
    return op_name(conv);
  };
  EXPECT_EQ(name(6, 1), "conv1d");
  EXPECT_EQ(name(1, 1), "conv1d");
  EXPECT_EQ(name(6, 3), "grouped_conv1d");
  EXPECT_EQ(name(6, 6), "depthwise_conv1d");
  EXPECT_EQ(name(12, 12), "depthwise_conv1d");
}

TEST(Zoo, UnknownNameAndTooShortWindowAreErrors) {
  EXPECT_THAT(error_of([] { build("cmn", {{128, 9}, 6}); }), HasSubstr("did you mean 'cnn'"));
  EXPECT_THAT(error_of([] { build("wdcnn", {{16, 1}, 6}); }), HasSubstr("16 samples x 1 channels"));
}

// Two convolutions of the input, joined by `op`.
Graph joined(Op op, int channels1 = 2, int channels2 = 2) {
  const auto conv = [](int channels) {
    const auto count = static_cast<std::size_t>(channels);
    return Conv1d{
        .out_channels = channels,
        .weights = FloatWeights{std::vector<float>(3 * count), std::vector<float>(count)}};
  };
  return {"joined",
          {{"input", Input{{8, 3}}, {}},
           {"a", conv(channels1), {0}},
           {"b", conv(channels2), {0}},
           {"join", std::move(op), {1, 2}}}};
}

TEST(Shapes, AdditionKeepsTheShapeAndConcatenationAddsChannels) {
  EXPECT_EQ(infer_shapes(joined(Add{})).back(), (Shape{8, 2}));
  EXPECT_EQ(infer_shapes(joined(Concat{}, 2, 5)).back(), (Shape{8, 7}));
}

TEST(Shapes, PaddedPoolingOfKernel3AndStride1KeepsTheLength) {
  Graph graph = joined(Add{});
  graph.nodes.push_back({"pool", MaxPool{3, 1, 1, 1}, {3}});
  EXPECT_EQ(infer_shapes(graph).back(), (Shape{8, 2}));
  std::get<MaxPool>(graph.nodes.back().op) = {3, 2, 0, 1};
  EXPECT_EQ(infer_shapes(graph).back(), (Shape{4, 2}));
}

TEST(Validate, RefusesInputsThatCannotBeJoined) {
  const auto error = [](const Graph& graph) { return error_of([&] { validate(graph); }); };
  EXPECT_EQ(error(joined(Add{})), "no error");
  EXPECT_THAT(error(joined(Add{}, 2, 5)), HasSubstr("inputs of 8 x 2 and 8 x 5, expected one"));
  Graph graph = joined(Concat{});
  std::get<Conv1d>(graph.nodes[1].op).stride = 2;
  EXPECT_THAT(error(graph), HasSubstr("inputs of length 4 and 8"));
  graph = joined(Add{});
  graph.nodes.push_back({"pool", MaxPool{3, 1, 3, 0}, {3}});
  EXPECT_THAT(error(graph), HasSubstr("not smaller than the kernel"));
  graph = joined(Concat{});
  graph.nodes[3].inputs = {1};
  EXPECT_THAT(error(graph), HasSubstr("has 1 inputs, expected at least 2"));
  graph = joined(Add{});
  graph.nodes[3].inputs = {1, 2, 2};
  EXPECT_THAT(error(graph), HasSubstr("has 3 inputs, expected 2"));
}

TEST(Validate, ConcatenationOfInt8SharesOneQuantization) {
  Graph graph = joined(Concat{});
  for (Node& node : graph.nodes) {
    node.quantization = Quantization{0.5F, 3};
    if (Weights* weights = weights_of(node.op)) {
      *weights = Int8Weights{std::vector<std::int8_t>(6), {1, 1}, {0, 0}};
    }
  }
  EXPECT_NO_THROW(validate(graph));
  graph.nodes[2].quantization = Quantization{0.5F, 4};
  EXPECT_THAT(error_of([&] { validate(graph); }),
              HasSubstr("node 'join' (concat): its quantization is not that of its input 'b'"));
}

TEST(QuantizationRoots, PoolingAndConcatenationJoinWhatTheyTouch) {
  Graph graph = joined(Concat{});
  graph.nodes.push_back({"pool", MaxPool{}, {3}});
  graph.nodes.push_back({"early", MaxPool{}, {0}});
  graph.nodes.push_back({"later", Conv1d{}, {5}});
  graph.nodes.push_back({"join2", Concat{}, {4, 6}});
  EXPECT_EQ(quantization_roots(graph), (std::vector<int>{0, 1, 1, 1, 1, 0, 1, 1}));
}

TEST(Shapes, DilationStrideAndPaddingCount) {
  const Conv1d conv{
      .out_channels = 1, .kernel = 3, .stride = 2, .pad_left = 1, .pad_right = 3, .dilation = 4};
  EXPECT_EQ(conv_output_length(conv, 10), (10 + 4 - 9) / 2 + 1);
  EXPECT_EQ(conv_output_length(conv, 4), 0);
}

struct Damage {
  std::string expected;
  std::function<void(Graph&)> apply;
};

TEST(Validate, NamesTheNodeAndWhatIsWrong) {
  const std::vector<Damage> damages = {
      {"node 'conv2'",
       [](Graph& g) { std::get<FloatWeights>(conv_of(g, 5).weights).values.pop_back(); }},
      {"expected 64",
       [](Graph& g) { std::get<FloatWeights>(conv_of(g, 5).weights).bias.pop_back(); }},
      {"not finite",
       [](Graph& g) { std::get<FloatWeights>(conv_of(g, 1).weights).values[0] = NAN; }},
      {"groups 2 does not divide 9", [](Graph& g) { conv_of(g, 1).groups = 2; }},
      {"stride is 0", [](Graph& g) { conv_of(g, 1).stride = 0; }},
      {"longer than the padded input", [](Graph& g) { conv_of(g, 1).dilation = 1000; }},
      {"name is used twice", [](Graph& g) { g.nodes[2].name = "conv1"; }},
      {"not before it", [](Graph& g) { g.nodes[2].inputs = {7}; }},
      {"output is not used", [](Graph& g) { g.nodes[3].inputs = {1}; }},
      {"has 0 inputs, expected 1", [](Graph& g) { g.nodes[3].inputs.clear(); }},
      {"variance is negative",
       [](Graph& g) { std::get<BatchNorm>(g.nodes[2].op).variance[0] = -1; }},
      {"float weights in an int8 graph",
       [](Graph& g) {
         g = fold(g);
         conv_of(g, 1).weights =
             Int8Weights{std::vector<std::int8_t>(32 * 45), std::vector<float>(32, 1),
                         std::vector<std::int32_t>(32)};
       }},
  };
  for (const Damage& damage : damages) {
    Graph graph = cnn({{128, 9}, 6});
    damage.apply(graph);
    EXPECT_THAT(error_of([&] { validate(graph); }), HasSubstr(damage.expected));
  }
}

TEST(Validate, RefusesWeightsThatTheirBitsCannotHold) {
  const auto one_weight = [](std::int8_t value, int bits) {
    const Quantization q{1, 0};
    return Graph{
        "g",
        {{"input", Input{{1, 1}}, {}, q},
         {"dense", Dense{1, Activation::none, Int8Weights{{value}, {1}, {0}, bits}}, {0}, q}}};
  };
  EXPECT_NO_THROW(validate(one_weight(7, 4)));
  EXPECT_EQ(weight_bytes(one_weight(7, 4)), 1 + 8);
  EXPECT_THAT(error_of([&] { validate(one_weight(8, 4)); }), HasSubstr("outside [-8, 7]"));
  EXPECT_THAT(error_of([&] { validate(one_weight(2, 2)); }), HasSubstr("outside [-2, 1]"));
  EXPECT_THAT(error_of([&] { validate(one_weight(1, 3)); }), HasSubstr("not of 8, 4 or 2 bits"));
}

TEST(Validate, RefusesAnEmptyGraph) {
  EXPECT_THAT(error_of([] { validate(Graph{}); }), HasSubstr("first node must be the input"));
}

TEST(Cost, WeightBytesCountEveryParameter) {
  const Graph graph = cnn({{128, 9}, 6});
  const std::int64_t weights = 32 * 45 + 64 * 160 + 64 * 192 + 64 * 6;
  const std::int64_t biases = 32 + 64 + 64 + 6;
  const std::int64_t batch_norm = 4 * (32 + 64 + 64);
  EXPECT_EQ(weight_bytes(graph), 4 * (weights + biases + batch_norm));
}

}  // namespace
}  // namespace edgeproof::graph
