#pragma once

// For tests only.

#include <cmath>
#include <string>
#include <vector>

#include "core/random.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

inline signal::WindowSet random_windows(int count, graph::Shape shape, std::uint64_t seed) {
  signal::WindowSet set{count, shape.length, shape.channels, {}, {}, {}};
  const CounterRng rng(seed, "windows");
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(count * shape.size()); ++i) {
    set.values.push_back(static_cast<float>(rng.normal(i)));
  }
  return set;
}

// With channels of very different sizes, as depthwise networks come out of training.
inline graph::Graph uneven_network(const std::string& architecture, graph::Shape shape = {128, 2}) {
  auto graph = graph::with_random_parameters(graph::build(architecture, {shape, 5}), 9);
  const CounterRng rng(2, "uneven");
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    if (auto* bn = std::get_if<graph::BatchNorm>(&graph.nodes[n].op)) {
      for (std::uint32_t c = 0; c < bn->gamma.size(); ++c) {
        bn->gamma[c] *= static_cast<float>(std::exp(1.5 * rng.normal(n, c)));
      }
    }
  }
  return graph;
}

inline std::vector<float> logits_of(const graph::Graph& graph, const signal::WindowSet& windows) {
  return runtime::evaluate(runtime::Plan(graph), windows.values, windows.count, 1).logits;
}

}  // namespace edgeproof::compress
