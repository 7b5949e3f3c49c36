#include "compress/adaround.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/rounding_testing.h"
#include "core/error.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{16, 4};

using Levels = std::vector<std::int8_t>;

// Per output channel, the mean squared difference of the layer's output to its targets.
std::vector<double> errors_of(const LayerData& layer, const graph::Int8Weights& q,
                              const Levels& levels) {
  const auto channels = static_cast<std::size_t>(layer.conv.out_channels);
  const auto size = static_cast<std::size_t>(layer.row_size());
  std::vector<double> errors(channels, 0), row(size);
  for (std::int64_t r = 0; r < layer.rows(); ++r) {
    for (std::size_t c = 0; c < channels; ++c) {
      layer.gather(r / layer.positions(), static_cast<int>(r % layer.positions()),
                   static_cast<int>(c) / layer.group_outputs(), row.data());
      double sum = layer.weights.bias[c];
      for (std::size_t i = 0; i < size; ++i) {
        sum += row[i] * layer.input_scale * q.scales[c] * levels[c * size + i];
      }
      if (layer.conv.activation == graph::Activation::relu) sum = std::max(sum, 0.0);
      errors[c] += std::pow(sum - layer.targets[static_cast<std::size_t>(r) * channels + c], 2) /
                   static_cast<double>(layer.rows());
    }
  }
  return errors;
}

struct Layer {
  LayerData data;
  graph::Int8Weights nearest;
};

Layer random_layer(graph::Conv1d conv, QuantizeOptions options, std::uint64_t seed,
                   graph::Shape shape = kShape) {
  const auto windows = smooth_windows(12, shape, seed);
  const auto fp32 = calibrate(one_convolution(shape, std::move(conv), seed), windows, {});
  const auto int8 = quantize(fp32, options);
  return {layer_data(int8, fp32, 1, windows, 12, true),
          std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[1].op))};
}

TEST(Adaround, RoundsEveryWeightUpOrDownWithinItsLevels) {
  bool changed = false;
  for (const graph::Conv1d& kind : kinds_of_convolution()) {
    for (int bits = 2; bits <= 8; ++bits) {
      const auto [data, nearest] =
          random_layer(kind, {.weight_bits = bits, .weight_clip = WeightClip::mse}, 3);
      const int largest = largest_weight_level(bits);
      const Levels levels = adaround(data, nearest, largest, {.iterations = 100});
      ASSERT_EQ(levels.size(), data.weights.values.size());
      changed |= levels != nearest.values;
      for (std::size_t i = 0; i < levels.size(); ++i) {
        const float scale = nearest.scales[i * nearest.scales.size() / levels.size()];
        const float down = std::floor(data.weights.values[i] / scale);
        const auto within = [&](float level) {
          return std::clamp(static_cast<int>(level), -largest, largest);
        };
        EXPECT_TRUE(levels[i] == within(down) || levels[i] == within(down + 1)) << bits;
      }
    }
  }
  EXPECT_TRUE(changed);
}

TEST(Adaround, IsNoWorseThanNearestOnAnyChannelOfAnyLayer) {
  double sum_before = 0, sum_after = 0;
  for (graph::Conv1d kind : kinds_of_convolution()) {
    for (const auto activation : {graph::Activation::none, graph::Activation::relu}) {
      kind.activation = activation;
      for (int bits = 2; bits <= 5; ++bits) {
        const auto [data, nearest] = random_layer(kind, {.weight_bits = bits}, 4);
        const Levels levels =
            adaround(data, nearest, largest_weight_level(bits), {.iterations = 500, .batch = 32});
        const auto before = errors_of(data, nearest, nearest.values);
        const auto after = errors_of(data, nearest, levels);
        for (std::size_t c = 0; c < before.size(); ++c) {
          EXPECT_LE(after[c], 1.001 * before[c]) << bits;
          sum_before += 1;
          sum_after += after[c] / std::max(before[c], 1e-30);
        }
      }
    }
  }
  EXPECT_LT(sum_after, 0.85 * sum_before);
}

// Every rounding up or down of eleven weights: neighbours in time, whose inputs are correlated.
TEST(Adaround, ComesCloseToTheBestOfAllRoundings) {
  for (const auto activation : {graph::Activation::none, graph::Activation::relu}) {
    double nearest_sum = 0, found_sum = 0, best_sum = 0;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const auto [data, nearest] =
          random_layer({.out_channels = 1, .kernel = 11, .activation = activation},
                       {.weight_bits = 3}, seed, {24, 1});
      double best = std::numeric_limits<double>::infinity();
      for (unsigned code = 0; code < 2048; ++code) {
        Levels levels;
        for (unsigned i = 0; i < 11; ++i) {
          const float down = std::floor(data.weights.values[i] / nearest.scales[0]);
          levels.push_back(static_cast<std::int8_t>(
              std::clamp(static_cast<int>(down) + static_cast<int>(code >> i & 1U), -3, 3)));
        }
        best = std::min(best, errors_of(data, nearest, levels)[0]);
      }
      const double unit = errors_of(data, nearest, nearest.values)[0];
      const double found = errors_of(
          data, nearest, adaround(data, nearest, 3, {.iterations = 1000, .batch = 32}))[0];
      EXPECT_GE(found, 0.999 * best);
      best_sum += best / unit;
      found_sum += found / unit;
      nearest_sum += 1;
    }
    EXPECT_LT(found_sum, 1.2 * best_sum);
    EXPECT_LT(best_sum, 0.6 * nearest_sum);
  }
}

// Scaling a layer's input or output changes nothing that it learns.
TEST(Adaround, DoesNotDependOnUnits) {
  auto [data, nearest] = random_layer(kinds_of_convolution()[0], {.weight_bits = 3}, 5);
  const Levels levels = adaround(data, nearest, 3, {.iterations = 200});
  for (float& value : data.weights.values) value *= 16;
  for (float& value : data.weights.bias) value *= 4;
  for (float& scale : nearest.scales) scale *= 16;
  for (float& value : data.targets) value *= 4;
  data.input_scale /= 4;
  EXPECT_EQ(adaround(data, nearest, 3, {.iterations = 200}), levels);
}

TEST(Adaround, LeavesNearestWhatSeesOnlyZeros) {
  auto [data, nearest] = random_layer(kinds_of_convolution()[3], {.weight_bits = 3}, 5);
  std::fill(data.inputs.begin(), data.inputs.end(), std::int16_t{0});
  EXPECT_EQ(adaround(data, nearest, 3, {.iterations = 200}), nearest.values);
}

TEST(Adaround, RefusesOptionsOutOfRange) {
  const auto [data, nearest] = random_layer(kinds_of_convolution()[0], {.weight_bits = 3}, 5);
  const auto refuses = [&data = data, &nearest = nearest](const AdaroundOptions& options) {
    EXPECT_THROW(adaround(data, nearest, 3, options), Error);
  };
  refuses({.iterations = 0});
  refuses({.batch = 0});
  refuses({.rate = 0});
  refuses({.rate = std::nan("")});
  refuses({.regularization = -1});
}

}  // namespace
}  // namespace edgeproof::compress
