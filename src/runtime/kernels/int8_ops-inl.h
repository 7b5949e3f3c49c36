// How int8 convolutions multiply (the Ops of tile-inl.h), and how their 32-bit results become
// bytes, once per Highway target.

#include <cstring>

#include "runtime/kernels/layers.h"
#include "runtime/kernels/simd.h"

#if defined(EDGEPROOF_INT8_OPS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_INT8_OPS_INL_H
#undef EDGEPROOF_INT8_OPS_INL_H
#else
#define EDGEPROOF_INT8_OPS_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

using Int32Tag = hn::ScalableTag<std::int32_t>;
using Int32s = hn::Vec<Int32Tag>;

HWY_INLINE int int32_lanes() {
  return static_cast<int>(hn::Lanes(Int32Tag()));
}

// 16-bit inputs with their zero point taken off, so that |x| <= 255 and padding is zero. The
// pairwise multiply-add is exact: 2 * 255 * 128 < 2^31.
struct PairOps {
  static constexpr int kInputOffset = 0;
  using D = hn::ScalableTag<std::int16_t>;
  using Value = std::int16_t;
  using Weight = std::int16_t;
  using Vector = hn::Vec<D>;
  using SumTag = Int32Tag;
  // Lane i of the total is the sum of its pair's products. On x86 it grows in `low`, and `high`
  // stays zero; on Arm a pair's products lie side by side, those of the first half of the lanes in
  // `low`.
  struct Sum {
    Int32s low, high;
    // Written out, because GCC gives those it makes itself no target (AArch64).
    HWY_INLINE Sum() {}
    HWY_INLINE Sum(Int32s l, Int32s h) : low(l), high(h) {}
  };
  static constexpr int kInputsPerStep = 2;
  static constexpr int kTileVectors = EDGEPROOF_HAS_QUADS(HWY_TARGET) ? 4 : 2;
  static HWY_INLINE int lanes() { return int32_lanes(); }
  static HWY_INLINE int weights_per_step() { return 2 * lanes(); }
  static HWY_INLINE Sum start(Int32s bias) {
    const Int32Tag d;
#if HWY_ARCH_ARM
    return {hn::InterleaveLower(d, bias, hn::Zero(d)), hn::InterleaveUpper(d, bias, hn::Zero(d))};
#else
    return {bias, hn::Zero(d)};
#endif
  }
  static HWY_INLINE Vector load(const std::int16_t* from) {
    return hn::LoadU(D(), from);
  }
  static HWY_INLINE Vector broadcast(const std::int16_t* from) {
    std::int32_t pair;
    std::memcpy(&pair, from, sizeof pair);
    return hn::BitCast(D(), hn::Set(Int32Tag(), pair));
  }
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) {
    sum.low = hn::ReorderWidenMulAccumulate(Int32Tag(), x, w, sum.low, sum.high);
  }
  static HWY_INLINE Int32s total(Sum sum) {
    return hn::RearrangeToOddPlusEven(sum.low, sum.high);
  }
  // A lane of each row to each group, in the order that demote() takes back.
  static HWY_INLINE void interleave(const Vector (&rows)[2], Vector (&groups)[2]) {
    groups[0] = hn::InterleaveLower(D(), rows[0], rows[1]);
    groups[1] = hn::InterleaveUpper(D(), rows[0], rows[1]);
  }
  static const Weight* weights(const PackedInt8& packed) {
    return std::get_if<AlignedVector<Weight>>(&packed.weights)->data();
  }
  static Value padding(std::int32_t /*zero*/) {
    return 0;
  }
  static HWY_INLINE void convert(const std::int8_t* from, std::size_t count, std::int32_t zero,
                                 std::int16_t* to) {
    const D d;
    const hn::Rebind<std::int8_t, D> narrow;
    const auto offset = static_cast<std::int16_t>(zero);
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      const auto x = hn::PromoteTo(d, hn::LoadU(narrow, from + i));
      hn::StoreU(hn::Sub(x, hn::Set(d, offset)), d, to + i);
    }
    for (; i < count; ++i) to[i] = static_cast<std::int16_t>(from[i] - zero);
  }
};

