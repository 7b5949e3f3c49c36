#pragma once

#include <cstdint>
#include <optional>

#include "core/fixed_point.h"

namespace edgeproof::runtime {

// Requantization of one channel in single precision: the integer nearest to (halves to even)
//   fma(x, scale, offset)                 of sums x, if they are never negative,
//   fma(x, scale, copysign(offset, x))    of any.
// It has as many steps as int8 has levels, and so can be made to step where fixed point does.
struct FloatRequantization {
  float scale = 0, offset = 0;

  // The level of a sum, as vectors compute it.
  std::int32_t level(std::int32_t sum, bool negative_sums) const;
};

// A form that equals `zero + requantize(sum, m)`, both saturated to int8, for every sum of at most
// `largest` (< 2^29) in magnitude; not negative ones, unless `negative_sums`. `zero` is added by
// the offset if no sum is negative, by the caller otherwise. None if none was found: then a step
// lies closer to a sum than single precision tells apart.
std::optional<FloatRequantization> fit_float_requantization(FixedMultiplier m, std::int32_t zero,
                                                            std::int32_t largest,
                                                            bool negative_sums);

}  // namespace edgeproof::runtime
