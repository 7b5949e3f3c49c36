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
                   hn::Set(d, conv_.output.zero_point));
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
  kernels.panels = {int32_lanes(), Ops::kInputsPerStep, Ops::kTileVectors, Ops::kInputOffset};
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
