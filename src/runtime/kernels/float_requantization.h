#pragma once

#include <cstdint>
#include <optional>

#include "core/fixed_point.h"

namespace edgeproof::runtime {

// Requantization of one channel in single precision. It has as many steps as int8 has levels, and
// so can be made to step at the same sums as fixed point does, which step where
// core/fixed_point.h says. None is found if single precision cannot tell a step's sums apart.

// Takes any sum to the integer nearest to (halves to even) fma(sum, scale, copysign(offset, sum)),
// to which the zero point is to be added.
struct FloatRequantization {
  float scale = 0, offset = 0;

  // The level of a sum, as vectors compute it.
  std::int32_t level(std::int32_t sum) const;
};

// Finds a form that equals requantize(sum, m), both saturated to int8 once `zero` is added, for
// every sum of at most `largest` (< 2^29) in magnitude.
std::optional<FloatRequantization> fit_float_requantization(FixedMultiplier m, std::int32_t zero,
                                                            std::int32_t largest);

// Before ReLU, without conversions: between 2^23 and 2^24, where single precision steps by one, the
// bits of 3 * 2^22 + n are kZeroBits + n. Products added to kZeroBits + start, as integers, thus
// make the bits of a number, and the bits of fma(that number, scale, offset), less kZeroBits, are
// the level, rounded once. `start` brings in what is not whole in the offset, and the level has the
// zero point; it is not clamped.
struct ShiftedRequantization {
  static constexpr std::int32_t kZeroBits = 0x4b400000;
  float scale = 0, offset = 0;
  std::int32_t start = 0;

  std::int32_t level(std::int32_t sum) const;
};

// Finds a form that equals requantize(max(sum, 0), m) + zero, both clamped to [zero, 127], for
// every sum from `lowest` (<= 0) to `highest` (>= 0); none if those are not within 2^22. m must be
// below a half.
std::optional<ShiftedRequantization> fit_shifted_requantization(FixedMultiplier m,
                                                                std::int32_t zero,
                                                                std::int64_t lowest,
                                                                std::int64_t highest);

}  // namespace edgeproof::runtime
