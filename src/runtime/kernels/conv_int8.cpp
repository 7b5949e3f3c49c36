// Int8 convolutions: a padded copy of the input that the products can read, and tiles of sums
// (tile-inl.h) that are pooled and requantized before they leave the registers. The maximum of the
// sums has the maximum of the results, since requantization never decreases. Test:
// conv_equivalence_test.cpp.

#include "runtime/kernels/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/conv_int8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/int8_ops-inl.h"
#include "runtime/kernels/peak-inl.h"
#include "runtime/kernels/requantize-inl.h"
#include "runtime/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {

#if EDGEPROOF_IS_SIMD(HWY_TARGET)
// Bias before the tile; pooling, requantization, and counting what clips after it. It holds copies
// of all it needs, and no function that is not inlined has its address: bytes are stored between
// any two tiles, and the compiler must take a byte for a part of anything in memory.
template <class Ops>
class Int8Epilogue {
 public:
  Int8Epilogue(const Int8Conv& conv, std::int8_t* out, bool count)
      : conv_(conv),
        out_(out),
        bias_(conv.packed.bias.data()),
        by_float_(conv.packed.by_float.data()),
        clip_above_(conv.packed.clip_above.data()),
        clip_below_(conv.packed.clip_below.data()),
        parameters_(conv.packed),
        zero_point_(conv.output.zero_point),
        lowest_(conv.relu ? conv.output.zero_point : conv.output.lowest()),
        highest_(conv.output.highest()),
        channels_(conv.geometry.out_channels),
        pool_(conv.pool),
        relu_(conv.relu),
        narrow_(conv.packed.narrow),
        saturates_(conv.output.bits == 8),
        count_(count) {}

  HWY_INLINE typename Ops::Sum start(int panel) const {
    return Ops::start(hn::Load(Int32Tag(), bias_ + panel * int32_lanes()));
  }

  template <int positions, int vectors>
  HWY_INLINE void finish(int first, int step, int panel,
                         const typename Ops::Sum (&sums)[positions][vectors]) {
    if constexpr (positions % 2 == 0) {
      if (pool_) return finish_rows<positions / 2, 2>(first / 2, 1, panel, sums);
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
      Int32s totals[rows * window], acc[rows];
      for_each<rows * window>(
          [&](auto i) EDGEPROOF_LAMBDA { totals[i.value] = Ops::total(sums[i.value][v.value]); });
      for_each<rows>([&](auto r) EDGEPROOF_LAMBDA {
        acc[r.value] = totals[r.value * window];
        if constexpr (window == 2) acc[r.value] = hn::Max(acc[r.value], totals[2 * r.value + 1]);
      });
      if (count_ && narrow_) count(slot, totals, acc);
      requantize(panel + v.value, acc);
      for_each<rows>([&](auto r) EDGEPROOF_LAMBDA { results[r.value][v.value] = acc[r.value]; });
    });
    const int channel = panel * int32_lanes();
    std::int8_t* to = out_ + static_cast<std::size_t>(first) * channels_ + channel;
    const std::size_t hop = static_cast<std::size_t>(step) * channels_;
    for_each<rows>([&](auto r) EDGEPROOF_LAMBDA {
      const auto bytes = demote(results[r.value]);
      store_lanes(hn::DFromV<decltype(bytes)>(), bytes, to + r.value * hop, channels_ - channel);
    });
  }

  std::int64_t clipped() const { return static_cast<std::int64_t>(clipped_); }

 private:
  // In place, zero point added, for a saturating conversion to bytes.
  template <int n>
  HWY_INLINE void requantize(int panel, Int32s (&acc)[n]) {
    const int slot = panel * int32_lanes();
    if (!narrow_) {
      return for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
        const Wide result = wide(conv_, slot, acc[i.value], count_);
        acc[i.value] = result.values;
        clipped_ += result.clipped;
      });
    }
    if (by_float_[panel] != 0) {
      requantize(FloatRequantizer<Int32Tag>(parameters_, slot, zero_point_), acc);
    } else {
      requantize(NarrowRequantizer<Int32Tag>(parameters_, slot), acc);
    }
    if (saturates_) return;
    for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
      const Int32s lowest = hn::Set(Int32Tag(), lowest_), highest = hn::Set(Int32Tag(), highest_);
      acc[i.value] = hn::Min(hn::Max(acc[i.value], lowest), highest);
    });
  }
  template <class Requantizer, int n>
  HWY_INLINE void requantize(const Requantizer& requantizer, Int32s (&acc)[n]) {
    if (relu_) {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = requantizer.relu(acc[i.value]); });
    } else {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = requantizer.any(acc[i.value]); });
    }
  }

  // Of narrow results; wide() counts its own. `maxima` are of the sums: mostly nothing clips, which
  // the largest of them tells.
  template <int n, int m>
  HWY_INLINE void count(int slot, const Int32s (&sums)[n], const Int32s (&maxima)[m]) {
    const Int32Tag d;
    const Int32s highest = hn::Load(d, clip_above_ + slot);
    Int32s largest = maxima[0];
    for_each<m>([&](auto i) EDGEPROOF_LAMBDA { largest = hn::Max(largest, maxima[i.value]); });
    if (!hn::AllFalse(d, hn::Gt(largest, highest))) {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
        clipped_ += hn::CountTrue(d, hn::Gt(sums[i.value], highest));
      });
    }
    if (relu_) return;
    const Int32s lowest = hn::Load(d, clip_below_ + slot);
    for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
      clipped_ += hn::CountTrue(d, hn::Lt(sums[i.value], lowest));
    });
  }

  // What the narrow form cannot: multipliers of a half or more.
  struct Wide {
    Int32s values;
    std::size_t clipped;
  };
  static HWY_NOINLINE Wide wide(const Int8Conv& conv, int slot, Int32s acc, bool count) {
    const Int32Tag d;
    const auto of = [&](const auto& values)
                        EDGEPROOF_LAMBDA { return hn::Load(d, values.data() + slot); };
    const PackedInt8& packed = conv.packed;
    const auto shifted = hn::Shl(acc, of(packed.left_shift));
    const auto value = rounding_shift_right(d, rounding_high_mul(d, shifted, of(packed.multiplier)),
                                            of(packed.right_shift));
    const Int8Bounds bounds = conv.bounds();
    const auto highest = hn::Set(d, bounds.highest());
    const auto below = hn::Lt(value, hn::Set(d, bounds.clipped_below()));
    return {hn::Add(hn::Min(hn::Max(value, hn::Set(d, bounds.lowest())), highest),
                    hn::Set(d, conv.output.zero_point)),
            count ? hn::CountTrue(d, hn::Or(hn::Gt(value, highest), below)) : 0};
  }

  const Int8Conv& conv_;
  std::int8_t* out_;
  const std::int32_t* bias_;
  const std::uint8_t* by_float_;
  const std::int32_t *clip_above_, *clip_below_;
  RequantizationParameters parameters_;
  std::int32_t zero_point_, lowest_, highest_;
  int channels_;
  bool pool_, relu_, narrow_;
  bool saturates_;  // as bytes do
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
// packing the results restores theirs. Two neighbouring positions can share the interleaved rows,
// the second one's weights being a tap later. Reads up to a vector past the input's end, where
// weights are zero.
template <class Ops>
class Depthwise {
 public:
  Depthwise(const Int8Conv& conv, const typename Ops::Value* padded, Int8Epilogue<Ops>& epilogue)
      : g_(conv.geometry),
        padded_(padded),
        weights_(Ops::weights(conv.packed)),
        steps_((g_.kernel + kGroup - 1) / kGroup),
        weight_set_(conv.packed.bias.size() * steps_ * kGroup),
        epilogue_(epilogue) {}

