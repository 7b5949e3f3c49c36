#include "compress/gptq.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compress/rounding_testing.h"
#include "core/error.h"

namespace edgeproof::compress {
namespace {

using Square = std::vector<std::vector<double>>;

// Gauss-Jordan with pivots.
Square inverse(Square a) {
  const std::size_t n = a.size();
  for (std::size_t i = 0; i < n; ++i) {
    a[i].resize(2 * n, 0);
    a[i][n + i] = 1;
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t pivot = i;
    for (std::size_t r = i; r < n; ++r) {
      if (std::abs(a[r][i]) > std::abs(a[pivot][i])) pivot = r;
    }
    std::swap(a[i], a[pivot]);
    const double by = a[i][i];
    for (double& value : a[i]) value /= by;
    for (std::size_t r = 0; r < n; ++r) {
      const double times = a[r][i];
      if (r == i) continue;
      for (std::size_t c = 0; c < 2 * n; ++c) a[r][c] -= times * a[i][c];
    }
  }
  for (auto& row : a) row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(n));
  return a;
}

// Optimal brain quantization of one channel in the order of its weights, equations 2 of the paper:
// the inverse of H over the weights that are left is computed anew after each one.
std::vector<int> by_the_book(std::vector<double> w, double scale, const Square& hessian,
                             int largest) {
  std::vector<int> levels;
  for (std::size_t i = 0; i < w.size(); ++i) {
    Square left;
    for (std::size_t r = i; r < w.size(); ++r) {
      left.emplace_back(hessian[r].begin() + static_cast<std::ptrdiff_t>(i), hessian[r].end());
    }
    left = inverse(left);
    const long level = std::clamp(std::lround(w[i] / scale), -long{largest}, long{largest});
    const double error = (w[i] - scale * static_cast<double>(level)) / left[0][0];
    for (std::size_t j = i; j < w.size(); ++j) w[j] -= error * left[j - i][0];
    levels.push_back(static_cast<int>(level));
  }
  return levels;
}

struct Problem {
  std::vector<float> weights, scales;
  std::vector<double> hessian;  // with correlated inputs
  std::size_t size;
};

Problem random_problem(std::size_t size, std::size_t outputs, int largest, std::uint64_t seed) {
  Problem p{.size = size};
  const CounterRng rng(seed, "gptq");
  for (std::uint32_t i = 0; i < size * outputs; ++i) {
    p.weights.push_back(static_cast<float>(rng.normal(0, i)));
  }
  for (std::uint32_t c = 0; c < outputs; ++c) {
    p.scales.push_back(static_cast<float>((1 + rng.uniform(1, c)) * 2 / largest));
  }
  p.hessian.resize(size * size, 0);
  for (std::uint32_t row = 0; row < 3 * size; ++row) {
    std::vector<double> x;
    for (std::uint32_t i = 0; i < size; ++i) {
      x.push_back(rng.normal(2, row, i) + (i > 0 ? 0.7 * x.back() : 0) + 0.5);
    }
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) p.hessian[i * size + j] += x[i] * x[j];
    }
  }
  return p;
}

Square damped(const Problem& p, double damping) {
  Square h(p.size);
  double mean = 0;
  for (std::size_t i = 0; i < p.size; ++i) {
    mean += p.hessian[i * p.size + i] / static_cast<double>(p.size);
    for (std::size_t j = 0; j < p.size; ++j) h[i].push_back(p.hessian[i * p.size + j]);
  }
  for (std::size_t i = 0; i < p.size; ++i) h[i][i] += damping * mean;
  return h;
}

