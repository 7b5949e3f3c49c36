#include "compress/equalize.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "compress/layer_pairs.h"
#include "core/error.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

constexpr double kDead = 1e-6;

// Per channel of the first layer: {its largest weight there, its largest in the second layer}.
std::vector<std::pair<double, double>> channel_ranges(const LayerPair& pair) {
  std::vector<std::pair<double, double>> ranges(pair.first.weights->bias.size(), {0, 0});
  pair.first.for_each([&](float w, std::size_t, std::size_t output) {
    ranges[output].first = std::max(ranges[output].first, std::abs(double{w}));
  });
  pair.second.for_each([&](float w, std::size_t input, std::size_t) {
    ranges[input].second = std::max(ranges[input].second, std::abs(double{w}));
  });
  return ranges;
}

// The scales s_i; 1 for channels that either layer all but ignores.
std::vector<double> scales_between(const LayerPair& pair) {
  const auto ranges = channel_ranges(pair);
  double largest1 = 0, largest2 = 0;
  for (const auto& [r1, r2] : ranges) {
    largest1 = std::max(largest1, r1);
    largest2 = std::max(largest2, r2);
  }
  std::vector<double> scales;
  for (const auto& [r1, r2] : ranges) {
    const bool alive = r1 > kDead * largest1 && r2 > kDead * largest2;
    scales.push_back(alive ? std::sqrt(r1 / r2) : 1);
  }
  return scales;
}

}  // namespace

graph::Graph equalize(const graph::Graph& fp32, const EqualizeOptions& options) {
  if (options.sweeps < 1 || !(options.tolerance > 0)) {
    fail(ErrorCode::bad_config,
         "equalization of {} sweeps to a tolerance of {}, expected at least 1 and above 0",
         options.sweeps, options.tolerance);
  }
  graph::Graph graph = scalable(fp32, "equalization");
  const std::vector<LayerPair> pairs = layer_pairs(graph);
  double farthest = options.tolerance + 1;
  for (int sweep = 0; sweep < options.sweeps && farthest > options.tolerance; ++sweep) {
    farthest = 0;
    for (const LayerPair& pair : pairs) {
      const std::vector<double> scales = scales_between(pair);
      for (const double s : scales) farthest = std::max(farthest, std::abs(s - 1));
      rescale(pair, scales);
    }
  }
  graph::validate(graph);
  return graph;
}

}  // namespace edgeproof::compress
