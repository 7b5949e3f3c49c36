// Requantization with the bits of core/fixed_point.h, once per Highway target: gemmlowp's
// truncation after adding 1 - 2^30 to a negative product equals flooring after adding 2^30 to any.
// Vectors of two 32-bit lanes or more.

#include <cstdint>

#include "core/fixed_point.h"

#if defined(EDGEPROOF_REQUANTIZE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_REQUANTIZE_INL_H
#undef EDGEPROOF_REQUANTIZE_INL_H
#else
#define EDGEPROOF_REQUANTIZE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

// Odd lanes to the even places, for the multiplication that reads only those.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V odd_lanes(D d, V v) {
  const hn::Repartition<std::uint64_t, D> wide;
  return hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, v)));
}

// floor((a * b + 2^30) / 2^31)
template <class D, class V = hn::Vec<D>>
HWY_INLINE V rounding_high_mul(D d, V a, V b) {
  const hn::Repartition<std::int64_t, D> wide;
  const auto nudge = hn::Set(wide, std::int64_t{1} << 30);
  const auto even = hn::Add(hn::MulEven(a, b), nudge);
  const auto odd = hn::Add(hn::MulEven(odd_lanes(d, a), odd_lanes(d, b)), nudge);
  return hn::OddEven(hn::BitCast(d, hn::ShiftLeft<1>(odd)),
                     odd_lanes(d, hn::BitCast(d, hn::ShiftLeft<1>(even))));
}

template <class D, class V = hn::Vec<D>>
HWY_INLINE V rounding_shift_right(D d, V x, V exponent) {
  const auto mask = hn::Sub(hn::Shl(hn::Set(d, 1), exponent), hn::Set(d, 1));
  const auto negative = hn::VecFromMask(d, hn::Lt(x, hn::Zero(d)));  // -1 where true
  const auto threshold = hn::Sub(hn::ShiftRight<1>(mask), negative);
  const auto up = hn::VecFromMask(d, hn::Gt(hn::And(x, mask), threshold));
  return hn::Sub(hn::Shr(x, exponent), up);
}

#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
