#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 200000;

TEST(Impulse, HitsAShareOfPWithRandomSigns) {
  const Bench bench({0});
  for (int severity = 1; severity <= 5; ++severity) {
    const double p = parameter("impulse", severity);
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
    // Both of two neighbours are hit with probability p * p. Pairs that overlap are uncorrelated
    // only given the count; the variance of their number is n p^2 (1 + 2p - 3p^2).
    const double sd = std::sqrt(kLength * p * p * (1 + 2 * p - 3 * p * p));
    EXPECT_LT(std::abs(pairs - kLength * p * p), kNormalQuantile * sd);
  }
}

// At every severity, since the words that hit at a low one are all small.
TEST(Impulse, AmplitudeIsUniformFromThreeToEightSdWhateverTheSign) {
  const Bench bench({0, 1});
  for (int severity = 1; severity <= 5; ++severity) {
    std::vector<double> positive, negative;
    for (const float y : bench.column(bench.added("impulse", severity, 4 * kLength), 1)) {
      if (y != 0) (y > 0 ? positive : negative).push_back((std::abs(y) / bench.sd[1] - 3) / 5);
    }
    EXPECT_LT(kolmogorov(positive, uniform_cdf), kKolmogorovQuantile) << severity;
    EXPECT_LT(kolmogorov(negative, uniform_cdf), kKolmogorovQuantile) << severity;
  }
}

TEST(Impulse, AmplitudesAreIndependentFromSpikeToSpike) {
  const Bench bench({0});
  double sum = 0, last = 0, pairs = 0;
  for (const float y : bench.added("impulse", 5, kLength)) {
    if (y == 0) continue;
    const double u = (std::abs(y) - 5.5) / 5 * std::sqrt(12.0);  // mean 0, variance 1
    sum += u * last;
    pairs += last != 0;
    last = u;
  }
  EXPECT_LT(std::abs(sum / std::sqrt(pairs)), kNormalQuantile);
}

TEST(Impulse, LowAndHighBoundTheAmplitude) {
  for (const float y : Bench({0}).added("impulse(p=0.5, low=1, high=2)", 1, 1000)) {
    EXPECT_TRUE(y == 0 || (std::abs(y) >= 1 && std::abs(y) <= 2)) << y;
  }
}

TEST(Impulse, AHigherSeverityAddsSpikesAndKeepsTheOthers) {
  const Bench bench({0, 1});
  auto milder = bench.added("impulse", 1, 5000);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto y = bench.added("impulse", severity, 5000);
    for (std::size_t i = 0; i < y.size(); ++i) ASSERT_TRUE(milder[i] == 0 || milder[i] == y[i]);
    EXPECT_NE(y, milder);
    milder = y;
  }
}

TEST(Impulse, LeavesOtherSamplesAsTheyAre) {
  const auto y = Bench({0}).broken("impulse", 3, std::vector<float>(1000, -0.0F));
  EXPECT_GT(std::count(y.begin(), y.end(), 0.0F), 900);
  for (const float v : y) EXPECT_TRUE(v != 0 || std::signbit(v));
}

TEST(Impulse, ProbabilityOneHitsEverySampleAndZeroNone) {
  const Bench bench({0});
  for (const float y : bench.added("impulse(p=1)", 1, 100)) EXPECT_NE(y, 0);
  for (const float y : bench.added("impulse(p=0)", 1, 100)) EXPECT_EQ(y, 0);
}

}  // namespace
}  // namespace edgeproof::faults
