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
  static constexpr int kTileVectors = HWY_TARGET == HWY_AVX3 ? 4 : 2;
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
  // A lane of each row to each group, in the order that demote() takes back.
  static HWY_INLINE void interleave(const Vector (&rows)[2], Vector (&groups)[2]) {
    groups[0] = hn::InterleaveLower(D(), rows[0], rows[1]);
    groups[1] = hn::InterleaveUpper(D(), rows[0], rows[1]);
  }
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
  static constexpr int kTileVectors = 4;
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
  static HWY_INLINE Vector load(const std::uint8_t* from) {
    return hn::BitCast(D(), hn::LoadU(hn::ScalableTag<std::uint8_t>(), from));
  }
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

// The saturated bytes of a block of vectors whose channels are interleaved (pack.cpp).
HWY_INLINE auto demote(const Int32s (&results)[1]) {
  return hn::DemoteTo(hn::Rebind<std::int8_t, Int32Tag>(), results[0]);
}
HWY_INLINE auto demote(const Int32s (&results)[2]) {
  const hn::ScalableTag<std::int16_t> d16;
  return hn::DemoteTo(hn::Rebind<std::int8_t, decltype(d16)>(),
                      hn::ReorderDemote2To(d16, results[0], results[1]));
}
#if HWY_TARGET == HWY_AVX3
HWY_INLINE auto demote(const Int32s (&results)[4]) {
  const hn::ScalableTag<std::int16_t> d16;
  const auto low = hn::ReorderDemote2To(d16, results[0], results[1]);
  const auto high = hn::ReorderDemote2To(d16, results[2], results[3]);
  return hn::Vec<hn::ScalableTag<std::int8_t>>{_mm512_packs_epi16(low.raw, high.raw)};
}
#endif

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
    if constexpr (positions % 2 == 0) {
      if (conv_.pool) return finish_rows<positions / 2, 2>(first / 2, 1, panel, sums);
    }
    finish_rows<positions, 1>(first, step, panel, sums);
  }

  // `rows` results, each the largest of `window` sums, of panels that hold neighbouring channels.
  template <int rows, int window, int vectors>
  HWY_INLINE void finish_rows(int first, int step, int panel,
                              const typename Ops::Sum (&sums)[rows * window][vectors]) {
    Int32s results[rows][vectors];
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      const int slot = (panel + v.value) * int32_lanes();
      Int32s acc[rows];
      for_each<rows>([&](auto r) EDGEPROOF_LAMBDA {
        acc[r.value] = Ops::total(sums[r.value * window][v.value]);
        count(slot, acc[r.value]);
        if constexpr (window == 2) {
          const Int32s other = Ops::total(sums[r.value * window + 1][v.value]);
          count(slot, other);
          acc[r.value] = hn::Max(acc[r.value], other);
        }
      });
      requantize(slot, acc);
      for_each<rows>([&](auto r) EDGEPROOF_LAMBDA { results[r.value][v.value] = acc[r.value]; });
    });
    for_each<rows>([&](auto r) EDGEPROOF_LAMBDA {
      store(first + r.value * step, panel * int32_lanes(), demote(results[r.value]));
    });
  }

  std::int64_t clipped() const { return static_cast<std::int64_t>(clipped_); }

 private:
  // In place, zero point added, for a saturating conversion to bytes.
  template <int n>
  HWY_INLINE void requantize(int slot, Int32s (&acc)[n]) {
    if (!packed_.narrow) {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = wide(slot, acc[i.value]); });
      return;
    }
    const NarrowRequantizer<Int32Tag> requantizer(packed_, slot);
    if (conv_.relu) {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = requantizer.relu(acc[i.value]); });
    } else {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = requantizer.any(acc[i.value]); });
    }
  }

  // Of narrow results; wide() counts its own.
  HWY_INLINE void count(int slot, Int32s acc) {
    if (!count_ || !packed_.narrow) return;
    const Int32Tag d;
    const auto above = hn::Gt(acc, hn::Load(d, packed_.clip_above.data() + slot));
    const auto below = hn::Lt(acc, hn::Load(d, packed_.clip_below.data() + slot));
    clipped_ += hn::CountTrue(d, hn::Or(above, below));
  }

  // What the narrow form cannot: multipliers of a half or more.
  HWY_NOINLINE Int32s wide(int slot, Int32s acc) {
    const Int32Tag d;
    const auto of = [&](const auto& values)
                        EDGEPROOF_LAMBDA { return hn::Load(d, values.data() + slot); };
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
  template <class V>
  HWY_INLINE void store(int position, int channel, V value) const {
    const int channels = conv_.geometry.out_channels;
    store_lanes(hn::DFromV<V>(), value,
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

// Positions at once: what the epilogue loads per panel then serves as many.
inline constexpr int kDepthwisePositions = 4;

// The same taps of neighbouring channels lie side by side: interleaving as many rows as a group has
// inputs brings those of one channel together, in the order of channels that pack() knows, and
// packing the results restores theirs. Reads up to a vector past the input's end, where weights are
// zero.
template <class Ops>
std::int64_t conv_depthwise(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                            std::int16_t* scratch, bool count) {
  constexpr int kGroup = Ops::kInputsPerStep;
  const ConvGeometry& g = conv.geometry;
  auto* padded = reinterpret_cast<typename Ops::Value*>(scratch);
  write_padded(g, false, Ops::padding(conv.input_zero), padded,
               [&](std::size_t from, std::size_t values, auto* to)
                   HWY_ATTR { Ops::convert(in + from, values, conv.input_zero, to); });
  Int8Epilogue<Ops> epilogue(conv, out, count);
  const int lanes = int32_lanes();
  const int groups = (g.kernel + kGroup - 1) / kGroup;
  const std::size_t channels = static_cast<std::size_t>(g.in_channels);
  const std::size_t hop = channels * g.stride;
  for (int first = 0; first < g.in_channels; first += kGroup * lanes) {
    const auto* weights =
        Ops::weights(conv.packed) + static_cast<std::size_t>(first) * groups * kGroup;
    int position = 0;
    const auto run = [&](auto positions) EDGEPROOF_LAMBDA {
      for (; position + positions.value <= g.out_length; position += positions.value) {
        const auto* x = padded + static_cast<std::size_t>(position) * hop + first;
        typename Ops::Sum sums[positions.value][kGroup];
        for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
          const auto start = epilogue.start(first / lanes + q.value);
          for_each<positions.value>([&](auto p)
                                        EDGEPROOF_LAMBDA { sums[p.value][q.value] = start; });
        });
        for (int i = 0; i < groups; ++i) {
          const auto* w = weights + i * Ops::weights_per_step();
          for_each<positions.value>([&](auto p) EDGEPROOF_LAMBDA {
            typename Ops::Vector rows[kGroup], taps[kGroup];
            for_each<kGroup>([&](auto t) EDGEPROOF_LAMBDA {
              // Weights of taps behind the last are zero.
              const int tap = std::min(i * kGroup + t.value, g.kernel - 1);
              rows[t.value] = Ops::load(x + p.value * hop + tap * g.dilation * channels);
            });
            Ops::interleave(rows, taps);
            for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
              Ops::multiply_add(sums[p.value][q.value], taps[q.value],
                                Ops::load(w + q.value * groups * Ops::weights_per_step()));
            });
          });
        }
        epilogue.template finish<positions.value, kGroup>(position, 1, first / lanes, sums);
      }
    };
    run(Index<kDepthwisePositions>{});
    run(Index<1>{});
  }
  return epilogue.clipped();
}

template <class Ops>
std::int64_t conv_int8(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                       std::int16_t* scratch, bool count) {
  return conv.packed.packing == Packing::full ? conv_full<Ops>(conv, in, out, scratch, count)
                                              : conv_depthwise<Ops>(conv, in, out, scratch, count);
}

template <class Ops>
void fill_with(Kernels& kernels) {
  kernels.panels = {int32_lanes(), Ops::kInputsPerStep, Ops::kTileVectors};
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
