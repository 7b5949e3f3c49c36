#include "signal/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "signal/filter_golden_testing.h"

namespace edgeproof::signal {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

constexpr int kLength = 200;
constexpr std::size_t kPlaces[] = {0, 1, 5, 17, 60, 199};  // of kFilterGolden

// The inputs of derived_golden.py, by its formulas.
std::vector<double> input(const std::string& name) {
  std::vector<double> x(kLength);
  std::uint32_t state = 1;
  for (int t = 0; t < kLength; ++t) {
    double& value = x[static_cast<std::size_t>(t)];
    if (name == "bias") value = 1.5;
    if (name == "drift") value = t / 128.0;
    if (name == "hum") value = std::sin(0.75 * t + 1);
    if (name == "impulse") value = t == 10 ? 5 : t == 40 ? -3 : 0;
    state = 1664525 * state + 1013904223;
    if (name == "gaussian") value = state * 0x1p-32 - 0.5;
  }
  return x;
}

std::vector<double> filtered(const std::string& filter, double rate_hz, std::vector<double> x,
                             bool settled) {
  FilterState state(filter_from(filter).value(), rate_hz);
  if (settled) state.settle(x.front());
  for (double& value : x) value = state.step(value);
  return x;
}

TEST(Filter, IsScipysButterworthToTheTwelfthDigit) {
  ASSERT_EQ(testing::kFilterGolden.size(), 35U);
  for (const testing::FilterGolden& golden : testing::kFilterGolden) {
    const bool settled = golden.input != "impulse" && golden.input != "gaussian";
    const auto y = filtered(golden.filter, golden.rate_hz, input(golden.input), settled);
    for (std::size_t i = 0; i < std::size(kPlaces); ++i) {
      const double expected = golden.samples[i];
      EXPECT_NEAR(y[kPlaces[i]], expected, 1e-12 + 1e-10 * std::abs(expected))
          << golden.filter << ' ' << golden.input << " at " << kPlaces[i];
    }
  }
}

TEST(Filter, AConstantIsExactlyNothingToASettledHighPass) {
  for (int order = 1; order <= kMostFilterOrder; ++order) {
    for (const double hz : {0.001, 0.3, 7.0, 24.9}) {
      FilterState state({FilterKind::high_pass, order, hz}, 50);
      for (const double constant : {0.1, -3.7e5, 1e-20}) {
        state.settle(constant);
        for (int t = 0; t < 1000; ++t) ASSERT_EQ(state.step(constant), 0) << order << ' ' << hz;
      }
    }
  }
}

TEST(Filter, AConstantStaysWhatItIsInASettledLowPass) {
  FilterState state({FilterKind::low_pass, 3, 0.3}, 50);
  state.settle(2.5);
  for (int t = 0; t < 1000; ++t) ASSERT_NEAR(state.step(2.5), 2.5, 1e-9);
}

TEST(Filter, CopyIsTheIdentity) {
  FilterState state({}, 0);
  state.settle(3);
  EXPECT_EQ(state.step(0.1), 0.1);
  EXPECT_EQ(state.settling(), 0);
}

// 1 % of the slowest pole: the whole step response of the third order needs a little longer.
TEST(Filter, AStepHasSettledToOnePercentAfterAboutTheSettlingTime) {
  FilterState state(kBodyFilter, 50);
  EXPECT_EQ(state.settling(), 245);
  double last = 0;
  for (int t = 0; t < 2000; ++t) {
    if (std::abs(state.step(1)) > 0.01) last = t;
  }
  EXPECT_NEAR(last, 245, 10);
}

TEST(Filter, IsReadAsItIsWritten) {
  EXPECT_THAT(filter_from("copy"), Optional(Filter{}));
  EXPECT_THAT(filter_from(" high_pass( 3 ,0.3 ) "), Optional(kBodyFilter));
  const Filter odd{FilterKind::low_pass, 8, 0.1 + 0.2};
  EXPECT_THAT(filter_from(filter_text(odd)), Optional(odd));
  EXPECT_EQ(filter_text(kBodyFilter), "high_pass(3, 0.3)");
  EXPECT_EQ(filter_text({}), "copy");
  for (const char* text :
       {"", "high_pass", "high_pass()", "high_pass(3)", "high_pass(0, 1)", "high_pass(9, 1)",
        "high_pass(2.5, 1)", "high_pass(3, 0)", "high_pass(3, -1)", "high_pass(3, inf)",
        "high_pass(3, nan)", "high_pass(3, 1, 2)", "band_pass(3, 1)", "copy()", "high_pass(3, 1"}) {
    EXPECT_EQ(filter_from(text), std::nullopt) << text;
  }
}

TEST(Filter, WhatCannotRunSaysWhy) {
  const auto why = [](const std::string& filter, double rate_hz) {
    return obstacle(filter_from(filter).value(), rate_hz).value_or("it can");
  };
  EXPECT_EQ(why("high_pass(3, 0.3)", 50), "it can");
  EXPECT_EQ(why("copy", 0), "it can");
  EXPECT_EQ(why("low_pass(1, 25)", 50),
            "low_pass(1, 25): the cut-off must be above 0 Hz and below half the sampling rate, 25 "
            "Hz");
  EXPECT_THAT(why("high_pass(3, 0.3)", 0), HasSubstr("the sampling rate is not known"));
  EXPECT_THAT(why("high_pass(3, 1e-5)", 50), HasSubstr("samples to settle, at most 1048576"));
  EXPECT_THAT(obstacle({FilterKind::high_pass, 9, 1}, 50).value_or(""), HasSubstr("order"));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(obstacle({FilterKind::high_pass, 3, nan}, 50).value_or(""), HasSubstr("cut-off"));
}

}  // namespace
}  // namespace edgeproof::signal
