#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 100000;

TEST(Missing, LosesAShareOfPIndependently) {
  const Bench bench({0, 1});
  for (int severity = 1; severity <= 5; ++severity) {
    const double p = parameter("missing", severity);
    const auto y = bench.added("missing", severity, kLength);
    const auto a = bench.column(y, 0), b = bench.column(y, 1);
    double lost = 0, pairs = 0, both = 0;
    for (std::size_t t = 0; t < a.size(); ++t) {
      lost += std::isnan(a[t]);
      both += std::isnan(a[t]) && std::isnan(b[t]);
      pairs += t > 0 && std::isnan(a[t]) && std::isnan(a[t - 1]);
    }
    EXPECT_LT(std::abs(binomial_z(lost, kLength, p)), kNormalQuantile);
    EXPECT_LT(std::abs(binomial_z(both, kLength, p * p)), kNormalQuantile);
    const double sd = std::sqrt(kLength * p * p * (1 + 2 * p - 3 * p * p));  // as for impulse
    EXPECT_LT(std::abs(pairs - kLength * p * p), kNormalQuantile * sd);
  }
}

TEST(Missing, LeavesOtherSamplesAsTheyAre) {
  const std::vector<float> x(1000, -0.0F);
  for (const float y : Bench({0}).broken("missing", 4, x)) {
    EXPECT_TRUE(std::isnan(y) || same_bits(y, -0.0F));
  }
}

TEST(Missing, AHigherSeverityLosesTheSameAndMore) {
  const Bench bench({0, 1});
  auto milder = bench.added("missing", 1, 5000);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto y = bench.added("missing", severity, 5000);
    double more = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_TRUE(!std::isnan(milder[i]) || std::isnan(y[i]));
      more += std::isnan(y[i]) && !std::isnan(milder[i]);
    }
    EXPECT_GT(more, 0);
    milder = y;
  }
}

TEST(Missing, ProbabilityOneLosesAllAndZeroNone) {
  const Bench bench({0});
  for (const float y : bench.added("missing(p=1)", 1, 1000)) EXPECT_TRUE(std::isnan(y));
  for (const float y : bench.added("missing(p=0)", 1, 1000)) EXPECT_EQ(y, 0);
}

}  // namespace
}  // namespace edgeproof::faults
