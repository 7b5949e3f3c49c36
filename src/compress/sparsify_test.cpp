#include "compress/sparsify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

std::vector<std::vector<float>> weights_in(const graph::Graph& graph) {
  std::vector<std::vector<float>> all;
  for (const graph::Node& node : graph.nodes) {
    if (const auto* weights = graph::weights_of(node.op)) {
      all.push_back(std::get<graph::FloatWeights>(*weights).values);
    }
  }
  return all;
}

// A dense layer of these weights, two channels.
graph::Graph dense_of(const std::vector<float>& values) {
  const auto inputs = static_cast<int>(values.size() / 2);
  graph::Dense dense{.out_features = 2, .weights = graph::FloatWeights{values, {0.5F, 0}}};
  return {"dense", {{"input", graph::Input{{1, inputs}}, {}}, {"dense", dense, {0}}}};
}

TEST(Sparsify, ZeroesTheSmallestMagnitudes) {
  const auto sparse = sparsify(dense_of({3, -1, 4, -2, 5, 0.5F, -6, 1.5F}), {.ratio = 0.5});
  EXPECT_EQ(weights_in(sparse)[0], (std::vector<float>{3, 0, 4, 0, 5, 0, -6, 0}));
  EXPECT_EQ(std::get<graph::FloatWeights>(*graph::weights_of(sparse.nodes[1].op)).bias,
            (std::vector<float>{0.5F, 0}));
}

TEST(Sparsify, OfEqualWeightsTheEarlierGoFirst) {
  const auto sparse = sparsify(dense_of({1, -1, 1, 1, -1, 1, 1, 1}), {.ratio = 0.5});
  EXPECT_EQ(weights_in(sparse)[0], (std::vector<float>{1, 0, 0, 0, -1, 0, 1, 1}));
}

TEST(Sparsify, WeightsThatAreZeroCountToTheShare) {
  const auto graph = dense_of({3, 0, 4, 0, 5, 0, -6, 2});
  EXPECT_EQ(weights_in(sparsify(graph, {.ratio = 0.25})), weights_in(graph));
}

TEST(Sparsify, TheLargestWeightOfAChannelStays) {
  const auto sparse = sparsify(dense_of({7, 8, 9, 6, 0.3F, 0.4F, -0.4F, 0.1F}), {.ratio = 0.99});
  EXPECT_EQ(weights_in(sparse)[0], (std::vector<float>{0, 0, 9, 0, 0, 0.4F, 0, 0}));
}

// What became of weights that share a threshold.
struct Outcome {
  std::size_t count = 0, zeros = 0, channels = 0;
  float largest_gone = 0, smallest_kept = INFINITY;  // folded magnitudes; not of channels' largest

  void add(const std::vector<float>& sparse, const std::vector<float>& folded,
           std::size_t outputs) {
    count += sparse.size();
    channels += outputs;
    const std::size_t size = sparse.size() / outputs;
    for (std::size_t begin = 0; begin < sparse.size(); begin += size) {
      std::size_t largest = begin;
      for (std::size_t i = begin; i < begin + size; ++i) {
        if (std::abs(folded[i]) > std::abs(folded[largest])) largest = i;
      }
      EXPECT_NE(sparse[largest], 0);
      for (std::size_t i = begin; i < begin + size; ++i) {
        zeros += sparse[i] == 0;
        if (sparse[i] == 0) largest_gone = std::max(largest_gone, std::abs(folded[i]));
        if (sparse[i] != 0 && i != largest) {
          smallest_kept = std::min(smallest_kept, std::abs(folded[i]));
        }
      }
    }
  }
  void check(double ratio) const {
    const auto asked = static_cast<std::size_t>(std::lround(ratio * static_cast<double>(count)));
    EXPECT_EQ(zeros, std::min(asked, count - channels));
    EXPECT_LE(largest_gone, smallest_kept);
  }
};

TEST(Sparsify, HasOneThresholdForAllFoldedWeightsOrOneForEachLayer) {
  for (const std::string& name : graph::architectures()) {
    const auto graph = uneven_network(name, {256, 2});
    const auto folded = weights_in(graph::fold(graph));
    for (const auto scope : {SparsifyScope::global, SparsifyScope::uniform}) {
      for (const double ratio : {0.3, 0.8}) {
        const auto sparse = sparsify(graph, {.ratio = ratio, .scope = scope});
        Outcome all;
        std::size_t layer = 0;
        for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
          const auto* weights = graph::weights_of(sparse.nodes[n].op);
          if (weights == nullptr) continue;
          const auto& w = std::get<graph::FloatWeights>(*weights);
          const auto& before = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[n].op));
          EXPECT_EQ(w.bias, before.bias);
          for (std::size_t i = 0; i < w.values.size(); ++i) {
            if (w.values[i] != 0) {
              EXPECT_EQ(w.values[i], before.values[i]);
            }
          }
          Outcome one;
          one.add(w.values, folded[layer], w.bias.size());
          all.add(w.values, folded[layer], w.bias.size());
          if (scope == SparsifyScope::uniform) one.check(ratio);
          ++layer;
        }
        if (scope == SparsifyScope::global) all.check(ratio);
      }
    }
  }
}

TEST(Sparsify, DropsWhatQuantizationFound) {
  auto graph = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  for (auto& node : graph.nodes) {
    node.quantization = graph::Quantization{0.1F, 0};
    if (auto* weights = graph::weights_of(node.op)) {
      auto& w = std::get<graph::FloatWeights>(*weights);
      w.grid = graph::WeightGrid{4, std::vector<float>(w.bias.size(), 0.1F)};
    }
  }
  for (const auto& node : sparsify(graph, {.ratio = 0}).nodes) {
    EXPECT_FALSE(node.quantization);
    if (const auto* weights = graph::weights_of(node.op)) {
      EXPECT_FALSE(std::get<graph::FloatWeights>(*weights).grid);
    }
  }
}

TEST(Sparsify, ZerosStayZeroInIntegers) {
  const auto sparse = sparsify(uneven_network("ds_cnn"), {.ratio = 0.7});
  const auto folded = weights_in(graph::fold(sparse));
  const auto int8 = quantize(calibrate(sparse, random_windows(4, {128, 2}, 1), {}));
  std::size_t layer = 0;
  for (const auto& node : int8.nodes) {
    const auto* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const auto& levels = std::get<graph::Int8Weights>(*weights).values;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (folded[layer][i] == 0) {
        EXPECT_EQ(levels[i], 0);
      }
    }
    ++layer;
  }
}

TEST(Sparsify, RefusesARatioOfOne) {
  const auto graph = graph::cnn({{128, 9}, 6});
  EXPECT_THROW(sparsify(graph, {.ratio = 1}), Error);
  EXPECT_THROW(sparsify(graph, {.ratio = -0.1}), Error);
  EXPECT_THROW(sparsify(graph, {.ratio = NAN}), Error);
}

}  // namespace
}  // namespace edgeproof::compress
