#include "core/fixed_point.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace edgeproof {
namespace {

using Int128 = __int128;

// round(a / 2^bits), halves away from zero, in exact integers: the definition, slowly.
std::int64_t rounded_shift(Int128 a, int bits) {
  const Int128 half = bits == 0 ? 0 : Int128{1} << (bits - 1);
  const Int128 magnitude = ((a < 0 ? -a : a) + half) >> bits;
  return static_cast<std::int64_t>(a < 0 ? -magnitude : magnitude);
}

TEST(FixedPoint, MultiplierIsNormalised) {
  const FixedMultiplier m = fixed_multiplier(0.0123);
  EXPECT_GE(m.multiplier, 1 << 30);
  EXPECT_NEAR(m.multiplier * std::ldexp(1.0, m.shift - 31), 0.0123, 1e-11);
}

TEST(FixedPoint, MultiplierThatRoundsUpToOneIsRenormalised) {
  const FixedMultiplier m = fixed_multiplier(1.0 - 1e-12);
  EXPECT_EQ(m.multiplier, 1 << 30);
  EXPECT_EQ(m.shift, 1);
}

TEST(FixedPoint, ZeroAndTinyMultipliersGiveZero) {
  EXPECT_EQ(requantize(123456, fixed_multiplier(0)), 0);
  EXPECT_EQ(requantize(std::numeric_limits<std::int32_t>::max(), fixed_multiplier(1e-12)), 0);
}

TEST(FixedPoint, HighMulSaturatesOnlyAtTheCorner) {
  constexpr auto kMin = std::numeric_limits<std::int32_t>::min();
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kMin, kMin),
            std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(saturating_rounding_doubling_high_mul(kMin, 1), -1);
}

TEST(FixedPoint, TiesRoundAwayFromZeroWhenShifting) {
  EXPECT_EQ(rounding_divide_by_power_of_two(2, 2), 1);
  EXPECT_EQ(rounding_divide_by_power_of_two(-2, 2), -1);
  EXPECT_EQ(rounding_divide_by_power_of_two(-6, 2), -2);
}

RC_GTEST_PROP(FixedPoint, HighMulEqualsExactArithmetic, (std::int32_t a, std::int32_t b)) {
  // Ties of a negative product round upwards here: gemmlowp truncates after adding 1 - 2^30.
  const Int128 product = static_cast<Int128>(a) * b;
  const Int128 nudged = product + (product >= 0 ? Int128{1} << 30 : 1 - (Int128{1} << 30));
  RC_ASSERT(saturating_rounding_doubling_high_mul(a, b) ==
            static_cast<std::int32_t>(nudged / (Int128{1} << 31)));
}

RC_GTEST_PROP(FixedPoint, ShiftEqualsExactArithmetic, (std::int32_t x)) {
  const int exponent = *rc::gen::inRange(0, 32);
  RC_ASSERT(rounding_divide_by_power_of_two(x, exponent) == rounded_shift(x, exponent));
}

RC_GTEST_PROP(FixedPoint, RequantizeIsWithinOneOfTheRealProduct, ()) {
  const int x = *rc::gen::inRange(-(1 << 24), 1 << 24);
  const double real = *rc::gen::inRange(1, 1 << 20) / double{1 << 21};
  RC_ASSERT(std::abs(requantize(x, fixed_multiplier(real)) - x * real) <= 1.0);
}

TEST(FixedPoint, QuantizeRoundsHalvesAwayAndSaturates) {
  EXPECT_EQ(quantize_to_int8(0.25F, 0.5F, 0), 1);
  EXPECT_EQ(quantize_to_int8(-0.25F, 0.5F, 0), -1);
  EXPECT_EQ(quantize_to_int8(1e30F, 0.5F, 3), 127);
  EXPECT_EQ(quantize_to_int8(-1e30F, 0.5F, 3), -128);
  EXPECT_EQ(quantize_to_int8(std::numeric_limits<float>::quiet_NaN(), 0.5F, 3), 3);
}

}  // namespace
}  // namespace edgeproof