template <typename Level>
double error_of(const Problem& p, std::size_t channel, const std::vector<Level>& levels) {
  std::vector<double> e;
  for (std::size_t i = 0; i < p.size; ++i) {
    e.push_back(p.weights[channel * p.size + i] - double{p.scales[channel]} * levels[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < p.size; ++i) {
    for (std::size_t j = 0; j < p.size; ++j) sum += e[i] * p.hessian[i * p.size + j] * e[j];
  }
  return sum;
}

TEST(Gptq, IsOptimalBrainQuantizationInOrder) {
  for (int bits = 2; bits <= 8; ++bits) {
    const int largest = (1 << (bits - 1)) - 1;
    const auto p = random_problem(30, 5, largest, static_cast<std::uint64_t>(bits));
    for (const double damping : {0.01, 0.3}) {
      const auto levels = gptq_levels(p.weights, p.scales, p.hessian, largest, damping);
      for (std::size_t c = 0; c < 5; ++c) {
        const auto first = static_cast<std::ptrdiff_t>(c * p.size);
        const auto expected =
            by_the_book({p.weights.begin() + first, p.weights.begin() + first + 30}, p.scales[c],
                        damped(p, damping), largest);
        const std::vector<int> found(levels.begin() + first, levels.begin() + first + 30);
        EXPECT_EQ(found, expected) << bits;
      }
    }
  }
}

// Every rounding of six ternary weights.
TEST(Gptq, ComesCloseToTheBestOfAllRoundings) {
  double nearest_sum = 0, found_sum = 0, best_sum = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto p = random_problem(6, 1, 1, seed);
    double best = std::numeric_limits<double>::infinity();
    std::vector<int> nearest;
    for (const float w : p.weights) {
      nearest.push_back(std::clamp(static_cast<int>(std::lround(w / p.scales[0])), -1, 1));
    }
    for (int code = 0; code < 729; ++code) {
      std::vector<int> levels;
      for (int rest = code; levels.size() < 6; rest /= 3) levels.push_back(rest % 3 - 1);
      best = std::min(best, error_of(p, 0, levels));
    }
    const double found = error_of(p, 0, gptq_levels(p.weights, p.scales, p.hessian, 1, 0.01));
    EXPECT_GE(found, 0.9999 * best);
    best_sum += best;
    found_sum += found;
    nearest_sum += error_of(p, 0, nearest);
  }
  EXPECT_LT(found_sum, 1.5 * best_sum);
  EXPECT_GT(nearest_sum, 2 * best_sum);
}

TEST(Gptq, IsNoWorseThanNearestOnAnyChannelOfAnyLayer) {
  const graph::Shape shape{16, 4};
  const auto windows = smooth_windows(12, shape, 7);
  double sum_before = 0, sum_after = 0;
  for (const graph::Conv1d& kind : kinds_of_convolution()) {
    const auto fp32 = calibrate(one_convolution(shape, kind, 5), windows, {});
    for (int bits = 2; bits <= 8; ++bits) {
      const auto int8 = quantize(fp32, {.weight_bits = bits});
      const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[1].op));
      const auto layer = layer_data(int8, fp32, 1, windows, 12, false);
      const auto levels = gptq(layer, q, largest_weight_level(bits), {});
      const auto before = rounding_errors(layer, q, q.values);
      const auto after = rounding_errors(layer, q, levels);
      for (std::size_t c = 0; c < before.size(); ++c)
        EXPECT_LE(after[c], before[c] * 1.0001) << bits;
      sum_before += std::accumulate(before.begin(), before.end(), 0.0) / before[0];
      sum_after += std::accumulate(after.begin(), after.end(), 0.0) / before[0];
    }
  }
  EXPECT_LT(sum_after, 0.8 * sum_before);
}

TEST(Gptq, RoundsToNearestWhatSeesOnlyZeros) {
  const std::vector<float> weights = {0.3F, -0.8F, 1.4F};
  const auto levels =
      gptq_levels(weights, std::vector<float>{0.5F}, std::vector<double>(9, 0), 3, 0.01);
  EXPECT_EQ(levels, (std::vector<std::int8_t>{1, -2, 3}));
}

TEST(Gptq, RefusesToGoWithoutDamping) {
  const graph::Shape shape{16, 4};
  const auto windows = smooth_windows(2, shape, 7);
  const auto fp32 = calibrate(one_convolution(shape, kinds_of_convolution()[0], 5), windows, {});
  const auto int8 = quantize(fp32);
  const auto layer = layer_data(int8, fp32, 1, windows, 2, false);
  const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[1].op));
  EXPECT_THROW(gptq(layer, q, 127, {.damping = 0}), Error);
  EXPECT_THROW(gptq(layer, q, 127, {.damping = std::nan("")}), Error);
}

}  // namespace
}  // namespace edgeproof::compress
