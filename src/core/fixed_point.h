#pragma once

// Fixed-point requantization as LiteRT's integer kernels define it, bit for bit.
//
// A real multiplier M > 0 is held as M = multiplier * 2^(shift - 31), with multiplier in [2^30,
// 2^31). requantize() rounds twice, as gemmlowp does and LiteRT's reference kernels do by default
// (Jacob et al. 2018, section 2.2): a saturating rounding doubling high multiplication, then a
// rounding right shift. Everything here is normative: kernels and exported C must give these very
// integers.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace edgeproof {

struct FixedMultiplier {
  std::int32_t multiplier = 0;
  int shift = 0;  // > 0: to the left, before multiplying; < 0: to the right, after
};

// Rounds half away from zero to Q31. Zero, and anything below 2^-31 or so, becomes zero.
inline FixedMultiplier fixed_multiplier(double real) {
  if (real == 0) return {};
  int shift = 0;
  const double fraction = std::frexp(real, &shift);
  auto q31 = static_cast<std::int64_t>(std::round(fraction * (1LL << 31)));
  if (q31 == (1LL << 31)) {
    q31 /= 2;
    ++shift;
  }
  if (shift < -31) return {};
  return {static_cast<std::int32_t>(q31), shift};
}

// round(a * b / 2^31), halves away from zero; only INT32_MIN * INT32_MIN saturates.
inline std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  constexpr auto kMin = std::numeric_limits<std::int32_t>::min();
  if (a == kMin && b == kMin) return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = static_cast<std::int64_t>(a) * b;
  const std::int64_t nudge = product >= 0 ? (1LL << 30) : 1 - (1LL << 30);
  return static_cast<std::int32_t>((product + nudge) / (1LL << 31));
}

// round(x / 2^exponent), halves away from zero, 0 <= exponent <= 31.
inline std::int32_t rounding_divide_by_power_of_two(std::int32_t x, int exponent) {
  const std::int32_t mask = static_cast<std::int32_t>((1LL << exponent) - 1);
  const std::int32_t remainder = x & mask;
  const std::int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

// x * M, rounded. The left shift wraps as LiteRT's does; validated graphs never reach that range.
inline std::int32_t requantize(std::int32_t x, FixedMultiplier m) {
  const int left = std::max(m.shift, 0);
  const int right = std::max(-m.shift, 0);
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_divide_by_power_of_two(
      saturating_rounding_doubling_high_mul(shifted, m.multiplier), right);
}

// round(real / scale) + zero_point into int8, halves away from zero (LiteRT's AffineQuantize).
// NaN becomes the zero point; callers impute long before.
inline std::int8_t quantize_to_int8(float real, float scale, std::int32_t zero_point) {
  const float scaled = std::round(real / scale);
  if (std::isnan(scaled)) return static_cast<std::int8_t>(zero_point);
  const float shifted = scaled + static_cast<float>(zero_point);
  return static_cast<std::int8_t>(std::clamp(shifted, -128.0F, 127.0F));
}

}  // namespace edgeproof
