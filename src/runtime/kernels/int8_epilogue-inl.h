// What becomes of a tile's sums in an int8 convolution, once per Highway target: pooled,
// requantized, stored, and counted if they clip. The maximum of the sums has the maximum of the
// results, since requantization never decreases.

#include <cstdint>

#include "runtime/kernels/int8_ops-inl.h"
#include "runtime/kernels/layers.h"
#include "runtime/kernels/requantize-inl.h"
#include "runtime/kernels/simd.h"
#include "runtime/kernels/tile-inl.h"

#if defined(EDGEPROOF_INT8_EPILOGUE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_INT8_EPILOGUE_INL_H
#undef EDGEPROOF_INT8_EPILOGUE_INL_H
#else
#define EDGEPROOF_INT8_EPILOGUE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

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
        parameters_(std::get_if<NarrowRequantization>(&conv.packed.requantization)),
        zero_point_(conv.output.zero_point),
        lowest_(conv.relu ? conv.output.zero_point : conv.output.lowest()),
        highest_(conv.output.highest()),
        channels_(conv.geometry.out_channels),
        pool_(conv.pool),
        relu_(conv.relu),
        narrow_(conv.packed.is_narrow()),
        saturates_(lowest_ == -128 && highest_ == 127),
        count_(count) {}

  HWY_INLINE typename Ops::Sum start(int panel) const {
    return start_from(panel, hn::Zero(Int32Tag()));
  }
  // Starts from a sum instead of zero.
  HWY_INLINE typename Ops::Sum start_from(int panel, Int32s sum) const {
    return Ops::start(hn::Add(sum, hn::Load(Int32Tag(), bias_ + panel * int32_lanes())));
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
    if (parameters_.by_float[panel] == 0) {
      const NarrowRequantizer<Int32Tag> narrow(parameters_, slot);
      if (relu_) {
        apply([&](auto sum) EDGEPROOF_LAMBDA { return narrow.relu(sum); }, acc);
      } else {
        apply([&](auto sum) EDGEPROOF_LAMBDA { return narrow.any(sum); }, acc);
      }
    } else if (relu_) {
      apply(ShiftedRequantizer<Int32Tag>(parameters_, slot), acc);
    } else {
      apply(FloatRequantizer<Int32Tag>(parameters_, slot, zero_point_), acc);
    }
    if (saturates_) return;
    for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
      const Int32s lowest = hn::Set(Int32Tag(), lowest_), highest = hn::Set(Int32Tag(), highest_);
      acc[i.value] = hn::Min(hn::Max(acc[i.value], lowest), highest);
    });
  }
  template <class F, int n>
  static HWY_INLINE void apply(const F& f, Int32s (&acc)[n]) {
    for_each<n>([&](auto i) EDGEPROOF_LAMBDA { acc[i.value] = f(acc[i.value]); });
  }

  // Counts clipped narrow results; wide() counts its own. Mostly nothing clips, which the largest
  // of `maxima`, the maxima of the sums, tells.
  template <int n, int m>
  HWY_INLINE void count(int slot, const Int32s (&sums)[n], const Int32s (&maxima)[m]) {
    const Int32Tag d;
    const Int32s highest = hn::Load(d, parameters_.clip_above + slot);
    Int32s largest = maxima[0];
    for_each<m>([&](auto i) EDGEPROOF_LAMBDA { largest = hn::Max(largest, maxima[i.value]); });
    if (!hn::AllFalse(d, hn::Gt(largest, highest))) {
      for_each<n>([&](auto i) EDGEPROOF_LAMBDA {
        clipped_ += hn::CountTrue(d, hn::Gt(sums[i.value], highest));
      });
    }
    if (relu_) return;
    const Int32s lowest = hn::Load(d, parameters_.clip_below + slot);
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
    const auto load = [&](const auto& values)
                          EDGEPROOF_LAMBDA { return hn::Load(d, values.data() + slot); };
    const auto& parameters = *std::get_if<WideRequantization>(&conv.packed.requantization);
    const auto shifted = hn::Shl(acc, load(parameters.left_shift));
    const auto value =
        rounding_shift_right(d, rounding_high_mul(d, shifted, load(parameters.multiplier)),
                             load(parameters.right_shift));
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
  NarrowParameters parameters_;
  std::int32_t zero_point_, lowest_, highest_;
  int channels_;
  bool pool_, relu_, narrow_;
  bool saturates_;  // as bytes do: nothing needs to be clamped
  bool count_;
  std::size_t clipped_ = 0;
};

#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
