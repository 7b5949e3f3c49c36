#include "libtorch/taylor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::libtorch {
namespace {

signal::WindowSet random_windows(int count, graph::Shape shape) {
  signal::WindowSet set{count, shape.length, shape.channels, {}, {}, {}};
  const CounterRng rng(1, "windows");
  for (int i = 0; i < count * shape.size(); ++i) {
    set.values.push_back(static_cast<float>(rng.normal(static_cast<std::uint32_t>(i))));
  }
  for (int i = 0; i < count; ++i) set.labels.push_back(i % 3);
  return set;
}

// Mean cross-entropy of the runtime's logits: LibTorch has no part in it.
double loss_of(const graph::Graph& graph, const signal::WindowSet& set) {
  const auto logits = runtime::evaluate(runtime::Plan(graph), set.values, set.count, 1).logits;
  const std::size_t classes = logits.size() / static_cast<std::size_t>(set.count);
  double loss = 0;
  for (int i = 0; i < set.count; ++i) {
    const float* z = logits.data() + static_cast<std::size_t>(i) * classes;
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(double{z[c]});
    loss += std::log(sum) - z[set.labels[static_cast<std::size_t>(i)]];
  }
  return loss / set.count;
}

// The gradient along the gate: scaling all its numbers by (1 + e) changes the loss by e g . w.
double gate_by_differences(const graph::Graph& graph, const signal::WindowSet& set,
                           std::size_t conv, std::size_t channel) {
  const auto scaled = [&](double factor) {
    graph::Graph other = graph;
    const auto scale = [&](float& value) { value = static_cast<float>(value * factor); };
    if (auto* bn = std::get_if<graph::BatchNorm>(&other.nodes[conv + 1].op)) {
      scale(bn->gamma[channel]);
      scale(bn->beta[channel]);
    } else {
      auto& w = std::get<graph::FloatWeights>(*graph::weights_of(other.nodes[conv].op));
      const std::size_t filter = w.values.size() / w.bias.size();
      for (std::size_t i = 0; i < filter; ++i) scale(w.values[channel * filter + i]);
      scale(w.bias[channel]);
    }
    return loss_of(other, set);
  };
  constexpr double kStep = 2e-2;
  return (scaled(1 + kStep) - scaled(1 - kStep)) / (2 * kStep);
}

TEST(Taylor, AgreesWithFiniteDifferences) {
  const auto unfolded = graph::with_random_parameters(graph::resnet1d({{64, 2}, 3}), 5);
  const auto set = random_windows(40, {64, 2});  // one batch
  for (const auto& graph : {unfolded, graph::fold(unfolded)}) {
    const auto scores = taylor_scores(graph, set, 100);
    int compared = 0;
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      if (!std::holds_alternative<graph::Conv1d>(graph.nodes[n].op)) {
        EXPECT_TRUE(scores[n].empty());
        continue;
      }
      for (const std::size_t channel : {0, 7, 31}) {
        const double expected = gate_by_differences(graph, set, n, channel);
        EXPECT_NEAR(std::sqrt(scores[n][channel]), std::abs(expected),
                    0.05 * std::abs(expected) + 1e-3)
            << graph.nodes[n].name << " " << channel;
        ++compared;
      }
    }
    EXPECT_EQ(compared, 27);
  }
}

TEST(Taylor, AveragesOverBatches) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 2}, 3}), 5);
  const auto set = random_windows(128, {64, 2});
  const auto half = [&](int begin) {
    signal::WindowSet part{64, 64, 2, {}, {}, {}};
    part.values.assign(set.values.begin() + begin * 128, set.values.begin() + (begin + 64) * 128);
    part.labels.assign(set.labels.begin() + begin, set.labels.begin() + begin + 64);
    return taylor_scores(graph, part, 64);
  };
  const auto whole = taylor_scores(graph, set, 128), first = half(0), second = half(64);
  for (std::size_t c = 0; c < whole[1].size(); ++c) {
    EXPECT_NEAR(whole[1][c], (first[1][c] + second[1][c]) / 2, 1e-9);
  }
}

TEST(Taylor, RefusesAnEmptySet) {
  EXPECT_THROW(taylor_scores(graph::cnn({{64, 2}, 3}), random_windows(0, {64, 2}), 10), Error);
}

}  // namespace
}  // namespace edgeproof::libtorch
