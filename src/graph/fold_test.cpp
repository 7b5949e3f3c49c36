#include "graph/fold.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"

namespace edgeproof::graph {
namespace {

// One output of a convolution followed by its BatchNorm, from the definitions, in double precision.
TEST(Fold, ConvolutionAndBatchNormStayTheSameFunction) {
  const Graph before = with_random_parameters(cnn({{128, 9}, 6}), 3);
  const Graph after = fold(before);
  const auto& w = std::get<FloatWeights>(std::get<Conv1d>(before.nodes[1].op).weights);
  const auto& bn = std::get<BatchNorm>(before.nodes[2].op);
  const auto& f = std::get<FloatWeights>(std::get<Conv1d>(after.nodes[1].op).weights);
  const CounterRng rng(1, "input");
  std::vector<double> taps(45);
  for (std::uint32_t i = 0; i < taps.size(); ++i) taps[i] = rng.normal(i);
  for (std::size_t c = 0; c < 32; ++c) {
    double conv = w.bias[c], folded = f.bias[c];
    for (std::size_t i = 0; i < 45; ++i) {
      conv += taps[i] * w.values[c * 45 + i];
      folded += taps[i] * f.values[c * 45 + i];
    }
    const double expected =
        bn.gamma[c] * (conv - bn.mean[c]) / std::sqrt(bn.variance[c] + 1e-5) + bn.beta[c];
    EXPECT_NEAR(folded, expected, 1e-5);
  }
}

TEST(Fold, LeavesOnlyDeployedNodes) {
  for (const std::string& name : architectures()) {
    const Graph graph = fold(build(name, {{2048, 3}, 5}));
    EXPECT_NO_THROW(validate(graph));
    for (const Node& node : graph.nodes) {
      EXPECT_FALSE(std::holds_alternative<BatchNorm>(node.op));
      EXPECT_FALSE(std::holds_alternative<Relu>(node.op));
    }
    EXPECT_TRUE(std::any_of(graph.nodes.begin(), graph.nodes.end(), [](Node node) {
      const Activation* activation = activation_of(node.op);
      return activation != nullptr && *activation == Activation::relu;
    }));
  }
}

TEST(Fold, KeepsTheRangeOfTheLastNodeItSwallows) {
  Graph graph = cnn({{128, 9}, 6});
  graph.nodes[3].quantization = Quantization{0.5F, -128};
  EXPECT_EQ(fold(graph).nodes[1].quantization, (Quantization{0.5F, -128}));
}

TEST(Fold, AReluAfterAnAdditionBecomesItsActivation) {
  const Graph graph = fold(resnet1d({{128, 9}, 6}));
  int additions = 0;
  for (const Node& node : graph.nodes) {
    const auto* add = std::get_if<Add>(&node.op);
    if (add == nullptr) continue;
    ++additions;
    EXPECT_EQ(add->activation, Activation::relu);
    EXPECT_EQ(graph.nodes[static_cast<std::size_t>(node.inputs[0])].name, node.name + "_conv2");
  }
  EXPECT_EQ(additions, 3);
}

TEST(Fold, RefusesABatchNormAfterAnAddition) {
  Graph graph = resnet1d({{128, 9}, 6});
  const auto add = std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
    return std::holds_alternative<Add>(node.op);
  });
  const std::vector<float> ones(32, 1);
  (add + 1)->op = BatchNorm{ones, ones, ones, ones};  // in place of the ReLU
  EXPECT_NO_THROW(validate(graph));
  EXPECT_THROW(fold(graph), Error);
}

TEST(Fold, RefusesWhatWouldChangeAnotherUser) {
  Graph graph = cnn({{128, 9}, 6});
  graph.nodes[4].inputs = {2};  // the pool now takes the BatchNorm's output, before the ReLU
  EXPECT_THROW(fold(graph), Error);
}

}  // namespace
}  // namespace edgeproof::graph
