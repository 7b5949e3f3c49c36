#include "compress/channel_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "graph/zoo.h"

namespace edgeproof::compress {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

int node(const graph::Graph& graph, const std::string& name) {
  const auto found = std::ranges::find(graph.nodes, name, &graph::Node::name);
  EXPECT_NE(found, graph.nodes.end()) << name;
  return static_cast<int>(found - graph.nodes.begin());
}

const std::vector<int>& units(const ChannelGroups& groups, const graph::Graph& graph,
                              const std::string& name) {
  return groups.unit_of[static_cast<std::size_t>(node(graph, name))];
}

std::vector<std::string> producers(const graph::Graph& graph, const ChannelGroup& group) {
  std::vector<std::string> names;
  for (const int n : group.producers)
    names.push_back(graph.nodes[static_cast<std::size_t>(n)].name);
  return names;
}

TEST(ChannelGroups, AChainHasOneForEachConvolution) {
  const auto graph = graph::cnn({{128, 9}, 6});
  const ChannelGroups groups = channel_groups(graph);
  ASSERT_THAT(groups.groups, SizeIs(3));
  EXPECT_THAT(producers(graph, groups.groups[1]), ElementsAre("conv2"));
  EXPECT_THAT(groups.groups[1].units, SizeIs(64));
  EXPECT_EQ(groups.units(), 160U);
  EXPECT_THAT(groups.unit_of.front(), Each(ChannelGroups::kFixed));
  EXPECT_THAT(groups.unit_of.back(), Each(ChannelGroups::kFixed));
}

TEST(ChannelGroups, DepthwiseFollowsWhatItReads) {
  const auto graph = graph::ds_cnn({{128, 9}, 6});
  const ChannelGroups groups = channel_groups(graph);
  EXPECT_THAT(groups.groups, SizeIs(5));
  EXPECT_EQ(units(groups, graph, "depthwise1"), units(groups, graph, "stem"));
  EXPECT_NE(units(groups, graph, "pointwise1"), units(groups, graph, "stem"));
}

TEST(ChannelGroups, WhatIsAddedGoesTogether) {
  const auto graph = graph::resnet1d({{128, 9}, 6});
  const ChannelGroups groups = channel_groups(graph);
  EXPECT_EQ(units(groups, graph, "block1_conv2"), units(groups, graph, "stem"));
  EXPECT_NE(units(groups, graph, "block1_conv1"), units(groups, graph, "stem"));
  EXPECT_EQ(units(groups, graph, "block2_project"), units(groups, graph, "block2_conv2"));
  EXPECT_THAT(producers(graph, groups.groups[0]), ElementsAre("stem", "block1_conv2"));
}

TEST(ChannelGroups, ConcatenationLaysThemSideBySide) {
  const auto graph = graph::inception({{128, 9}, 6});
  const ChannelGroups groups = channel_groups(graph);
  std::vector<int> side_by_side;
  for (const auto* name :
       {"module1_conv19", "module1_conv9", "module1_conv5", "module1_pool_conv"}) {
    const auto& branch = units(groups, graph, name);
    side_by_side.insert(side_by_side.end(), branch.begin(), branch.end());
  }
  EXPECT_EQ(units(groups, graph, "module1"), side_by_side);
  // The residual over all modules ties a quarter of its projection to each branch of the last.
  const auto& tied = groups.groups[static_cast<std::size_t>(
      groups.group_of[static_cast<std::size_t>(units(groups, graph, "module3_conv9").front())])];
  EXPECT_THAT(producers(graph, tied), ElementsAre("module3_conv9", "residual_project"));
  EXPECT_THAT(tied.units, SizeIs(16));
}

TEST(ChannelGroups, WhatIsAddedToTheInputMustStay) {
  graph::Graph graph;
  const graph::FloatWeights w{std::vector<float>(4, 1), std::vector<float>(2, 0)};
  graph.nodes = {{"input", graph::Input{{8, 2}}, {}},
                 {"conv", graph::Conv1d{.out_channels = 2, .weights = w}, {0}},
                 {"add", graph::Add{}, {0, 1}},
                 {"average", graph::GlobalAveragePool{}, {2}},
                 {"dense", graph::Dense{.out_features = 2, .weights = w}, {3}}};
  const ChannelGroups groups = channel_groups(graph);
  EXPECT_EQ(groups.units(), 0U);
  EXPECT_THAT(groups.unit_of[1], Each(ChannelGroups::kFixed));
}

TEST(ChannelGroups, AroundAGroupedConvolutionAllStay) {
  graph::Graph graph;
  const auto weights = [](std::size_t count, std::size_t out) {
    return graph::FloatWeights{std::vector<float>(count, 1), std::vector<float>(out, 0)};
  };
  graph.nodes = {
      {"input", graph::Input{{8, 1}}, {}},
      {"first", graph::Conv1d{.out_channels = 4, .weights = weights(4, 4)}, {0}},
      {"grouped", graph::Conv1d{.out_channels = 4, .groups = 2, .weights = weights(8, 4)}, {1}},
      {"last", graph::Conv1d{.out_channels = 3, .weights = weights(12, 3)}, {2}},
      {"average", graph::GlobalAveragePool{}, {3}},
      {"dense", graph::Dense{.out_features = 2, .weights = weights(6, 2)}, {4}}};
  const ChannelGroups groups = channel_groups(graph);
  EXPECT_EQ(groups.units(), 3U);
  EXPECT_THAT(groups.unit_of[1], Each(ChannelGroups::kFixed));
  EXPECT_THAT(groups.unit_of[2], Each(ChannelGroups::kFixed));
}

}  // namespace
}  // namespace edgeproof::compress
