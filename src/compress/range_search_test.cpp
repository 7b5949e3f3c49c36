#include "compress/range_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compress/quantize.h"
#include "core/fixed_point.h"
#include "core/random.h"

namespace edgeproof::compress {
namespace {

constexpr std::uint32_t kValues = 20000;

// Normal, heavy-tailed, after ReLU, one-sided without zeros, with outliers.
std::vector<float> values_of_kind(int kind, std::uint32_t count = kValues) {
  const CounterRng rng(static_cast<std::uint64_t>(kind), "values");
  std::vector<float> values;
  for (std::uint32_t i = 0; i < count; ++i) {
    const double z = rng.normal(i);
    const double value = kind == 0   ? z
                         : kind == 1 ? z * z * z
                         : kind == 2 ? std::max(z, 0.0)
                         : kind == 3 ? 1 + z * z
                                     : z * (i % 5000 == 0 ? 40 : 1);
    values.push_back(static_cast<float>(value));
  }
  return values;
}

Histogram histogram_of(const std::vector<float>& values, int half_bins = Histogram::kHalfBins) {
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  Histogram histogram({*lo, *hi}, half_bins);
  histogram.add(values);
  return histogram;
}

// Each value through int8 and back.
double measured_error(const std::vector<float>& values, Range range) {
  const graph::Quantization q = affine_quantization(range.lo, range.hi);
  double sum = 0;
  for (const float v : values) {
    const int level = quantize_to_int8(v, q.scale, q.zero_point) - q.zero_point;
    sum += std::pow(double{v} - double{q.scale} * level, 2);
  }
  return sum / static_cast<double>(values.size());
}

TEST(MseRange, IsAsGoodAsTheBestOfABruteForceSearchOverTheValues) {
  for (int kind = 0; kind < 5; ++kind) {
    const auto values = values_of_kind(kind);
    const auto histogram = histogram_of(values);
    double least = std::numeric_limits<double>::infinity();
    for (int i = 1; i <= 200; ++i) {
      const float a = static_cast<float>(i) / 200;
      least = std::min(least,
                       measured_error(values, {a * histogram.seen().lo, a * histogram.seen().hi}));
    }
    EXPECT_LE(measured_error(values, mse_range(histogram)), 1.01 * least) << kind;
  }
}

// One outlier among two million: clipping it costs less than the finer steps gain.
TEST(MseRange, ClipsAnOutlierRareEnough) {
  constexpr double kTimes = 100;
  const auto values = values_of_kind(0);
  const std::vector<float> outlier{100};
  const auto [lo, hi] = std::minmax_element(values.begin(), values.end());
  Histogram histogram({*lo, outlier[0]});
  for (int i = 0; i < kTimes; ++i) histogram.add(values);
  histogram.add(outlier);
  const auto error = [&](Range range) {
    return kTimes * kValues * measured_error(values, range) + measured_error(outlier, range);
  };
  const Range range = mse_range(histogram);
  EXPECT_LT(range.hi, 0.9F * outlier[0]);
  EXPECT_LT(error(range), 0.9 * error(histogram.seen()));
}

TEST(MseRange, KeepsTheRangeOfUniformValues) {
  std::vector<float> values;
  const CounterRng rng(1, "uniform");
  for (std::uint32_t i = 0; i < kValues; ++i) {
    values.push_back(static_cast<float>(rng.uniform(i) * 3 - 1));
  }
  const auto histogram = histogram_of(values);
  EXPECT_GE(mse_range(histogram).hi, 0.99F * histogram.seen().hi);
}

// The slides' recipe step by step on whole arrays, with a share of 1e-4 for a level that is empty.
double divergence_oracle(const std::vector<double>& counts, int begin, int end, int levels) {
  std::vector<double> inside(counts.begin() + begin, counts.begin() + end);
  std::vector<double> p = inside;
  for (int b = 0; b < begin; ++b) p.front() += counts[static_cast<std::size_t>(b)];
  for (int b = end; b < static_cast<int>(counts.size()); ++b) {
    p.back() += counts[static_cast<std::size_t>(b)];
  }
  const int bins = end - begin;
  std::vector<double> q(inside.size(), 0);
  for (int level = 0; level < levels; ++level) {
    double sum = 0, used = 0;
    for (int pass = 0; pass < 2; ++pass) {
      for (int b = level * bins / levels; b < (level + 1) * bins / levels; ++b) {
        const auto at = static_cast<std::size_t>(b);
        if (pass == 0) {
          sum += inside[at];
          used += p[at] > 0 ? 1 : 0;
        } else if (p[at] > 0) {
          q[at] = sum / used;
        }
      }
    }
  }
  const double p_sum = std::accumulate(p.begin(), p.end(), 0.0);
  const double q_sum = std::accumulate(q.begin(), q.end(), 0.0);
  if (q_sum == 0) return std::numeric_limits<double>::infinity();
  for (std::size_t b = 0; b < p.size(); ++b) {
    if (p[b] > 0 && q[b] == 0) q[b] = 1e-4 * q_sum;
  }
  const double q_all = std::accumulate(q.begin(), q.end(), 0.0);
  double divergence = 0;
  for (std::size_t b = 0; b < p.size(); ++b) {
    if (p[b] > 0) divergence += p[b] / p_sum * std::log((p[b] / p_sum) / (q[b] / q_all));
  }
  return divergence;
}

TEST(EntropyRange, TakesTheThresholdOfLeastDivergenceOnASmallHistogram) {
  constexpr int kHalf = 32, kLevels = 8;
  bool clipped = false;
  for (int kind = 0; kind < 5; ++kind) {
    for (const std::uint32_t count : {50U, 300U, 2000U}) {
      const auto histogram = histogram_of(values_of_kind(kind, count), kHalf);
      const std::vector<double> counts(histogram.counts().begin(), histogram.counts().end());
      const float bound = std::max(std::abs(histogram.seen().lo), histogram.seen().hi);
      const bool one_sided = histogram.seen().lo >= 0;
      const int lowest =
          one_sided ? kHalf
                    : static_cast<int>(std::floor(kHalf + histogram.seen().lo / bound * kHalf));
      const int highest = static_cast<int>(std::ceil(kHalf + histogram.seen().hi / bound * kHalf));
      double least = std::numeric_limits<double>::infinity();
      int best = 0;
      for (int t = kHalf; t >= 1; --t) {
        const int begin = std::max(lowest, kHalf - t), end = std::min(highest, kHalf + t);
        if (end - begin < kLevels) break;
        const double d = divergence_oracle(counts, begin, end, kLevels);
        if (d < least - 1e-12) {
          least = d;
          best = t;
        }
      }
      const Range range = entropy_range(histogram, kLevels);
      const float threshold = bound * static_cast<float>(best) / kHalf;
      EXPECT_NEAR(range.hi, std::min(histogram.seen().hi, threshold), 1e-4F * bound) << kind;
      EXPECT_NEAR(range.lo, one_sided ? 0 : std::max(histogram.seen().lo, -threshold),
                  1e-4F * bound)
          << kind;
      clipped = clipped || best < kHalf;
    }
  }
  EXPECT_TRUE(clipped);
}

TEST(EntropyRange, DropsAFewFarOutliers) {
  auto values = values_of_kind(0);
  values[7] = 100;
  const Range range = entropy_range(histogram_of(values));
  EXPECT_LT(range.hi, 20);
  EXPECT_GT(range.hi, 2);
}

TEST(EntropyRange, SpendsNothingBelowZeroAfterRelu) {
  EXPECT_EQ(entropy_range(histogram_of(values_of_kind(2))).lo, 0);
}

TEST(RangeSearch, ZerosWeighNothing) {
  auto values = values_of_kind(1);
  const auto before = histogram_of(values);
  values.insert(values.end(), 10 * kValues, 0.0F);
  const auto after = histogram_of(values);
  EXPECT_EQ(mse_range(before).hi, mse_range(after).hi);
  EXPECT_EQ(entropy_range(before).hi, entropy_range(after).hi);
}

TEST(RangeSearch, ConstantValuesStayRepresentable) {
  for (const float value : {0.0F, 3.5F, -2.0F, 1e-30F}) {
    const std::vector<float> values(100, value);
    for (const Range range :
         {mse_range(histogram_of(values)), entropy_range(histogram_of(values))}) {
      const float found = value < 0 ? std::min(range.lo, 0.0F) : std::max(range.hi, 0.0F);
      EXPECT_NEAR(found, value, 0.01F * std::abs(value));
    }
  }
}

}  // namespace
}  // namespace edgeproof::compress
