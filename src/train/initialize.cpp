#include "train/initialize.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"

namespace edgeproof::train {

graph::Graph initialized(graph::Graph graph, std::uint64_t seed) {
  const CounterRng rng(seed, "initialize");
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n) {
    graph::Weights* weights = graph::weights_of(graph.nodes[n].op);
    if (weights == nullptr) continue;
    auto& w = std::get<graph::FloatWeights>(*weights);
    const double fan_in = static_cast<double>(w.values.size()) / static_cast<double>(w.bias.size());
    const double reach = 1 / std::sqrt(fan_in);
    for (std::uint32_t i = 0; i < w.values.size(); ++i) {
      w.values[i] = static_cast<float>(reach * (2 * rng.uniform(n, i) - 1));
    }
    std::fill(w.bias.begin(), w.bias.end(), 0.0F);
  }
  return graph;
}

}  // namespace edgeproof::train
