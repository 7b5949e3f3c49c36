#include <gtest/gtest.h>

#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Drift, RampsFromNothingToKSd) {
  const Bench bench({0, 1, 2});
  constexpr int kLength = 129;
  for (int severity = 1; severity <= 5; ++severity) {
    const auto y = bench.added("drift", severity, kLength);
    for (size_t channel = 0; channel < 3; ++channel) {
      const double end = definition("drift").parameter.severities[severity - 1] * bench.sd[channel];
      const double sign = y.at((kLength - 1) * 3 + channel) > 0 ? 1 : -1;
      for (size_t t = 0; t < kLength; ++t) {
        EXPECT_NEAR(y[t * 3 + channel], sign * end * static_cast<double>(t) / (kLength - 1),
                    1e-7 * end);
      }
    }
  }
}

TEST(Drift, KeepsItsSignOverSeverities) {
  const Bench bench({0, 1, 2});
  for (std::uint32_t recording = 0; recording < 20; ++recording) {
    const auto mild = bench.added("drift", 1, 9, recording);
    const auto severe = bench.added("drift", 5, 9, recording);
    for (size_t i = 0; i < mild.size(); ++i) EXPECT_FLOAT_EQ(severe[i], 16 * mild[i]);
  }
}

TEST(Drift, SignsAreEvenAndIndependentPerChannel) {
  const Bench bench({0, 1});
  double first = 0, equal = 0;
  constexpr int kRecordings = 10000;
  for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
    const auto y = bench.added("drift", 1, 2, recording);
    first += y[2] > 0;
    equal += (y[2] > 0) == (y[3] > 0);
  }
  EXPECT_LT(std::abs(binomial_z(first, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(std::abs(binomial_z(equal, kRecordings, 0.5)), kNormalQuantile);
}

TEST(Drift, ASegmentOfOneSampleIsItsBeginning) {
  EXPECT_EQ(Bench({0}).broken("drift", 5, {2.5f}), std::vector<float>{2.5f});
}

}  // namespace
}  // namespace edgeproof::faults
