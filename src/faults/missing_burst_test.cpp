#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// The mean burst in samples, by definition.
double burst(double p, double rate_hz) {
  return std::max(0.16 * rate_hz, 1 / (1 - p));
}

// At 5 samples a second 0.16 s is less than a sample, and losses are independent.
TEST(MissingBurst, LosesAShareOfPInBurstsOfTheDefinedMeanAtAnyRate) {
  Bench bench({0});
  for (const double rate : {5.0, 50.0, 360.0, 2000.0}) {
    bench.rate_hz = rate;
    for (int severity = 1; severity <= 5; ++severity) {
      const double p = parameter("missing_burst", severity), mean = burst(p, rate);
      const int length = rate < 100 ? 200000 : 1000000;
      double lost = 0, bursts = 0;
      bool before = false;
      for (const float y : bench.added("missing_burst", severity, length)) {
        lost += std::isnan(y);
        bursts += std::isnan(y) && !before;
        before = std::isnan(y);
      }
      // Losses are a two-state chain whose autocorrelation is lambda^lag.
      const double lambda = 1 - 1 / mean - p / ((1 - p) * mean);
      const double share_sd = std::sqrt(p * (1 - p) / length * (1 + lambda) / (1 - lambda));
      EXPECT_LT(std::abs(lost / length - p) / share_sd, kNormalQuantile) << rate << ' ' << p;
      const double mean_sd = std::sqrt(mean * (mean - 1) / bursts);  // of geometric lengths
      EXPECT_LT(std::abs(lost / bursts - mean) / mean_sd, kNormalQuantile) << rate << ' ' << p;
    }
  }
}

TEST(MissingBurst, BeginsLostWithProbabilityP) {
  const Bench bench({0});
  double lost = 0;
  constexpr int kRecordings = 5000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    lost += std::isnan(bench.added("missing_burst", 4, 1, r)[0]);
  }
  EXPECT_LT(std::abs(binomial_z(lost, kRecordings, 0.4)), kNormalQuantile);
}

TEST(MissingBurst, LosesAllChannelsTogetherAndLeavesTheRestAsItIs) {
  const auto y = Bench({0, 1, 1}).broken("missing_burst", 4, std::vector<float>(3000, 1.25F));
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_TRUE(y[i] == 1.25F || std::isnan(y[i]));
    ASSERT_EQ(std::isnan(y[i]), std::isnan(y[i / 3 * 3]));
  }
}

TEST(MissingBurst, AHigherSeverityLosesTheSameAndMoreAtAnyRate) {
  Bench bench({0});
  for (const double rate : {2.0, 5.0, 12.0, 50.0, 360.0}) {
    bench.rate_hz = rate;
    auto milder = bench.added("missing_burst", 1, 5000);
    for (const char* fault :
         {"missing_burst(p=0.1)", "missing_burst(p=0.4)", "missing_burst(p=0.8)",
          "missing_burst(p=0.9)", "missing_burst(p=0.99)", "missing_burst(p=1)"}) {
      const auto y = bench.added(fault, 1, 5000);
      for (std::size_t i = 0; i < y.size(); ++i) {
        ASSERT_TRUE(!std::isnan(milder[i]) || std::isnan(y[i])) << rate << fault;
      }
      milder = y;
    }
    for (const float y : milder) ASSERT_TRUE(std::isnan(y));
  }
}

TEST(MissingBurst, BurstIsItsMeanInSeconds) {
  const Bench bench({0});
  double lost = 0, bursts = 0;
  bool before = false;
  for (const float y : bench.added("missing_burst(p=0.2, burst=1)", 1, 500000)) {
    lost += std::isnan(y);
    bursts += std::isnan(y) && !before;
    before = std::isnan(y);
  }
  EXPECT_LT(std::abs(lost / bursts - 50) / std::sqrt(50 * 49 / bursts), kNormalQuantile);
}

}  // namespace
}  // namespace edgeproof::faults
