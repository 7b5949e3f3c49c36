#include "compress/weight_rounding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "compress/quantize.h"
#include "core/error.h"
#include "core/random.h"

namespace edgeproof::compress {
namespace {

constexpr float kInputScale = 0.05F;
constexpr std::size_t kPerOutput = 400;

graph::FloatWeights random_weights(std::uint64_t seed) {
  graph::FloatWeights w;
  const CounterRng rng(seed, "weights");
  for (std::uint32_t i = 0; i < 3 * kPerOutput; ++i) {
    w.values.push_back(static_cast<float>(0.1 * rng.normal(i)));
  }
  w.bias = {0.5F, -0.25F, 0};
  return w;
}

double channel_error(const graph::FloatWeights& w, const graph::Int8Weights& q,
                     std::size_t channel) {
  double sum = 0;
  for (std::size_t i = channel * kPerOutput; i < (channel + 1) * kPerOutput; ++i) {
    sum += std::pow(double{w.values[i]} - double{q.scales[channel]} * q.values[i], 2);
  }
  return sum;
}

TEST(WeightRounding, UsesExactlyTheLevelsOfItsBits) {
  const auto w = random_weights(1);
  for (int bits = 2; bits <= 8; ++bits) {
    const int largest = (1 << (bits - 1)) - 1;
    EXPECT_EQ(largest_weight_level(bits), largest);
    for (const WeightClip clip : {WeightClip::max, WeightClip::mse}) {
      const auto q = round_weights(w, kInputScale, bits, clip);
      const std::set<int> levels(q.values.begin(), q.values.end());
      EXPECT_LE(levels.size(), 2 * static_cast<std::size_t>(largest) + 1);
      EXPECT_GE(*levels.begin(), -largest);
      EXPECT_LE(*levels.rbegin(), largest);
      EXPECT_EQ(std::max(-*levels.begin(), *levels.rbegin()), largest) << bits;
    }
  }
}

TEST(WeightRounding, WithoutClippingIsWithinHalfAStep) {
  const auto w = random_weights(2);
  for (int bits = 2; bits <= 8; ++bits) {
    const auto q = round_weights(w, kInputScale, bits, WeightClip::max);
    for (std::size_t i = 0; i < w.values.size(); ++i) {
      const float scale = q.scales[i / kPerOutput];
      EXPECT_NEAR(scale * q.values[i], w.values[i], 0.5001F * scale);
    }
  }
}

TEST(WeightRounding, MseClippingFindsTheScaleOfLeastError) {
  const auto w = random_weights(3);
  for (const int bits : {2, 3, 4, 8}) {
    const auto unclipped = round_weights(w, kInputScale, bits, WeightClip::max);
    const auto q = round_weights(w, kInputScale, bits, WeightClip::mse);
    const int largest = largest_weight_level(bits);
    for (std::size_t c = 0; c < 3; ++c) {
      double least = channel_error(w, unclipped, c);
      for (int i = 1; i <= 100; ++i) {
        graph::Int8Weights tried = unclipped;
        tried.scales[c] = unclipped.scales[c] * static_cast<float>(i) / 100;
        for (std::size_t k = c * kPerOutput; k < (c + 1) * kPerOutput; ++k) {
          const long level = std::lround(w.values[k] / tried.scales[c]);
          tried.values[k] =
              static_cast<std::int8_t>(std::clamp(level, -long{largest}, long{largest}));
        }
        least = std::min(least, channel_error(w, tried, c));
      }
      EXPECT_LE(channel_error(w, q, c), 1.0001 * least) << bits;
      EXPECT_LE(channel_error(w, q, c), channel_error(w, unclipped, c));
      if (bits <= 4) {
        EXPECT_LT(channel_error(w, q, c), 0.9 * channel_error(w, unclipped, c));
      }
    }
  }
}

TEST(WeightRounding, BiasHasTheScaleOfInputTimesWeights) {
  const auto w = random_weights(4);
  for (const WeightClip clip : {WeightClip::max, WeightClip::mse}) {
    const auto q = round_weights(w, kInputScale, 4, clip);
    for (std::size_t c = 0; c < 3; ++c) {
      const double step = double{kInputScale} * q.scales[c];
      EXPECT_NEAR(q.bias[c] * step, w.bias[c], 0.501 * step);
    }
  }
}

TEST(WeightRounding, AChannelOfZerosStaysZeroAndKeepsItsBias) {
  auto w = random_weights(5);
  std::fill_n(w.values.begin(), kPerOutput, 0.0F);
  for (const WeightClip clip : {WeightClip::max, WeightClip::mse}) {
    const auto q = round_weights(w, kInputScale, 2, clip);
    EXPECT_TRUE(std::all_of(q.values.begin(), q.values.begin() + kPerOutput,
                            [](int level) { return level == 0; }));
    EXPECT_GE(q.scales[0], kSmallestScale);
    EXPECT_NEAR(q.bias[0] * double{kInputScale} * q.scales[0], 0.5, 1e-3);
  }
}

TEST(WeightRounding, RefusesBitsOutOfRange) {
  for (const int bits : {-1, 0, 1, 9}) {
    EXPECT_THROW(round_weights(random_weights(1), kInputScale, bits, WeightClip::max), Error);
  }
}

}  // namespace
}  // namespace edgeproof::compress
