#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

std::vector<float> ramp(std::size_t length) {
  std::vector<float> x;
  for (std::size_t t = 0; t < length; ++t) x.push_back(static_cast<float>(t));
  return x;
}

TEST(ClockSkew, StretchesOrShrinksTimeAboutTheMiddleAndHoldsTheEnds) {
  for (const std::size_t length : {100, 101, 5000}) {
    const double middle = static_cast<double>(length - 1) / 2;
    for (int severity = 1; severity <= 5; ++severity) {
      const auto y = Bench({0}).broken("clock_skew", severity, ramp(length));
      const double k = parameter("clock_skew", severity);
      const double skew = y[length / 2 + 20] > static_cast<float>(length / 2 + 20) ? k : -k;
      for (std::size_t t = 0; t < length; ++t) {
        const double time = middle + (1 + skew) * (static_cast<double>(t) - middle);
        EXPECT_NEAR(y[t], std::clamp(time, 0.0, 2 * middle), 5e-4);
      }
    }
  }
}

TEST(ClockSkew, SignsAreEvenAndIndependent) {
  const Bench bench({0, 1});
  expect_fair_signs(
      "clock_skew", "bias", [&](auto& fault, std::uint32_t recording, std::size_t channel) {
        return bench.broken(fault, 5, {0, 0, 1, 1, 2, 2, 3, 3}, recording)[4 + channel] < 2;
      });
}

TEST(ClockSkew, KeepsItsSignOverSeverities) {
  const Bench bench({0});
  for (std::uint32_t r = 0; r < 20; ++r) {
    const auto mild = bench.broken("clock_skew", 1, ramp(41), r);
    const auto severe = bench.broken("clock_skew", 5, ramp(41), r);
    for (std::size_t i = 5; i <= 35; ++i) {
      const auto t = static_cast<float>(i);
      EXPECT_NEAR(severe[i] - t, 20 * (mild[i] - t), 2e-4);
    }
  }
}

TEST(ClockSkew, InterpolatesLinearly) {
  const auto y = Bench({0}).broken("clock_skew(k=0.5)", 1, {0, 8, 0, 4, 0});
  EXPECT_TRUE(y == (std::vector<float>{0, 4, 0, 2, 0}) || y == (std::vector<float>{8, 4, 0, 2, 4}));
}

TEST(ClockSkew, AMissingNeighbourThatCountsMakesASampleMissing) {
  const auto y = Bench({0}).broken("clock_skew(k=0.1)", 1, {1, 2, kNan, 4, 5, 6, 7});
  EXPECT_TRUE(std::isnan(y[2]) && y[3] == 4);
  EXPECT_EQ(std::isnan(y[1]), y[5] < 6) << "where the clock is slow";
}

TEST(ClockSkew, OneOrTwoSamplesAreEnough) {
  EXPECT_EQ(Bench({0}).broken("clock_skew", 5, {2.5F}), std::vector<float>{2.5F});
  const auto y = Bench({0}).broken("clock_skew(k=1)", 1, {1, 2});
  EXPECT_TRUE(y == (std::vector<float>{1, 2}) || y == (std::vector<float>{1.5F, 1.5F}));
}

}  // namespace
}  // namespace edgeproof::faults
