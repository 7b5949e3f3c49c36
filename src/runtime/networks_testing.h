#pragma once

// Networks with random weights, for tests only.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "graph/fold.h"
#include "graph/graph.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"

namespace edgeproof::runtime {

inline std::vector<float> random_values(std::size_t count, std::uint64_t seed, double sd = 1.0) {
  const CounterRng rng(seed, "runtime tests");
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(sd * rng.normal(static_cast<std::uint32_t>(i)));
  }
  return values;
}

// An architecture of the zoo with weights that keep activations near unit variance.
inline graph::Graph random_network(const std::string& architecture, graph::Shape input, int classes,
                                   std::uint64_t seed) {
  return graph::with_random_parameters(
      graph::build(architecture, {.input = input, .classes = classes}), seed);
}

// The folded network in int8 by plain rules: every activation in +-`range`, weights by their
// largest.
inline graph::Graph quantized(const graph::Graph& fp32, float range = 4.0F) {
  graph::Graph graph = graph::fold(fp32);
  const graph::Quantization q{2 * range / 255, 0};
  for (graph::Node& node : graph.nodes) {
    node.quantization = q;
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const auto w = std::get<graph::FloatWeights>(*weights);
    const std::size_t per_output = w.values.size() / w.bias.size();
    graph::Int8Weights quantized;
    for (std::size_t c = 0; c < w.bias.size(); ++c) {
      float largest = 1e-6F;
      for (std::size_t i = 0; i < per_output; ++i) {
        largest = std::max(largest, std::abs(w.values[c * per_output + i]));
      }
      const float scale = largest / 127;
      quantized.scales.push_back(scale);
      quantized.bias.push_back(
          static_cast<std::int32_t>(std::lround(w.bias[c] / (q.scale * scale))));
      for (std::size_t i = 0; i < per_output; ++i) {
        quantized.values.push_back(
            static_cast<std::int8_t>(std::lround(w.values[c * per_output + i] / scale)));
      }
    }
    *weights = quantized;
  }
  return graph;
}

inline graph::Graph r1() {
  return random_network("cnn", {128, 9}, 6, 1);
}
inline graph::Graph r2() {
  return random_network("ds_cnn", {128, 9}, 6, 2);
}
inline graph::Graph r3() {
  return random_network("wdcnn", {2048, 1}, 10, 3);
}

}  // namespace edgeproof::runtime
