#include "compress/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "compress/compress_testing.h"
#include "compress/importance.h"
#include "core/error.h"
#include "graph/cost.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

using testing::HasSubstr;

graph::Graph pruned(const graph::Graph& graph, const PruneOptions& options,
                    Importance importance = Importance::l1) {
  const ChannelGroups groups = channel_groups(graph);
  return prune_channels(graph, groups, weight_importance(graph, groups, importance), options);
}

graph::Graph random_network(const std::string& name) {
  return graph::with_random_parameters(graph::build(name, {{256, 2}, 5}), 7);
}

int channels(const graph::Graph& graph, const std::string& name) {
  return std::get<graph::Conv1d>(std::ranges::find(graph.nodes, name, &graph::Node::name)->op)
      .out_channels;
}

std::string error_of(const graph::Graph& graph, const PruneOptions& options) {
  try {
    (void)pruned(graph, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

class PruneZoo : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, PruneZoo,
                         testing::ValuesIn(graph::architectures().begin(),
                                           graph::architectures().end()));

TEST_P(PruneZoo, RatioZeroChangesNothing) {
  const auto graph = random_network(GetParam());
  for (const auto scope : {PruneScope::uniform, PruneScope::global, PruneScope::macs}) {
    const auto same = pruned(graph, {.ratio = 0, .scope = scope});
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      const auto* before = graph::weights_of(graph.nodes[n].op);
      if (before == nullptr) continue;
      EXPECT_EQ(std::get<graph::FloatWeights>(*before).values,
                std::get<graph::FloatWeights>(*graph::weights_of(same.nodes[n].op)).values);
    }
  }
}

// A unit of which every channel gives zero can go without changing the function: the oracle for all
// that has to be cut with it. Weights of what it feeds are left as they are.
TEST_P(PruneZoo, RemovingDeadUnitsLeavesTheFunction) {
  auto graph = random_network(GetParam());
  const ChannelGroups groups = channel_groups(graph);
  std::vector<double> scores(groups.units());
  for (std::size_t unit = 0; unit < scores.size(); ++unit) scores[unit] = unit % 2 == 0 ? 1 : 0;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    graph::Op& op = graph.nodes[n].op;
    for (std::size_t c = 0; c < groups.unit_of[n].size(); ++c) {
      const int unit = groups.unit_of[n][c];
      if (unit == ChannelGroups::kFixed || unit % 2 == 0) continue;
      if (auto* conv = std::get_if<graph::Conv1d>(&op)) {
        auto& w = std::get<graph::FloatWeights>(conv->weights);
        const std::size_t filter = w.values.size() / w.bias.size();
        std::fill_n(w.values.begin() + static_cast<std::ptrdiff_t>(c * filter), filter, 0.0F);
        w.bias[c] = 0;
      } else if (auto* bn = std::get_if<graph::BatchNorm>(&op)) {
        bn->beta[c] = bn->mean[c] = 0;
      }
    }
  }
  const auto small = prune_channels(graph, groups, scores, {.ratio = 0.5});
  EXPECT_LT(graph::macs(small), graph::macs(graph) * 6 / 10);
  const auto windows = random_windows(3, {256, 2}, 1);
  const auto a = logits_of(graph, windows), b = logits_of(small, windows);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 2e-4F);
}

TEST_P(PruneZoo, UniformTakesTheShareOfEveryGroup) {
  const auto graph = random_network(GetParam());
  const auto before = channel_groups(graph);
  const auto after = channel_groups(pruned(graph, {.ratio = 0.75}));
  ASSERT_EQ(before.groups.size(), after.groups.size());
  for (std::size_t g = 0; g < before.groups.size(); ++g) {
    EXPECT_EQ(after.groups[g].units.size(), before.groups[g].units.size() / 4);
  }
}

TEST_P(PruneZoo, GlobalTakesTheShareOfAllUnits) {
  const auto graph = random_network(GetParam());
  const auto before = channel_groups(graph).units();
  const auto after =
      channel_groups(pruned(graph, {.ratio = 0.5, .scope = PruneScope::global})).units();
  EXPECT_EQ(after,
            before - static_cast<std::size_t>(std::lround(0.5 * static_cast<double>(before))));
}

TEST_P(PruneZoo, MacsTakesTheShareOfMultiplyAccumulates) {
  const auto graph = random_network(GetParam());
  const auto small = pruned(graph, {.ratio = 0.6, .scope = PruneScope::macs});
  const double left =
      static_cast<double>(graph::macs(small)) / static_cast<double>(graph::macs(graph));
  EXPECT_LE(left, 0.4);
  EXPECT_GT(left, 0.35);  // it stops with the unit that reaches the share
}

