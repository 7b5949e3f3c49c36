#include "experiment/search_space.h"

#include <gtest/gtest.h>

#include "compress/calibrate.h"
#include "experiment/recipe.h"
#include "graph/cost.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/plan.h"

namespace edgeproof::experiment {
namespace {

graph::Graph network(const std::string& name) {
  return graph::with_random_parameters(graph::build(name, {{128, 9}, 6}), 1);
}

TEST(SearchSpace, HasAGeneForEachGroupAndLayer) {
  EXPECT_EQ(SearchSpace(network("cnn")).sizes(), (std::vector<int>{8, 8, 8, 3, 3, 3, 3}));
  EXPECT_EQ(SearchSpace(network("resnet1d")).sizes().size(), 6U + 10U);
}

TEST(SearchSpace, TheWholeNetworkIsOne) {
  const auto graph = network("inception");
  const SearchSpace space(graph);
  const SearchCost cost = space.cost(space.uniform(8, 8));
  EXPECT_EQ(cost.macs, graph::macs(graph));
}

TEST(SearchSpace, TextsAreWhatRecipesTake) {
  const SearchSpace space(network("cnn"));
  Genome genome = space.uniform(4, 8);
  genome[1] = 0;
  genome[5] = 1;
  EXPECT_EQ(space.keep_text(genome), "conv1:16 conv2:8 conv3:32");
  EXPECT_EQ(space.bits_text(genome), "8 conv3:4");
  const Recipe recipe = parse_recipe("train > prune(keep=" + space.keep_text(genome) +
                                     ") > qat(weight_bits=" + space.bits_text(genome) + ")");
  EXPECT_EQ(recipe.steps[1].keep.size(), 3U);
  EXPECT_EQ(recipe.steps[2].weights.weight_bits.of("conv3"), 4);
  EXPECT_EQ(recipe.steps[2].weights.weight_bits.of("dense"), 8);
}

// The cost is that of the program which the recipe makes.
TEST(SearchSpace, CostsWhatTheProgramDoes) {
  const auto graph = network("resnet1d");
  const SearchSpace space(graph);
  Genome genome = space.uniform(5, 4);
  genome.front() = 1;
  genome.back() = 2;
  const auto groups = compress::channel_groups(graph);
  const auto pruned = compress::prune_channels(
      graph, groups, std::vector<double>(groups.units(), 1), {.keep = space.keep(genome)});
  signal::WindowSet windows{1, 128, 9, std::vector<float>(128 * 9, 1), {}, {}};
  const auto program = compress::quantize(compress::calibrate(pruned, windows, {}),
                                          {.weight_bits = space.bits(genome)});
  const SearchCost cost = space.cost(genome);
  EXPECT_EQ(cost.weight_bytes, graph::weight_bytes(program));
  EXPECT_EQ(cost.macs, graph::macs(program));
  EXPECT_EQ(cost.arena_bytes, static_cast<std::int64_t>(runtime::Plan(program).arena_bytes()));
}

TEST(SearchSpace, SmallerGenesCostLess) {
  const SearchSpace space(network("ds_cnn"));
  const Genome large = space.uniform(6, 8);
  for (std::size_t g = 0; g < large.size(); ++g) {
    Genome smaller = large;
    --smaller[g];
    const SearchCost a = space.cost(smaller), b = space.cost(large);
    EXPECT_LT(a.weight_bytes, b.weight_bytes);
    EXPECT_LE(a.macs, b.macs);
    EXPECT_LE(a.arena_bytes, b.arena_bytes);
  }
}

}  // namespace
}  // namespace edgeproof::experiment