#if EDGEPROOF_HAS_QUADS(HWY_TARGET)
// Dot products of four bytes, of machines with AVX-512-VNNI or Arm's SDOT: inputs are x +
// kInputOffset, what VNNI takes being unsigned; what that and the zero point add to the sums is in
// the packed bias.
struct QuadOps {
  using D = hn::ScalableTag<std::int8_t>;
#if HWY_ARCH_ARM
  using Value = std::int8_t;
  static constexpr int kInputOffset = 0;
#else
  using Value = std::uint8_t;
  static constexpr int kInputOffset = 128;
#endif
  using Weight = std::int8_t;
  using Vector = hn::Vec<D>;
  using SumTag = Int32Tag;
  using Sum = Int32s;
  static constexpr int kInputsPerStep = 4;
  static constexpr int kTileVectors = 4;
  static HWY_INLINE int lanes() {
    return int32_lanes();
  }
  static HWY_INLINE int weights_per_step() {
    return 4 * lanes();
  }
  static HWY_INLINE Sum start(Int32s bias) {
    return bias;
  }
  static HWY_INLINE Vector load(const std::int8_t* from) {
    return hn::LoadU(D(), from);
  }
  static HWY_INLINE Vector broadcast(const Value* from) {
    std::int32_t quad;
    std::memcpy(&quad, from, sizeof quad);
    return hn::BitCast(D(), hn::Set(Int32Tag(), quad));
  }
  // Not the intrinsic: GCC 12 spills the sums of a tile made with it. On Arm it would need a target
  // that Highway does not have.
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) {
#if HWY_ARCH_ARM
    asm(".arch armv8.2-a+crypto+dotprod\n\tsdot %0.4s, %1.16b, %2.16b"
        : "+w"(sum.raw)
        : "w"(x.raw), "w"(w.raw));
#else
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(w.raw));
#endif
  }
  static HWY_INLINE Int32s total(Sum sum) {
    return sum;
  }
#if !HWY_ARCH_ARM
  static HWY_INLINE Vector load(const std::uint8_t* from) {
    return hn::BitCast(D(), hn::LoadU(hn::ScalableTag<std::uint8_t>(), from));
  }
#endif
  static HWY_INLINE void interleave(const Vector (&rows)[4], Vector (&groups)[4]) {
    const hn::ScalableTag<std::int16_t> pairs;
    const auto low = hn::BitCast(pairs, hn::InterleaveLower(D(), rows[0], rows[1]));
    const auto low2 = hn::BitCast(pairs, hn::InterleaveLower(D(), rows[2], rows[3]));
    const auto high = hn::BitCast(pairs, hn::InterleaveUpper(D(), rows[0], rows[1]));
    const auto high2 = hn::BitCast(pairs, hn::InterleaveUpper(D(), rows[2], rows[3]));
    groups[0] = hn::BitCast(D(), hn::InterleaveLower(pairs, low, low2));
    groups[1] = hn::BitCast(D(), hn::InterleaveUpper(pairs, low, low2));
    groups[2] = hn::BitCast(D(), hn::InterleaveLower(pairs, high, high2));
    groups[3] = hn::BitCast(D(), hn::InterleaveUpper(pairs, high, high2));
  }
  static const Weight* weights(const PackedInt8& packed) {
    return std::get_if<AlignedVector<Weight>>(&packed.weights)->data();
  }
  static Value padding(std::int32_t zero) {
    return static_cast<Value>(zero + kInputOffset);
  }
  static HWY_INLINE void convert(const std::int8_t* from, std::size_t count, std::int32_t /*zero*/,
                                 Value* to) {
#if HWY_ARCH_ARM
    std::memcpy(to, from, count);
#else
    const hn::ScalableTag<std::uint8_t> d;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      hn::StoreU(hn::Xor(hn::LoadU(d, bytes + i), hn::Set(d, 0x80)), d, to + i);
    }
    for (; i < count; ++i) to[i] = static_cast<std::uint8_t>(bytes[i] ^ 0x80);
#endif
  }
};
#endif

// The saturated bytes of a block of vectors whose channels are interleaved (panel_layout.h).
HWY_INLINE auto demote(const Int32s (&results)[1]) {
  return hn::DemoteTo(hn::Rebind<std::int8_t, Int32Tag>(), results[0]);
}
HWY_INLINE auto demote(const Int32s (&results)[2]) {
  const hn::ScalableTag<std::int16_t> d16;
  return hn::DemoteTo(hn::Rebind<std::int8_t, decltype(d16)>(),
                      hn::ReorderDemote2To(d16, results[0], results[1]));
}
#if EDGEPROOF_HAS_QUADS(HWY_TARGET)
HWY_INLINE auto demote(const Int32s (&results)[4]) {
  const hn::ScalableTag<std::int16_t> d16;
  const auto low = hn::ReorderDemote2To(d16, results[0], results[1]);
  const auto high = hn::ReorderDemote2To(d16, results[2], results[3]);
#if HWY_ARCH_ARM
  using Bytes = hn::Vec<hn::ScalableTag<std::int8_t>>;
  return Bytes{vcombine_s8(vqmovn_s16(low.raw), vqmovn_s16(high.raw))};
#else
  return hn::Vec<hn::ScalableTag<std::int8_t>>{_mm512_packs_epi16(low.raw, high.raw)};
#endif
}
#endif

#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
