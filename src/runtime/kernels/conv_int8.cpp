// Int8 convolutions: a padded copy of the input that the products can read, and tiles of sums
// (tile-inl.h) that are pooled and requantized before they leave the registers
// (int8_epilogue-inl.h). Test: conv_equivalence_test.cpp.

#include "runtime/kernels/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/conv_int8.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/int8_epilogue-inl.h"
#include "runtime/kernels/int8_ops-inl.h"
#include "runtime/kernels/peak-inl.h"
#include "runtime/kernels/tile-inl.h"
#include "runtime/kernels/winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {

#if EDGEPROOF_IS_SIMD(HWY_TARGET)
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

std::int64_t conv_winograd(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                           std::int16_t* scratch, bool count) {
  PairOps::convert(in, conv.geometry.in_size(), conv.input_zero, scratch);
  Int8Epilogue<PairOps> epilogue(conv, out, count);
  convolve_winograd<PairOps>(conv.geometry, scratch, conv.packed.weights16.data(), scratch,
                             epilogue);
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
      if (!shares_rows(g_, kGroup)) {
        positions<kDepthwisePositions, 1, false>(first, position);
      } else if (steps_ == 1) {
        positions<kDepthwisePositions, 2, true>(first, position);
      } else {
        positions<kDepthwisePositions, 2, false>(first, position);
        positions<2, 2, false>(first, position);
      }
      positions<1, 1, false>(first, position);
    }
  }

 private:
  static constexpr int kGroup = Ops::kInputsPerStep;

  // Of kGroup panels from channel `first` on, `count` positions at once while there are as many,
  // `share` of which share their rows. If one step has all taps (`held`), its weights stay in
  // registers.
  template <int count, int share, bool held>
  HWY_INLINE void positions(int first, int& position) {
    const std::size_t channels = static_cast<std::size_t>(g_.in_channels);
    const std::size_t hop = channels * g_.stride;
    const int last_tap = g_.kernel - 1 + (share - 1);
    const auto* panel = weights_ + static_cast<std::size_t>(first) * steps_ * kGroup;
    const auto weights = [&](int step, int later, int q) EDGEPROOF_LAMBDA {
      return Ops::load(panel + later * weight_set_ + (q * steps_ + step) * Ops::weights_per_step());
    };
    typename Ops::Vector of_step[share][kGroup];
    for_each<held ? share : 0>([&](auto later) EDGEPROOF_LAMBDA {
      for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
        of_step[later.value][q.value] = weights(0, later.value, q.value);
      });
    });
    for (; position + count <= g_.out_length; position += count) {
      const auto* x = padded_ + static_cast<std::size_t>(position) * hop + first;
      typename Ops::Sum sums[count][kGroup];
      for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
        const auto start = epilogue_.start(first / int32_lanes() + q.value);
        for_each<count>([&](auto p) EDGEPROOF_LAMBDA { sums[p.value][q.value] = start; });
      });
      for (int i = 0; i < (held ? 1 : steps_); ++i) {
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
              Ops::multiply_add(
                  sums[share * p.value + later.value][q.value], taps[q.value],
                  held ? of_step[later.value][q.value] : weights(i, later.value, q.value));
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
  if constexpr (std::is_same_v<Ops, PairOps>) {
    if (conv.packed.packing == Packing::winograd)
      return conv_winograd(conv, in, out, scratch, count);
  }
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
