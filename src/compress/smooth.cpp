// Every pair's activations and weights are those of the graph as it came: what scales one pair
// leaves what later ones see.

#include "compress/smooth.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "compress/calibration_run.h"
#include "compress/layer_pairs.h"
#include "core/error.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

constexpr double kDead = 1e-6;

using Largest = std::vector<double>;  // per channel

// For each pair, what its second layer reads.
std::vector<Largest> largest_activations(const graph::Graph& graph,
                                         const std::vector<LayerPair>& pairs,
                                         const signal::WindowSet& windows, int most) {
  CalibrationRun run(graph, windows, most);
  std::vector<Largest> largest;
  for (const LayerPair& pair : pairs) {
    largest.emplace_back(static_cast<std::size_t>(pair.second.in.channels), 0);
  }
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      const auto values = run.output(pairs[p].second_input);
      for (std::size_t k = 0; k < values.size(); ++k) {
        double& seen = largest[p][k % largest[p].size()];
        seen = std::max(seen, std::abs(double{values[k]}));
      }
    }
  }
  return largest;
}

Largest largest_weights(const ScalableLayer& layer) {
  Largest largest(static_cast<std::size_t>(layer.in.channels), 0);
  layer.for_each([&](float w, std::size_t input, std::size_t) {
    largest[input] = std::max(largest[input], std::abs(double{w}));
  });
  return largest;
}

std::vector<double> scales_of(const Largest& activations, const Largest& weights, double alpha) {
  const double least_activation = kDead * std::ranges::max(activations);
  const double least_weight = kDead * std::ranges::max(weights);
  std::vector<double> scales;
  for (std::size_t c = 0; c < weights.size(); ++c) {
    const bool alive = activations[c] > least_activation && weights[c] > least_weight;
    scales.push_back(alive ? std::pow(activations[c], alpha) / std::pow(weights[c], 1 - alpha) : 1);
  }
  return scales;
}

}  // namespace

graph::Graph smooth(const graph::Graph& fp32, const signal::WindowSet& windows,
                    const SmoothOptions& options) {
  if (!(options.alpha >= 0 && options.alpha <= 1)) {
    fail(ErrorCode::bad_config, "smoothing: alpha is {}, expected 0 to 1", options.alpha);
  }
  graph::Graph graph = scalable(fp32, "smoothing");
  const std::vector<LayerPair> pairs = layer_pairs(graph);
  const auto activations = largest_activations(graph, pairs, windows, options.windows);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    rescale(pairs[p], scales_of(activations[p], largest_weights(pairs[p].second), options.alpha));
  }
  graph::validate(graph);
  return graph;
}

}  // namespace edgeproof::compress
