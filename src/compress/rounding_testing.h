#pragma once

// For tests only: single layers of every kind, and how well rounded weights do on data.

#include <cmath>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/layer_data.h"
#include "compress/quantize.h"
#include "graph/graph_testing.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {

// A convolution with random weights, alone.
inline graph::Graph one_convolution(graph::Shape shape, graph::Conv1d conv, std::uint64_t seed) {
  auto& w = conv.weights.emplace<graph::FloatWeights>();
  w.values.resize(
      static_cast<std::size_t>(conv.out_channels * conv.kernel * shape.channels / conv.groups));
  w.bias.resize(static_cast<std::size_t>(conv.out_channels));
  graph::Graph graph{"one", {{"input", graph::Input{shape}, {}}, {"conv", conv, {0}}}};
  return graph::with_random_parameters(graph, seed);
}

// Plain, strided and dilated with padding, grouped, depthwise.
inline std::vector<graph::Conv1d> kinds_of_convolution() {
  return {
      {.out_channels = 6, .kernel = 3},
      {.out_channels = 4, .kernel = 5, .stride = 2, .pad_left = 3, .pad_right = 1},
      {.out_channels = 8, .kernel = 3, .pad_left = 2, .pad_right = 2, .dilation = 2, .groups = 2},
      {.out_channels = 8, .kernel = 3, .pad_left = 1, .pad_right = 1, .groups = 4}};
}

// Windows that vary slowly, on a mean: neighbours in time and channels are correlated, as in
// sensor recordings.
inline signal::WindowSet smooth_windows(int count, graph::Shape shape, std::uint64_t seed) {
  auto set = random_windows(count, shape, seed);
  for (std::size_t i = 0; i < set.values.size(); ++i) {
    const auto before = static_cast<std::size_t>(shape.channels);
    if (i >= before) set.values[i] = 0.8F * set.values[i - before] + 0.6F * set.values[i];
  }
  for (float& value : set.values) value += 0.5F;
  return set;
}

// Per output channel, the mean squared error that the layer's rounded weights make on the data's
// inputs, before the activation function: the runtime's convolution of them by the errors of the
// weights.
inline std::vector<double> rounding_errors(const LayerData& layer, const graph::Int8Weights& q,
                                           const std::vector<std::int8_t>& levels) {
  graph::Conv1d conv = layer.conv;
  conv.activation = graph::Activation::none;
  const std::size_t channels = q.scales.size();
  auto& w = conv.weights.emplace<graph::FloatWeights>();
  for (std::size_t i = 0; i < levels.size(); ++i) {
    w.values.push_back(layer.weights.values[i] -
                       q.scales[i * channels / levels.size()] * levels[i]);
  }
  w.bias.resize(channels);
  const graph::Graph graph{"error", {{"input", graph::Input{layer.in}, {}}, {"conv", conv, {0}}}};
  std::vector<float> inputs;
  for (const std::int16_t level : layer.inputs) inputs.push_back(layer.input_scale * level);
  const auto errors =
      runtime::evaluate(runtime::Plan(graph), inputs, static_cast<int>(layer.windows), 1);
  std::vector<double> sums(channels, 0);
  for (std::size_t i = 0; i < errors.logits.size(); ++i) {
    sums[i % channels] += std::pow(double{errors.logits[i]}, 2) / static_cast<double>(layer.rows());
  }
  return sums;
}

}  // namespace edgeproof::compress
