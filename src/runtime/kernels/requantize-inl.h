// Requantization with the bits of core/fixed_point.h, once per Highway target: gemmlowp's
// truncation after adding 1 - 2^30 to a negative product equals flooring after adding 2^30 to any.
// Vectors of two 32-bit lanes or more.
//
// The narrow form takes both roundings at once. With b the multiplier and s >= 1 the right shift,
// nested floors become one, and so does the second rounding's "halves away from zero":
//   y = floor((acc * b + 2^30 + 2^(30 + s) - [acc < 0] 2^31) / 2^(31 + s))
// (where acc < 0 rounds to 0 at first, both forms give 0). Four times numerator and denominator
// bring all terms but the product to multiples of 2^32, so that only its high half is needed:
//   y = (high32(4 acc * b) + 1 + 2^s - 2 [acc < 0]) >> (s + 1),   |acc| < 2^29.
// The output's zero point, times 2^(s + 1), goes into the constant. After ReLU negative sums are 0.

#include <cstdint>

#include "core/fixed_point.h"
#include "runtime/kernels/float_requantization.h"
#include "runtime/kernels/layers.h"
#include "runtime/kernels/simd.h"

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

// Where the parameters of all channels lie; nowhere for a layer that is not narrow.
struct NarrowParameters {
  explicit NarrowParameters(const NarrowRequantization* from) {
    if (from == nullptr) return;
    multiplier = from->multiplier.data();
    round = from->round.data();
    shift = from->shift.data();
    clip_above = from->clip_above.data();
    clip_below = from->clip_below.data();
    by_float = from->by_float.data();
    float_scale = from->float_scale.data();
    float_offset = from->float_offset.data();
  }

  const std::int32_t *multiplier = nullptr, *round = nullptr, *shift = nullptr;
  const std::int32_t *clip_above = nullptr, *clip_below = nullptr;
  const std::uint8_t* by_float = nullptr;
  const float *float_scale = nullptr, *float_offset = nullptr;
};

// The narrow form for one panel of channels.
template <class D>
class NarrowRequantizer {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE NarrowRequantizer(const NarrowParameters& of, int channel)
      : multiplier_(hn::Load(D(), of.multiplier + channel)),
        odd_multiplier_(odd_lanes(D(), multiplier_)),
        round_(hn::Load(D(), of.round + channel)),
        shift_(hn::Load(D(), of.shift + channel)) {}

  // Zero point added, not clamped. relu() has 4 acc in odd lanes at once with moving them to even
  // ones, and of even lanes 4 times the product: sums are not negative then, so that no bits of a
  // neighbour come along.
  HWY_INLINE V relu(V acc) const {
    const D d;
    const Wide wide;
    const V positive = hn::Max(acc, hn::Zero(d));
    const V moved = hn::BitCast(d, hn::ShiftRight<30>(hn::BitCast(wide, positive)));
    const auto even = hn::BitCast(wide, hn::MulEven(positive, multiplier_));
    const auto odd = hn::MulEven(moved, odd_multiplier_);
    return round_and_shift(
        hn::OddEven(hn::BitCast(d, odd), hn::BitCast(d, hn::ShiftRight<30>(even))));
  }
  HWY_INLINE V any(V acc) const {
    const D d;
    const V scaled = hn::ShiftLeft<2>(acc);
    const auto even = hn::MulEven(scaled, multiplier_);
    const auto odd = hn::MulEven(odd_lanes(d, scaled), odd_multiplier_);
    const V high = hn::OddEven(hn::BitCast(d, odd), odd_lanes(d, hn::BitCast(d, even)));
    const V negative = hn::ShiftRight<31>(acc);
    return round_and_shift(hn::Add(high, hn::Add(negative, negative)));
  }

 private:
  using Wide = hn::Repartition<std::uint64_t, D>;
  HWY_INLINE V round_and_shift(V high) const { return hn::Shr(hn::Add(high, round_), shift_); }

  V multiplier_, odd_multiplier_, round_, shift_;
};

// The nearest 32-bit integer, halves to even, and the next one towards zero, of numbers that have
// one: Highway's spend two more instructions on x86 for those that have none.
template <class DF, class V = hn::Vec<DF>>
HWY_INLINE auto nearest(DF, V v) {
  using Integers = hn::Vec<hn::RebindToSigned<DF>>;
#if HWY_TARGET == HWY_AVX3
  if constexpr (hn::MaxLanes(DF()) == 16) return Integers{_mm512_cvtps_epi32(v.raw)};
#elif HWY_TARGET == HWY_AVX2
  if constexpr (hn::MaxLanes(DF()) == 8) return Integers{_mm256_cvtps_epi32(v.raw)};
#endif
  return Integers{hn::NearestInt(v)};
}
template <class DF, class V = hn::Vec<DF>>
HWY_INLINE auto truncate_to_int(DF, V v) {
  using Integers = hn::Vec<hn::RebindToSigned<DF>>;
#if HWY_TARGET == HWY_AVX3
  if constexpr (hn::MaxLanes(DF()) == 16) return Integers{_mm512_cvttps_epi32(v.raw)};
#elif HWY_TARGET == HWY_AVX2
  if constexpr (hn::MaxLanes(DF()) == 8) return Integers{_mm256_cvttps_epi32(v.raw)};
#endif
  return Integers{hn::ConvertTo(hn::RebindToSigned<DF>(), v)};
}

// FloatRequantization for one panel of channels. The zero point is added.
template <class D>
class FloatRequantizer {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE FloatRequantizer(const NarrowParameters& of, int channel, std::int32_t zero_point)
      : scale_(hn::Load(DF(), of.float_scale + channel)),
        offset_(hn::Load(DF(), of.float_offset + channel)),
        zero_point_(zero_point) {}

  HWY_INLINE V operator()(V acc) const {
    const auto x = hn::ConvertTo(DF(), acc);
    const V level = nearest(DF(), hn::MulAdd(x, scale_, hn::CopySign(offset_, x)));
    return hn::Add(level, hn::Set(D(), zero_point_));
  }

 private:
  using DF = hn::RebindToFloat<D>;
  hn::Vec<DF> scale_, offset_;
  std::int32_t zero_point_;
};

// ShiftedRequantization for one panel of channels.
template <class D>
class ShiftedRequantizer {
 public:
  using V = hn::Vec<D>;
  HWY_INLINE ShiftedRequantizer(const NarrowParameters& of, int channel)
      : scale_(hn::Load(DF(), of.float_scale + channel)),
        offset_(hn::Load(DF(), of.float_offset + channel)) {}

  HWY_INLINE V operator()(V acc) const {
    const auto level = hn::MulAdd(hn::BitCast(DF(), acc), scale_, offset_);
    return hn::Sub(hn::BitCast(D(), level), hn::Set(D(), ShiftedRequantization::kZeroBits));
  }

 private:
  using DF = hn::RebindToFloat<D>;
  hn::Vec<DF> scale_, offset_;
};

#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
