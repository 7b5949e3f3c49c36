// Int8 convolutions. The input is widened once to 16 bits with its zero point taken off, so that
// padding is zero and |x| <= 255; the pairwise 16 x 16 -> 32 multiply-add is then exact (2 * 255 *
// 128 < 2^31). Test: conv_equivalence_test.cpp.

#include "runtime/kernels/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/conv_int8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/peak-inl.h"
#include "runtime/kernels/requantize-inl.h"
#include "runtime/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {

#if EDGEPROOF_IS_SIMD(HWY_TARGET)
using Int32Tag = hn::ScalableTag<std::int32_t>;
using Int32s = hn::Vec<Int32Tag>;

struct PairOps {
  using D = hn::ScalableTag<std::int16_t>;
  using Value = std::int16_t;
  using Vector = hn::Vec<D>;
  struct Sum {  // Highway may split the pairs' sums between the two; on x86 the second stays zero
    Int32s low, high;
  };
  static constexpr int kInputsPerStep = 2;
  static HWY_INLINE int lanes() { return static_cast<int>(hn::Lanes(Int32Tag())); }
  static HWY_INLINE int weights_per_step() { return 2 * lanes(); }
  static HWY_INLINE Sum zero() { return {hn::Zero(Int32Tag()), hn::Zero(Int32Tag())}; }
  static HWY_INLINE Vector load(const std::int16_t* from) { return hn::LoadU(D(), from); }
  static HWY_INLINE Vector broadcast(const std::int16_t* from) {
    std::int32_t pair;
    std::memcpy(&pair, from, sizeof pair);
    return hn::BitCast(D(), hn::Set(Int32Tag(), pair));
  }
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) {
    sum.low = hn::ReorderWidenMulAccumulate(Int32Tag(), x, w, sum.low, sum.high);
  }
  static HWY_INLINE Int32s total(Sum sum) { return hn::RearrangeToOddPlusEven(sum.low, sum.high); }
};

struct DepthwiseInt8Ops {
  using Value = std::int16_t;
  static HWY_INLINE int lanes() { return static_cast<int>(hn::Lanes(Int32Tag())); }
  static HWY_INLINE Int32s zero() { return hn::Zero(Int32Tag()); }
  static HWY_INLINE Int32s load(const std::int16_t* from) {
    return hn::PromoteTo(Int32Tag(), hn::LoadU(hn::Rebind<std::int16_t, Int32Tag>(), from));
  }
  static HWY_INLINE void multiply_add(Int32s& sum, Int32s x, Int32s w) {
    sum = hn::Add(sum, hn::Mul(x, w));
  }
};

// to = from - zero, in 16 bits.
HWY_INLINE void widen(const std::int8_t* from, std::size_t count, std::int16_t zero,
                      std::int16_t* to) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Rebind<std::int8_t, decltype(d)> narrow;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    const auto x = hn::PromoteTo(d, hn::LoadU(narrow, from + i));
    hn::StoreU(hn::Sub(x, hn::Set(d, zero)), d, to + i);
  }
  for (; i < count; ++i) to[i] = static_cast<std::int16_t>(from[i] - zero);
}

std::int64_t conv_int8(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                       std::int16_t* scratch) {
  const ConvGeometry& g = conv.geometry;
  const PackedInt8& packed = conv.packed;
  const bool full = packed.packing == Packing::full;
  const auto input_zero = static_cast<std::int16_t>(conv.input_zero);
  write_padded(g, full && g.dilation > 1, scratch,
               [&](std::size_t from, std::size_t count, std::int16_t* to)
                   HWY_ATTR { widen(in + from, count, input_zero, to); });

  const Int32Tag d;
  const Int8Bounds bounds = conv.bounds();
  const int lanes = PairOps::lanes();
  const auto lowest = hn::Set(d, bounds.lowest());
  const auto highest = hn::Set(d, bounds.highest());
  const auto clipped_below = hn::Set(d, bounds.clipped_below());
  const auto zero = hn::Set(d, conv.output_zero);
  std::size_t clipped = 0;
  const auto emit = [&](int position, int panel, auto sum) EDGEPROOF_LAMBDA {
    const int channel = panel * lanes;
    const auto acc = hn::Add(sum, hn::Load(d, packed.bias.data() + channel));
    const auto shifted = hn::Shl(acc, hn::Load(d, packed.left_shift.data() + channel));
    const auto scaled =
        rounding_high_mul(d, shifted, hn::Load(d, packed.multiplier.data() + channel));
    const auto value =
        rounding_shift_right(d, scaled, hn::Load(d, packed.right_shift.data() + channel));
    clipped += hn::CountTrue(d, hn::Or(hn::Gt(value, highest), hn::Lt(value, clipped_below)));
    const auto result = hn::Add(hn::Min(hn::Max(value, lowest), highest), zero);
    const hn::Rebind<std::int8_t, Int32Tag> narrow;
    store_lanes(narrow, hn::DemoteTo(narrow, result),
                out + static_cast<std::size_t>(position) * g.out_channels + channel,
                g.out_channels - channel);
  };
  const std::int16_t* weights = packed.weights.data();
  if (full) {
    convolve_full<PairOps>(g, scratch, weights, emit);
  } else {
    convolve_depthwise<DepthwiseInt8Ops>(g, scratch, weights, emit);
  }
  return static_cast<std::int64_t>(clipped);
}

void fill_conv_int8(Kernels& kernels) {
  kernels.lanes = PairOps::lanes();
  kernels.conv_int8 = conv_int8;
  kernels.peak_int8 = measure_peak<PairOps>;
}

#else
void fill_conv_int8(Kernels&) {}
#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::runtime {

HWY_EXPORT(fill_conv_int8);

void add_conv_int8(Kernels& kernels, std::int64_t target) {
  HWY_DISPATCH_TABLE(fill_conv_int8)[dispatch_index(target)](kernels);
}

}  // namespace edgeproof::runtime
#endif  // HWY_ONCE
