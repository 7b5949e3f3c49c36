// Int8 convolutions: a padded copy of the input that the products can read, and tiles of sums
// (tile-inl.h) that are pooled and requantized before they leave the registers. The maximum of the
// sums has the maximum of the results, since requantization never decreases. Test:
// conv_equivalence_test.cpp.

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

HWY_INLINE int int32_lanes() {
  return static_cast<int>(hn::Lanes(Int32Tag()));
}

// 16-bit inputs with their zero point taken off, so that |x| <= 255 and padding is zero. The
// pairwise multiply-add is exact: 2 * 255 * 128 < 2^31.
struct PairOps {
  using D = hn::ScalableTag<std::int16_t>;
  using Value = std::int16_t;
  using Weight = std::int16_t;
  using Vector = hn::Vec<D>;
  using SumTag = Int32Tag;
  struct Sum {  // Highway may split the pairs' sums between the two; on x86 the second stays zero
    Int32s low, high;
  };
  static constexpr int kInputsPerStep = 2;
  static HWY_INLINE int lanes() { return int32_lanes(); }
  static HWY_INLINE int weights_per_step() { return 2 * lanes(); }
  static HWY_INLINE Sum start(Int32s bias) { return {bias, hn::Zero(Int32Tag())}; }
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
  static const Weight* weights(const PackedInt8& packed) { return packed.weights16.data(); }
  static Value padding(std::int32_t /*zero*/) { return 0; }
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

#if HWY_TARGET == HWY_AVX3
// Dot products of four bytes, of machines with AVX-512-VNNI: inputs are x + 128, unsigned; what
// that adds to the sums is in the packed bias.
struct QuadOps {
  using D = hn::ScalableTag<std::int8_t>;
  using Value = std::uint8_t;
  using Weight = std::int8_t;
  using Vector = hn::Vec<D>;
  using SumTag = Int32Tag;
  using Sum = Int32s;
  static constexpr int kInputsPerStep = 4;
  static HWY_INLINE int lanes() { return int32_lanes(); }
  static HWY_INLINE int weights_per_step() { return 4 * lanes(); }
  static HWY_INLINE Sum start(Int32s bias) { return bias; }
  static HWY_INLINE Vector load(const std::int8_t* from) { return hn::LoadU(D(), from); }
  static HWY_INLINE Vector broadcast(const std::uint8_t* from) {
    std::int32_t quad;
    std::memcpy(&quad, from, sizeof quad);
    return hn::BitCast(D(), hn::Set(Int32Tag(), quad));
  }
  // Not the intrinsic: GCC 12 spills the sums of a tile made with it.
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) {
    asm("vpdpbusd %2, %1, %0" : "+v"(sum.raw) : "v"(x.raw), "v"(w.raw));
  }
  static HWY_INLINE Int32s total(Sum sum) { return sum; }
  static const Weight* weights(const PackedInt8& packed) { return packed.weights8.data(); }
  static Value padding(std::int32_t zero) { return static_cast<Value>(zero + 128); }
  static HWY_INLINE void convert(const std::int8_t* from, std::size_t count, std::int32_t /*zero*/,
                                 std::uint8_t* to) {
    const hn::ScalableTag<std::uint8_t> d;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(from);
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      hn::StoreU(hn::Xor(hn::LoadU(d, bytes + i), hn::Set(d, 0x80)), d, to + i);
    }
    for (; i < count; ++i) to[i] = static_cast<std::uint8_t>(bytes[i] ^ 0x80);
  }
};
#endif

struct DepthwiseInt8Ops {
  using Value = std::int16_t;
  using Weight = std::int16_t;
  using Sum = Int32s;
  static HWY_INLINE int lanes() { return int32_lanes(); }
  static HWY_INLINE Sum start(Int32s bias) { return bias; }
  static HWY_INLINE Int32s load(const std::int16_t* from) {
    return hn::PromoteTo(Int32Tag(), hn::LoadU(hn::Rebind<std::int16_t, Int32Tag>(), from));
  }
  static HWY_INLINE void multiply_add(Int32s& sum, Int32s x, Int32s w) {
    sum = hn::Add(sum, hn::Mul(x, w));
  }
  static HWY_INLINE Int32s total(Sum sum) { return sum; }
};

// Bias before the tile; pooling, requantization, and counting what clips after it.
template <class Ops>
class Int8Epilogue {
 public:
  Int8Epilogue(const Int8Conv& conv, std::int8_t* out, bool count)
      : conv_(conv), packed_(conv.packed), out_(out), count_(count) {}

  HWY_INLINE typename Ops::Sum start(int panel) const {
    return Ops::start(hn::Load(Int32Tag(), packed_.bias.data() + panel * int32_lanes()));
  }