TEST_P(PruneZoo, SomethingOfEveryGroupStays) {
  const auto graph = random_network(GetParam());
  for (const auto scope : {PruneScope::uniform, PruneScope::global, PruneScope::macs}) {
    const auto small = pruned(graph, {.ratio = 0.999, .scope = scope});
    for (const auto& group : channel_groups(small).groups) EXPECT_EQ(group.units.size(), 1U);
  }
}

TEST(Prune, TakesTheLeastImportant) {
  auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto groups = channel_groups(graph);
  std::vector<double> scores(groups.units());
  std::iota(scores.begin(), scores.end(), 0.0);
  std::ranges::reverse(scores);  // the first channels matter most
  const auto small = prune_channels(graph, groups, scores, {.ratio = 0.5});
  const auto& before = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[1].op)).values;
  const auto& after = std::get<graph::FloatWeights>(*graph::weights_of(small.nodes[1].op)).values;
  ASSERT_EQ(after.size(), before.size() / 2);
  EXPECT_TRUE(std::equal(after.begin(), after.end(), before.begin()));
}

// Two groups whose scores differ by a constant factor: neither may be emptied for its scale alone.
TEST(Prune, GlobalComparesGroupsByTheirMeans) {
  const auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto groups = channel_groups(graph);
  std::vector<double> scores(groups.units());
  for (std::size_t g = 0; g < groups.groups.size(); ++g) {
    const auto& units = groups.groups[g].units;
    for (std::size_t i = 0; i < units.size(); ++i) {
      scores[static_cast<std::size_t>(units[i])] = std::pow(100.0, static_cast<double>(g)) *
                                                   static_cast<double>(i + 1) /
                                                   static_cast<double>(units.size());
    }
  }
  const PruneOptions half{.ratio = 0.5, .scope = PruneScope::global};
  const auto fair = prune_channels(graph, groups, scores, half);
  EXPECT_NEAR(channels(fair, "conv1"), 16, 1);
  EXPECT_NEAR(channels(fair, "conv3"), 32, 1);
  const auto literal = prune_channels(graph, groups, scores, half, true);
  EXPECT_EQ(channels(literal, "conv1"), 1);
  EXPECT_EQ(channels(literal, "conv3"), 64);
}

TEST(Prune, MacsPrefersWhatCostsMore) {
  const auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto groups = channel_groups(graph);
  const std::vector<double> alike(groups.units(), 1);
  const auto small =
      prune_channels(graph, groups, alike, {.ratio = 0.3, .scope = PruneScope::macs});
  // A channel of conv1 costs 23,040 multiply-accumulates, one of conv3 6,150.
  EXPECT_LT(channels(small, "conv1"), 32);
  EXPECT_EQ(channels(small, "conv3"), 64);
}

TEST(Prune, KeepsTheCountsAskedFor) {
  const auto graph = random_network("resnet1d");
  const auto small = pruned(graph, {.keep = {{"stem", 12}, {"block3_conv1", 1}}});
  EXPECT_EQ(channels(small, "stem"), 12);
  EXPECT_EQ(channels(small, "block1_conv2"), 12);
  EXPECT_EQ(channels(small, "block3_conv1"), 1);
  EXPECT_EQ(channels(small, "block2_conv1"), 48);
}

TEST(Prune, RefusesWhatMakesNoSense) {
  const auto graph = random_network("resnet1d");
  EXPECT_THAT(error_of(graph, {.ratio = 1}), HasSubstr("ratio is 1"));
  EXPECT_THAT(error_of(graph, {.ratio = -0.1}), HasSubstr("ratio is -0.1"));
  EXPECT_THAT(error_of(graph, {.keep = {{"stem", 0}}}),
              HasSubstr("0 channels of 'stem' cannot stay, it has 32"));
  EXPECT_THAT(error_of(graph, {.keep = {{"stem", 33}}}), HasSubstr("33 channels"));
  EXPECT_THAT(error_of(graph, {.keep = {{"stam", 3}}}), HasSubstr("did you mean 'stem'?"));
  EXPECT_THAT(error_of(graph, {.keep = {{"dense", 3}}}), HasSubstr("cannot be removed"));
  EXPECT_THAT(error_of(graph, {.keep = {{"stem", 8}, {"block1_conv2", 9}}}),
              HasSubstr("'block1_conv2' must keep as many channels"));
  EXPECT_THAT(error_of(random_network("inception"), {.keep = {{"residual_project", 9}}}),
              HasSubstr("belong to 4 groups"));
}

}  // namespace
}  // namespace edgeproof::compress
