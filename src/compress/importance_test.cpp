#include "compress/importance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compress/calibration_run.h"
#include "compress/compress_testing.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

// One input channel; two channels of convolution and BatchNorm; dense.
graph::Graph small_network() {
  graph::Graph graph;
  graph.nodes = {
      {"input", graph::Input{{3, 1}}, {}},
      {"conv",
       graph::Conv1d{
           .out_channels = 2, .kernel = 2, .weights = graph::FloatWeights{{3, -4, 1, 1}, {0, 0}}},
       {0}},
      {"bn", graph::BatchNorm{{0.5F, -2}, {0, 0}, {0, 0}, {1, 1}, 1e-12F}, {1}},
      {"average", graph::GlobalAveragePool{}, {2}},
      {"dense",
       graph::Dense{.out_features = 2, .weights = graph::FloatWeights{{1, -2, 3, 4}, {0, 0}}},
       {3}}};
  return graph;
}

TEST(Importance, OfWeightsByHand) {
  const auto graph = small_network();
  const auto groups = channel_groups(graph);
  EXPECT_THAT(weight_importance(graph, groups, Importance::l1), ElementsAre(7, 2));
  EXPECT_THAT(weight_importance(graph, groups, Importance::l2),
              ElementsAre(5, DoubleEq(std::sqrt(2.0))));
  EXPECT_THAT(weight_importance(graph, groups, Importance::batch_norm), ElementsAre(0.5, 2));
}

TEST(Importance, OfActivationsByHand) {
  const auto graph = small_network();
  const auto groups = channel_groups(graph);
  // Averages of the two outputs: conv gives (3, -4) . pairs, BatchNorm halves or doubles.
  const signal::WindowSet windows{2, 3, 1, {1, 0, 0, 0, 0, 2}, {}, {}};
  // Window 1: 3, 0 -> 1.5, 0 -> 0.75; 1, 0 -> -2, 0 -> -1.
  // Window 2: 0, -8 -> 0, -4 -> -2; 0, 2 -> 0, -4 -> -2.
  const auto scores = activation_importance(graph, groups, windows, 10);
  EXPECT_NEAR(scores[0], (1 + 3) * std::hypot(0.75, -2.0), 1e-5);
  EXPECT_NEAR(scores[1], (2 + 4) * std::hypot(-1.0, -2.0), 1e-5);
}

// Against sums written out for every weight, with depthwise filters, additions and concatenations.
TEST(Importance, OfActivationsAgainstPlainSums) {
  for (const std::string name : {"ds_cnn", "resnet1d", "inception"}) {
    const auto graph = uneven_network(name);
    const auto groups = channel_groups(graph);
    const auto shapes = graph::infer_shapes(graph);
    const auto windows = random_windows(4, {128, 2}, 3);
    CalibrationRun run(graph, windows, 4);
    std::vector<double> expected(groups.units(), 0);
    for (const graph::Node& node : graph.nodes) {
      const auto* weights = graph::weights_of(node.op);
      if (weights == nullptr) continue;
      const int input = node.inputs[0];
      const int channels = shapes[static_cast<std::size_t>(input)].channels;
      const auto* conv = std::get_if<graph::Conv1d>(&node.op);
      const bool depthwise = conv != nullptr && conv->groups > 1;
      const auto& w = std::get<graph::FloatWeights>(*weights);
      const std::size_t filter = w.values.size() / w.bias.size();
      for (int c = 0; c < channels; ++c) {
        const int unit =
            groups.unit_of[static_cast<std::size_t>(input)][static_cast<std::size_t>(c)];
        if (unit == ChannelGroups::kFixed) continue;
        double energy = 0;
        for (int i = 0; i < 4; ++i) {
          run.run(i);
          const auto values = run.output(input);
          for (std::size_t v = static_cast<std::size_t>(c); v < values.size();
               v += static_cast<std::size_t>(channels)) {
            energy += double{values[v]} * double{values[v]};
          }
        }
        for (std::size_t o = 0; o < w.bias.size(); ++o) {
          if (depthwise && o != static_cast<std::size_t>(c)) continue;
          for (std::size_t i = 0; i < filter; ++i) {
            if (!depthwise && i % static_cast<std::size_t>(channels) != static_cast<std::size_t>(c))
              continue;
            expected[static_cast<std::size_t>(unit)] +=
                std::abs(double{w.values[o * filter + i]}) * std::sqrt(energy);
          }
        }
      }
    }
    const auto scores = activation_importance(graph, groups, windows, 4);
    for (std::size_t unit = 0; unit < scores.size(); ++unit) {
      EXPECT_NEAR(scores[unit], expected[unit], 1e-6 * expected[unit]) << name;
    }
  }
}

TEST(Importance, BatchNormMustBeThere) {
  const auto folded = graph::fold(small_network());
  try {
    (void)weight_importance(folded, channel_groups(folded), Importance::batch_norm);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "node 'conv': importance batch_norm needs a BatchNorm after every convolution; it "
                 "has none");
  }
}

}  // namespace
}  // namespace edgeproof::compress
