#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Drift, RampsFromNothingToKSd) {
  const Bench bench({0, 1, 2});
  constexpr int kLength = 129;
  for (int severity = 1; severity <= 5; ++severity) {
    const auto all = bench.added("drift", severity, kLength);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto y = bench.column(all, channel);
      const double end = parameter("drift", severity) * bench.sd[channel] * (y.back() > 0 ? 1 : -1);
      for (std::size_t t = 0; t < y.size(); ++t) {
        EXPECT_NEAR(y[t], end * static_cast<double>(t) / (kLength - 1), 1e-7 * std::abs(end));
      }
    }
  }
}

TEST(Drift, KeepsItsSignOverSeverities) {
  const Bench bench({0, 1, 2});
  for (std::uint32_t recording = 0; recording < 20; ++recording) {
    const auto mild = bench.added("drift", 1, 9, recording);
    const auto severe = bench.added("drift", 5, 9, recording);
    for (std::size_t i = 0; i < mild.size(); ++i) EXPECT_FLOAT_EQ(severe[i], 16 * mild[i]);
  }
}

TEST(Drift, SignsAreEvenAndIndependent) {
  const Bench bench({0, 1});
  expect_fair_signs("drift", "bias",
                    [&](auto& fault, std::uint32_t recording, std::size_t channel) {
                      return bench.added(fault, 1, 2, recording)[2 + channel] < 0;
                    });
}

TEST(Drift, TheSegmentIsFromTo) {
  const Bench bench({0});
  const auto y = bench.added("drift(sd=1) from 1 to 2", 1, 150);  // at 50 samples a second
  EXPECT_EQ(y[49], 0);
  EXPECT_EQ(y[50], 0);
  EXPECT_FLOAT_EQ(std::abs(y[99]), 1);
  EXPECT_EQ(y[100], 0);
}

TEST(Drift, ASegmentOfOneSampleIsItsBeginning) {
  EXPECT_EQ(Bench({0}).broken("drift", 5, {2.5F}), std::vector<float>{2.5F});
  EXPECT_EQ(std::abs(Bench({0}).added("drift", 5, 2)[1]), 4);
}

}  // namespace
}  // namespace edgeproof::faults
