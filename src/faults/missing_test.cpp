#include <gtest/gtest.h>

#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 100000;

TEST(Missing, RemovesAShareOfPIndependently) {
  const Bench bench({0, 1});
  for (int severity = 1; severity <= 5; ++severity) {
    const double p = definition("missing").parameter.severities[severity - 1];
    const auto y = bench.added("missing", severity, kLength);
    double first = 0, both = 0, in_a_row = 0;
    for (size_t i = 0; i < y.size(); i += 2) {
      const bool gone = std::isnan(y[i]);
      first += gone;
      both += gone && std::isnan(y[i + 1]);
      in_a_row += gone && i >= 2 && std::isnan(y[i - 2]);
    }
    EXPECT_LT(std::abs(binomial_z(first, kLength, p)), kNormalQuantile);
    EXPECT_LT(std::abs(binomial_z(both, kLength, p * p)), kNormalQuantile);
    // Neighbouring pairs share a sample: the variance of their number is n p^2 (1 + 2p - 3p^2).
    const double sd = std::sqrt(kLength * p * p * (1 + 2 * p - 3 * p * p));
    EXPECT_LT(std::abs(in_a_row - kLength * p * p), kNormalQuantile * sd);
  }
}

TEST(Missing, TheMaskOfASeverityIsPartOfTheNext) {
  const Bench bench({0, 1});
  auto milder = bench.added("missing", 1, 5000);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto y = bench.added("missing", severity, 5000);
    for (size_t i = 0; i < y.size(); ++i) ASSERT_TRUE(!std::isnan(milder[i]) || std::isnan(y[i]));
    milder = y;
  }
}

TEST(Missing, LeavesOtherSamplesAsTheyAre) {
  const Bench bench({0});
  const auto y = bench.broken("missing", 3, std::vector<float>(1000, -1.5f));
  for (const float v : y) EXPECT_TRUE(std::isnan(v) || v == -1.5f);
}

TEST(Missing, ProbabilityOneTakesEverySample) {
  const Bench bench({0});
  std::vector<float> samples(1000, 1.0f);
  inject_value(definition("missing"), 1, bench.context(), bench.segment(samples, 0));
  EXPECT_TRUE(std::all_of(samples.begin(), samples.end(), [](float x) { return std::isnan(x); }));
}

}  // namespace
}  // namespace edgeproof::faults