  template <int positions, int vectors>
  HWY_INLINE void finish(int first, int step, int panel,
                         const typename Ops::Sum (&sums)[positions][vectors]) {
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      Int32s acc[positions];
      for_each<positions>(
          [&](auto p) EDGEPROOF_LAMBDA { acc[p.value] = Ops::total(sums[p.value][v.value]); });
      const int channel = (panel + v.value) * int32_lanes();
      if (!packed_.narrow) {
        for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
          store(first + p.value * step, channel, wide(channel, acc[p.value]));
        });
        return;
      }
      if (count_) {
        for_each<positions>([&](auto p) EDGEPROOF_LAMBDA { count(channel, acc[p.value]); });
      }
      const NarrowRequantizer<Int32Tag> requantizer(packed_, channel);
      if constexpr (positions % 2 == 0) {
        if (conv_.pool) {
          for_each<positions / 2>([&](auto p) EDGEPROOF_LAMBDA {
            const auto largest = hn::Max(acc[2 * p.value], acc[2 * p.value + 1]);
            store(first / 2 + p.value, channel, narrow(requantizer, largest));
          });
          return;
        }
      }
      for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
        store(first + p.value * step, channel, narrow(requantizer, acc[p.value]));
      });
    });
  }

  std::int64_t clipped() const { return static_cast<std::int64_t>(clipped_); }

 private:
  HWY_INLINE Int32s narrow(const NarrowRequantizer<Int32Tag>& requantizer, Int32s acc) const {
    return conv_.relu ? requantizer.relu(acc) : requantizer.any(acc);
  }
  HWY_INLINE void count(int channel, Int32s acc) {
    const Int32Tag d;
    const auto above = hn::Gt(acc, hn::Load(d, packed_.clip_above.data() + channel));
    const auto below = hn::Lt(acc, hn::Load(d, packed_.clip_below.data() + channel));
    clipped_ += hn::CountTrue(d, hn::Or(above, below));
  }
  // What the narrow form cannot: multipliers of a half or more.
  HWY_NOINLINE Int32s wide(int channel, Int32s acc) {
    const Int32Tag d;
    const auto of = [&](const auto& values)
                        EDGEPROOF_LAMBDA { return hn::Load(d, values.data() + channel); };
    const auto shifted = hn::Shl(acc, of(packed_.left_shift));
    const auto value = rounding_shift_right(
        d, rounding_high_mul(d, shifted, of(packed_.multiplier)), of(packed_.right_shift));
    const Int8Bounds bounds = conv_.bounds();
    const auto highest = hn::Set(d, bounds.highest());
    const auto below = hn::Lt(value, hn::Set(d, bounds.clipped_below()));
    if (count_) clipped_ += hn::CountTrue(d, hn::Or(hn::Gt(value, highest), below));
    return hn::Add(hn::Min(hn::Max(value, hn::Set(d, bounds.lowest())), highest),
                   hn::Set(d, conv_.output_zero));
  }
  HWY_INLINE void store(int position, int channel, Int32s value) const {
    const hn::Rebind<std::int8_t, Int32Tag> d;
    const int channels = conv_.geometry.out_channels;
    store_lanes(d, hn::DemoteTo(d, value),
                out_ + static_cast<std::size_t>(position) * channels + channel, channels - channel);
  }

  const Int8Conv& conv_;
  const PackedInt8& packed_;
  std::int8_t* out_;
  bool count_;
  std::size_t clipped_ = 0;
};

template <class Ops>
std::int64_t conv_full(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                       std::int16_t* scratch, bool count) {
  const ConvGeometry& g = conv.geometry;
  auto* padded = reinterpret_cast<typename Ops::Value*>(scratch);
  write_padded(g, g.dilation > 1, Ops::padding(conv.input_zero), padded,
               [&](std::size_t from, std::size_t values, auto* to)
                   HWY_ATTR { Ops::convert(in + from, values, conv.input_zero, to); });
  Int8Epilogue<Ops> epilogue(conv, out, count);
  convolve_full<Ops>(g, padded, Ops::weights(conv.packed), epilogue);
  return epilogue.clipped();
}

std::int64_t conv_depthwise(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                            std::int16_t* scratch, bool count) {
  write_padded(conv.geometry, false, std::int16_t{0}, scratch,
               [&](std::size_t from, std::size_t values, std::int16_t* to)
                   HWY_ATTR { PairOps::convert(in + from, values, conv.input_zero, to); });
  Int8Epilogue<DepthwiseInt8Ops> epilogue(conv, out, count);
  convolve_depthwise<DepthwiseInt8Ops>(conv.geometry, scratch, conv.packed.weights16.data(),
                                       epilogue);
  return epilogue.clipped();
}

template <class Ops>
std::int64_t conv_int8(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                       std::int16_t* scratch, bool count) {
  return conv.packed.packing == Packing::full ? conv_full<Ops>(conv, in, out, scratch, count)
                                              : conv_depthwise(conv, in, out, scratch, count);
}

template <class Ops>
void fill_with(Kernels& kernels) {
  kernels.lanes = int32_lanes();
  kernels.group = Ops::kInputsPerStep;
  kernels.conv_int8 = conv_int8<Ops>;
  kernels.peak_int8 = measure_peak<Ops>;
}

void fill_conv_int8(Kernels& kernels, bool dot_products) {
#if HWY_TARGET == HWY_AVX3
  if (dot_products) return fill_with<QuadOps>(kernels);
#endif
  (void)dot_products;
  fill_with<PairOps>(kernels);
}

#else
void fill_conv_int8(Kernels&, bool) {}
#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::runtime {

HWY_EXPORT(fill_conv_int8);

void add_conv_int8(Kernels& kernels, std::int64_t target, bool dot_products) {
  HWY_DISPATCH_TABLE(fill_conv_int8)[dispatch_index(target)](kernels, dot_products);
}

}  // namespace edgeproof::runtime
#endif  // HWY_ONCE
