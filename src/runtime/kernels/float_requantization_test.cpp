#include "runtime/kernels/float_requantization.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace edgeproof::runtime {
namespace {

std::int32_t saturated(std::int32_t level) {
  return std::clamp(level, -128, 127);
}

// What follows both forms: FloatRequantization gets its zero point, ShiftedRequantization is
// clamped by ReLU.
std::int32_t finished(const FloatRequantization& form, std::int32_t sum, std::int32_t zero) {
  return saturated(form.level(sum) + zero);
}
std::int32_t finished(const ShiftedRequantization& form, std::int32_t sum, std::int32_t zero) {
  return std::max(saturated(form.level(sum)), zero);
}

TEST(FloatRequantization, EqualsFixedPointForEverySum) {
  constexpr std::int32_t kLargest = 60000;
  int fitted = 0, tried = 0;
  for (const double real : {0.0, 0.00047, 0.0031, 1.0 / 256, 0.0078, 0.0213, 0.25, 0.49}) {
    const FixedMultiplier m = fixed_multiplier(real);
    for (const std::int32_t zero : {-128, -17, 0, 127}) {
      const auto any = fit_float_requantization(m, zero, kLargest);
      const auto relu = fit_shifted_requantization(m, zero, -kLargest, kLargest);
      tried += 2;
      fitted += any.has_value() + relu.has_value();
      for (std::int32_t x = -kLargest; x <= kLargest; ++x) {
        if (any) {
          ASSERT_EQ(finished(*any, x, zero), saturated(requantize(x, m) + zero))
              << x << " * " << real << " + " << zero;
        }
        if (relu) {
          ASSERT_EQ(finished(*relu, x, zero), saturated(requantize(std::max(x, 0), m) + zero))
              << x << " * " << real << " + " << zero;
        }
      }
    }
  }
  EXPECT_GE(fitted, tried * 9 / 10);
}

RC_GTEST_PROP(FloatRequantization, IsRightWhereverItIsFound, ()) {
  const int shift = *rc::gen::inRange(-20, 0);
  const FixedMultiplier m{*rc::gen::inRange(1 << 30, 0x7fffffff), shift};
  const std::int32_t zero = *rc::gen::inRange(-128, 128);
  const std::int32_t largest = *rc::gen::inRange(1, 1 << 29);
  const std::int32_t within = std::min(largest, (1 << 22) - 1);
  const auto any = fit_float_requantization(m, zero, largest);
  const auto relu = fit_shifted_requantization(m, zero, -within, within);
  const int spread = *rc::gen::inRange(1, 1 << 29) >> *rc::gen::inRange(0, 24);
  for (int i = 0; i < 2000; ++i) {
    const auto x = static_cast<std::int32_t>(static_cast<std::int64_t>(spread) * i / 2000);
    const std::int32_t sum = i % 2 == 1 ? -x : x;
    if (any && x <= largest) {
      RC_ASSERT(finished(*any, sum, zero) == saturated(requantize(sum, m) + zero));
    }
    if (relu && x <= within) {
      RC_ASSERT(finished(*relu, sum, zero) == saturated(requantize(std::max(sum, 0), m) + zero));
    }
  }
}

// Scales as trained networks have them; a conversion of sums and a rounding of their levels would
// leave single precision with every second channel at the smaller ones.
TEST(FloatRequantization, IsMostlyFoundForSumsThatBeginShifted) {
  for (const int shift : {-7, -8, -9}) {
    int fitted = 0;
    for (int i = 0; i < 200; ++i) {
      const FixedMultiplier m{(1 << 30) + i * 5368709, shift};
      fitted += fit_shifted_requantization(m, -128, -200000, 400000).has_value();
    }
    EXPECT_GE(fitted, 190) << shift;
  }
}

TEST(FloatRequantization, IsNotFoundWhereSinglePrecisionCannotTellSumsApart) {
  // Steps of 2^20 sums near 2^28, which single precision knows to within 16.
  EXPECT_FALSE(fit_float_requantization({0x5a827999, -20}, -128, (1 << 29) - 1));
  // Sums beyond the numbers that it counts by one.
  EXPECT_FALSE(fit_shifted_requantization({0x5a827999, -12}, -128, 0, 1 << 22));
  EXPECT_FALSE(fit_shifted_requantization({0x5a827999, -12}, -128, -(1 << 22) - 1, 100));
}

}  // namespace
}  // namespace edgeproof::runtime
