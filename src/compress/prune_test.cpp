#include "compress/prune.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "graph/cost.h"
#include "graph/graph_test_util.h"
#include "graph/shapes.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

TEST(Prune, RemovesChannelsForGood) {
  const auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto pruned = prune_channels(graph, {.ratio = 0.5});
  EXPECT_EQ(std::get<graph::Conv1d>(pruned.nodes[1].op).out_channels, 16);
  EXPECT_EQ(graph::infer_shapes(pruned).back(), (graph::Shape{1, 6}));
  EXPECT_LT(graph::macs(pruned), 0.35 * static_cast<double>(graph::macs(graph)));
}

TEST(Prune, RefusesBranches) {
  EXPECT_THROW(prune_channels(graph::resnet1d({{128, 9}, 6}), {}), Error);
  EXPECT_THROW(prune_channels(graph::inception({{128, 9}, 6}), {}), Error);
}

TEST(Prune, RatioZeroChangesNothing) {
  for (const std::string name : {"cnn", "ds_cnn", "wdcnn"}) {
    const auto graph = graph::with_random_parameters(graph::build(name, {{2048, 2}, 5}), 1);
    const auto pruned = prune_channels(graph, {.ratio = 0});
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const auto* before = graph::weights_of(graph.nodes[n].op);
      if (before == nullptr) continue;
      EXPECT_EQ(std::get<graph::FloatWeights>(*before).values,
                std::get<graph::FloatWeights>(*graph::weights_of(pruned.nodes[n].op)).values);
    }
  }
}

// Channels whose weights, bias and BatchNorm offsets are all zero give nothing: removing exactly
// these must leave the function as it was. Covers depthwise convolutions and every input that has
// to be dropped.
TEST(Prune, RemovingDeadChannelsLeavesTheFunction) {
  for (const std::string name : {"cnn", "ds_cnn", "wdcnn"}) {
    auto graph = graph::with_random_parameters(graph::build(name, {{256, 2}, 5}), 7);
    for (auto& node : graph.nodes) {
      if (auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
        auto& w = std::get<graph::FloatWeights>(conv->weights);
        const size_t per_output = w.values.size() / w.bias.size();
        for (size_t c = 1; c < w.bias.size(); c += 2) {
          std::fill_n(w.values.begin() + static_cast<std::ptrdiff_t>(c * per_output), per_output,
                      0.0F);
          w.bias[c] = 0;
        }
      } else if (auto* bn = std::get_if<graph::BatchNorm>(&node.op)) {
        for (size_t c = 1; c < bn->beta.size(); c += 2) bn->beta[c] = bn->mean[c] = 0;
      }
    }
    const auto pruned = prune_channels(graph, {.ratio = 0.5});
    std::vector<float> window(512);
    const CounterRng rng(1, "window");
    for (std::uint32_t i = 0; i < 512; ++i) window[i] = static_cast<float>(rng.normal(i));
    const auto a = runtime::evaluate(runtime::Plan(graph), window, 1, 1).logits;
    const auto b = runtime::evaluate(runtime::Plan(pruned), window, 1, 1).logits;
    for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4F) << name;
  }
}

TEST(Prune, KeepsAtLeastOneChannel) {
  const auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto pruned = prune_channels(graph, {.ratio = 0.999});
  EXPECT_EQ(std::get<graph::Conv1d>(pruned.nodes[1].op).out_channels, 1);
}

TEST(Prune, RefusesARatioOfOne) {
  EXPECT_THROW(prune_channels(graph::cnn({{128, 9}, 6}), {.ratio = 1}), Error);
  EXPECT_THROW(prune_channels(graph::cnn({{128, 9}, 6}), {.ratio = -0.1}), Error);
}

}  // namespace
}  // namespace edgeproof::compress
