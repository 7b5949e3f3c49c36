#pragma once

// For tests only: fills a graph with reproducible random parameters.

#include <cmath>

#include "core/random.h"
#include "graph/graph.h"

namespace edgeproof::graph {

// Weights of He's size, small biases, BatchNorm away from the identity.
inline Graph with_random_parameters(Graph graph, std::uint64_t seed) {
  const CounterRng rng(seed, "test parameters");
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    const auto fill = [&](std::vector<float>& values, std::uint32_t which, double mean, double sd) {
      for (std::uint32_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>(mean + sd * rng.normal(n, which, i));
      }
    };
    Op& op = graph.nodes[n].op;
    if (Weights* weights = weights_of(op)) {
      auto& w = std::get<FloatWeights>(*weights);
      const double fan_in =
          static_cast<double>(w.values.size()) / static_cast<double>(w.bias.size());
      fill(w.values, 0, 0, std::sqrt(2 / fan_in));
      fill(w.bias, 1, 0, 0.1);
    } else if (auto* bn = std::get_if<BatchNorm>(&op)) {
      fill(bn->gamma, 0, 1, 0.2);
      fill(bn->beta, 1, 0, 0.2);
      fill(bn->mean, 2, 0, 0.2);
      fill(bn->variance, 3, 1, 0.1);
      for (float& v : bn->variance) v = std::abs(v);
    }
  }
  return graph;
}

}  // namespace edgeproof::graph
