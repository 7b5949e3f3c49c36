// Every alternative of Op, compressed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/diagnose.h"
#include "compress/equalize.h"
#include "compress/importance.h"
#include "compress/prune.h"
#include "compress/quantize.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "graph/operation_samples_testing.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

struct Compressing {
  explicit Compressing(const graph::OperationSample& sample)
      : fp32(graph::with_random_parameters(sample.graph, 1)),
        windows(random_windows(8, fp32.input_shape(), 2)),
        logits(logits_of(fp32, windows)) {
    for (const float v : logits) largest = std::max(largest, std::abs(v));
  }
  graph::Graph fp32;
  signal::WindowSet windows;
  std::vector<float> logits;
  float largest = 0;
};

std::string name_of(const graph::OperationSample& sample) {
  return std::string(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
}

TEST(EveryOperation, QuantizedFollowsItsFloatParent) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(name_of(sample));
    const Compressing c(sample);
    const graph::Graph ranged = calibrate(c.fp32, c.windows, {});
    const graph::Graph int8 = quantize(ranged);
    EXPECT_TRUE(graph::is_int8(int8));
    EXPECT_THAT(logits_of(int8, c.windows),
                testing::Pointwise(testing::FloatNear(0.05F * c.largest), c.logits));
    const Diagnosis diagnosis = diagnose(ranged, int8, c.windows);
    ASSERT_EQ(diagnosis.layers.size(), int8.nodes.size());
    for (std::size_t n = 0; n < int8.nodes.size(); ++n) {
      EXPECT_EQ(diagnosis.layers[n].op, graph::op_name(int8.nodes[n].op));
    }
  }
}

TEST(EveryOperation, EqualizationKeepsTheFunction) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(name_of(sample));
    const Compressing c(sample);
    EXPECT_THAT(logits_of(equalize(c.fp32), c.windows),
                testing::Pointwise(testing::FloatNear(1e-5F * c.largest), c.logits));
  }
}

// The sample with a dense layer behind the operation.
graph::Graph with_logits(const graph::OperationSample& sample) {
  graph::Graph graph = sample.graph;
  if (sample.node + 1 < static_cast<int>(graph.nodes.size())) return graph;
  const graph::FloatWeights zeros = graph::sample::zeros(2, sample.shape.size());
  graph.nodes.push_back({"logits", graph::Dense{2, graph::Activation::none, zeros}, {sample.node}});
  return graph;
}

// Of every group whose channels come out of the operation, the first half of the units goes. The
// logits are those of the whole network that ignores their channels.
TEST(EveryOperation, PruningLeavesWhatTheKeptChannelsGive) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(name_of(sample));
    graph::Graph whole = graph::with_random_parameters(with_logits(sample), 1);
    const ChannelGroups groups = channel_groups(whole);
    const std::vector<int>& units = groups.unit_of[static_cast<std::size_t>(sample.node)];
    std::vector<double> scores(groups.units(), 1);
    PruneOptions options{.ratio = 0};
    for (const ChannelGroup& group : groups.groups) {
      if (std::ranges::find(units, group.units.front()) == units.end()) continue;
      const std::size_t gone = group.units.size() / 2;
      for (std::size_t i = 0; i < gone; ++i) scores[static_cast<std::size_t>(group.units[i])] = 0;
      for (const int producer : group.producers) {
        options.keep.push_back({whole.nodes[static_cast<std::size_t>(producer)].name,
                                static_cast<int>(group.units.size() - gone)});
      }
    }
    const graph::Graph pruned = prune_channels(whole, groups, scores, options);
    auto& logits = std::get<graph::FloatWeights>(*graph::weights_of(whole.nodes.back().op));
    for (std::size_t i = 0; i < logits.values.size(); ++i) {
      const int unit = units[i % units.size()];
      if (unit != ChannelGroups::kFixed && scores[static_cast<std::size_t>(unit)] == 0) {
        logits.values[i] = 0;
      }
    }
    EXPECT_EQ(graph::macs(pruned) < graph::macs(whole), !options.keep.empty());
    const auto windows = random_windows(4, whole.input_shape(), 2);
    EXPECT_THAT(logits_of(pruned, windows),
                testing::Pointwise(testing::FloatNear(1e-4F), logits_of(whole, windows)));
  }
}

}  // namespace
}  // namespace edgeproof::compress
