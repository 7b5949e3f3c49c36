#include <gtest/gtest.h>

#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Bias, ShiftsAChannelByKSd) {
  const Bench bench({0, 1, 2});
  for (int severity = 1; severity <= 5; ++severity) {
    const auto y = bench.added("bias", severity, 50);
    for (size_t i = 0; i < y.size(); ++i) {
      const double k = definition("bias").parameter.severities[severity - 1];
      EXPECT_FLOAT_EQ(std::abs(y[i]), static_cast<float>(k * bench.sd[i % 3]));
      EXPECT_EQ(y[i], y[i % 3]) << "constant over time";
    }
  }
}

TEST(Bias, KeepsItsSignOverSeverities) {
  const Bench bench({0, 1, 2});
  for (std::uint32_t recording = 0; recording < 20; ++recording) {
    const auto mild = bench.added("bias", 1, 1, recording);
    const auto severe = bench.added("bias", 5, 1, recording);
    for (size_t i = 0; i < mild.size(); ++i) EXPECT_FLOAT_EQ(severe[i], 20 * mild[i]);
  }
}

TEST(Bias, SignsAreEvenAndIndependentPerChannelAndOfDrift) {
  const Bench bench({0, 1});
  double first = 0, equal = 0, as_drift = 0;
  constexpr int kRecordings = 10000;
  for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
    const auto y = bench.added("bias", 1, 1, recording);
    first += y[0] > 0;
    equal += (y[0] > 0) == (y[1] > 0);
    as_drift += (y[0] > 0) == (bench.added("drift", 1, 2, recording)[2] > 0);
  }
  EXPECT_LT(std::abs(binomial_z(first, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(std::abs(binomial_z(equal, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(std::abs(binomial_z(as_drift, kRecordings, 0.5)), kNormalQuantile);
}

}  // namespace
}  // namespace edgeproof::faults
