#include <gtest/gtest.h>

#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 200000;

TEST(Impulse, HitsAShareOfPWithRandomSigns) {
  const Bench bench({0});
  for (int severity = 1; severity <= 5; ++severity) {
    const double p = definition("impulse").parameter.severities[severity - 1];
    double hits = 0, negative = 0, pairs = 0;
    bool before = false;
    for (const float x : bench.added("impulse", severity, kLength)) {
      hits += x != 0;
      negative += x < 0;
      pairs += before && x != 0;
      before = x != 0;
    }
    EXPECT_LT(std::abs(binomial_z(hits, kLength, p)), kNormalQuantile);
    EXPECT_LT(std::abs(binomial_z(negative, hits, 0.5)), kNormalQuantile);
    // Of neighbours, p * p are hit both. Pairs that overlap are uncorrelated only given the count;
    // the variance of their number is n p^2 (1 + 2p - 3p^2).
    const double sd = std::sqrt(kLength * p * p * (1 + 2 * p - 3 * p * p));
    EXPECT_LT(std::abs(pairs - kLength * p * p), kNormalQuantile * sd);
  }
}

TEST(Impulse, AmplitudeIsUniformFromThreeToEightSd) {
  const Bench bench({0, 1});
  const auto y = bench.added("impulse", 5, kLength);
  std::vector<double> amplitudes;
  for (size_t i = 1; i < y.size(); i += 2) {
    if (y[i] != 0) amplitudes.push_back(std::abs(y[i]) / bench.sd[1]);
  }
  EXPECT_LT(kolmogorov(amplitudes, [](double a) { return std::clamp((a - 3) / 5, 0.0, 1.0); }),
            kKolmogorovQuantile);
}

TEST(Impulse, AHigherSeverityAddsSpikesAndKeepsTheOthers) {
  const Bench bench({0, 1});
  auto milder = bench.added("impulse", 1, 5000);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto y = bench.added("impulse", severity, 5000);
    for (size_t i = 0; i < y.size(); ++i) ASSERT_TRUE(milder[i] == 0 || milder[i] == y[i]);
    EXPECT_NE(y, milder);
    milder = y;
  }
}

TEST(Impulse, LeavesOtherSamplesAsTheyAre) {
  const Bench bench({0});
  std::vector<float> x(1000, -0.0f);
  const auto y = bench.broken("impulse", 3, x);
  EXPECT_GT(std::count(y.begin(), y.end(), 0.0f), 900);
  for (const float v : y) EXPECT_TRUE(v != 0 || std::signbit(v));
}

}  // namespace
}  // namespace edgeproof::faults
