#include "runtime/kernels/float_requantization.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace edgeproof::runtime {
namespace {

std::int32_t saturated(std::int32_t level) {
  return std::clamp(level, -128, 127);
}

TEST(FloatRequantization, EqualsFixedPointForEverySum) {
  constexpr std::int32_t kLargest = 60000;
  int fitted = 0, tried = 0;
  for (const double real : {0.0, 0.00047, 0.0031, 1.0 / 256, 0.0078, 0.0213, 0.25, 0.49}) {
    const FixedMultiplier m = fixed_multiplier(real);
    for (const std::int32_t zero : {-128, -17, 0, 127}) {
      for (const bool negative_sums : {false, true}) {
        ++tried;
        const auto form = fit_float_requantization(m, zero, kLargest, negative_sums);
        if (!form) continue;
        ++fitted;
        for (std::int32_t x = negative_sums ? -kLargest : 0; x <= kLargest; ++x) {
          const std::int32_t level = form->level(x, negative_sums) + (negative_sums ? zero : 0);
          ASSERT_EQ(saturated(level), saturated(requantize(x, m) + zero))
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
  const bool negative_sums = *rc::gen::arbitrary<bool>();
  const auto form = fit_float_requantization(m, zero, largest, negative_sums);
  if (!form) return;
  const int spread = std::min(largest, *rc::gen::inRange(1, 1 << 29) >> *rc::gen::inRange(0, 24));
  for (int i = 0; i < 2000; ++i) {
    const auto x = static_cast<std::int32_t>(static_cast<std::int64_t>(spread) * i / 2000);
    const std::int32_t sum = negative_sums && i % 2 == 1 ? -x : x;
    const std::int32_t level = form->level(sum, negative_sums) + (negative_sums ? zero : 0);
    RC_ASSERT(saturated(level) == saturated(requantize(sum, m) + zero));
  }
}

TEST(FloatRequantization, IsNotFoundWhereSinglePrecisionCannotTellSumsApart) {
  // Steps of 2^20 sums near 2^28, which single precision knows to within 16.
  EXPECT_FALSE(fit_float_requantization({0x5a827999, -20}, -128, (1 << 29) - 1, false));
}

}  // namespace
}  // namespace edgeproof::runtime