  HWY_INLINE void run() {
    for (int first = 0; first < g_.in_channels; first += kGroup * int32_lanes()) {
      int position = 0;
      if (shares_rows(g_, kGroup)) {
        positions<kDepthwisePositions, 2>(first, position);
        positions<2, 2>(first, position);
      } else {
        positions<kDepthwisePositions, 1>(first, position);
      }
      positions<1, 1>(first, position);
    }
  }

 private:
  static constexpr int kGroup = Ops::kInputsPerStep;

  // Of kGroup panels from channel `first` on, `count` positions at once while there are as many,
  // `share` of which share their rows.
  template <int count, int share>
  HWY_INLINE void positions(int first, int& position) {
    const std::size_t channels = static_cast<std::size_t>(g_.in_channels);
    const std::size_t hop = channels * g_.stride;
    const int last_tap = g_.kernel - 1 + (share - 1);
    const auto* panel = weights_ + static_cast<std::size_t>(first) * steps_ * kGroup;
    for (; position + count <= g_.out_length; position += count) {
      const auto* x = padded_ + static_cast<std::size_t>(position) * hop + first;
      typename Ops::Sum sums[count][kGroup];
      for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
        const auto start = epilogue_.start(first / int32_lanes() + q.value);
        for_each<count>([&](auto p) EDGEPROOF_LAMBDA { sums[p.value][q.value] = start; });
      });
      for (int i = 0; i < steps_; ++i) {
        const auto* w = panel + i * Ops::weights_per_step();
        for_each<count / share>([&](auto p) EDGEPROOF_LAMBDA {
          typename Ops::Vector rows[kGroup], taps[kGroup];
          for_each<kGroup>([&](auto t) EDGEPROOF_LAMBDA {
            // Weights of taps behind the last are zero.
            const int tap = std::min(i * kGroup + t.value, last_tap);
            rows[t.value] = Ops::load(x + share * p.value * hop + tap * g_.dilation * channels);
          });
          Ops::interleave(rows, taps);
          for_each<share>([&](auto later) EDGEPROOF_LAMBDA {
            for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
              Ops::multiply_add(sums[share * p.value + later.value][q.value], taps[q.value],
                                Ops::load(w + later.value * weight_set_ +
                                          q.value * steps_ * Ops::weights_per_step()));
            });
          });
        });
      }
      epilogue_.template finish<count, kGroup>(position, 1, first / int32_lanes(), sums);
    }
  }

  const ConvGeometry g_;
  const typename Ops::Value* padded_;
  const typename Ops::Weight* weights_;
  int steps_;
  std::size_t weight_set_;
  Int8Epilogue<Ops>& epilogue_;
};

template <class Ops>
std::int64_t conv_depthwise(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                            std::int16_t* scratch, bool count) {
  auto* padded = reinterpret_cast<typename Ops::Value*>(scratch);
  write_padded(conv.geometry, false, Ops::padding(conv.input_zero), padded,
               [&](std::size_t from, std::size_t values, auto* to)
                   HWY_ATTR { Ops::convert(in + from, values, conv.input_zero, to); });
  Int8Epilogue<Ops> epilogue(conv, out, count);
  Depthwise<Ops>(conv, padded, epilogue).run();
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
  kernels.panels = {int32_lanes(), Ops::kInputsPerStep, Ops::kTileVectors, Ops::kInputOffset,
                    HWY_NATIVE_FMA != 0};
  kernels.conv_int8 = conv_int8<Ops>;
  kernels.peak_int8 = measure_peak<Ops>;
}

void fill_conv_int8(Kernels& kernels, bool dot_products) {
#if EDGEPROOF_HAS_QUADS(HWY_TARGET)
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
