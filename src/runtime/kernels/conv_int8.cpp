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
  convolve_winograd<PairOps>(conv.geometry, scratch, PairOps::weights(conv.packed), scratch,
                             epilogue);
  return epilogue.clipped();
}

// A depthwise convolution. The same taps of neighbouring channels lie side by side in its input;
// interleaving as many rows of channels as a step has inputs, the group, brings the taps of one
// channel together. Of a kernel of 3 in pairs (group 2), rows being inputs of one position:
//
//   row 0   a0 b0 c0 d0      interleave    a0 a1 b0 b1       step 0: times (w0, w1) of a, b, ...
//   row 1   a1 b1 c1 d1     ----------->   c0 c1 d0 d1
//   row 2   a2 b2 c2 d2                    a2 a2 b2 b2 ...   step 1: times (w2, 0)
//
// The order in which channels come out is the one that pack() knows, and packing the results into
// bytes restores theirs. Two neighbouring positions can share the interleaved rows (shares_rows()):
// the second one's weights are a tap later, (0, w0) and (w1, w2) above. Reads up to a vector past
// the input's end, where weights are zero.
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
        position = run_positions<kMostPositions, 1, false>(first, position);
      } else if (steps_ == 1) {
        position = run_positions<kMostPositions, 2, true>(first, position);
      } else {
        position = run_positions<kMostPositions, 2, false>(first, position);
        position = run_positions<2, 2, false>(first, position);
      }
      run_positions<1, 1, false>(first, position);
    }
  }

 private:
  static constexpr int kGroup = Ops::kInputsPerStep;
  // Positions at once: what the epilogue loads per panel then serves as many.
  static constexpr int kMostPositions = 4;

  // Outputs of kGroup panels from channel `first` on, `count` positions at once while there are as
  // many, `share` of which share their rows. Returns the first position that is left. If one step
  // has all taps, its weights stay in registers: the compiler would load them again for every
  // position, since the stores of bytes might have changed them.
  template <int count, int share, bool one_step>
  HWY_INLINE int run_positions(int first, int position) const {
    typename Ops::Vector weights[share][kGroup];
    if constexpr (one_step) load_weights(first, 0, weights);
    for (; position + count <= g_.out_length; position += count) {
      typename Ops::Sum sums[count][kGroup];
      start_sums(first, sums);
      for (int step = 0; step < (one_step ? 1 : steps_); ++step) {
        if constexpr (!one_step) load_weights(first, step, weights);
        for_each<count / share>([&](auto p) EDGEPROOF_LAMBDA {
          typename Ops::Vector taps[kGroup];
          load_taps<share>(first, position + share * p.value, step, taps);
          add_products<share * p.value>(taps, weights, sums);
        });
      }
      epilogue_.template finish<count, kGroup>(position, 1, first / int32_lanes(), sums);
    }
    return position;
  }

  // Weights of one step; the second set is a tap later.
  template <int share>
  HWY_INLINE void load_weights(int first, int step,
                               typename Ops::Vector (&weights)[share][kGroup]) const {
    const auto* panel = weights_ + static_cast<std::size_t>(first) * steps_ * kGroup;
    for_each<share>([&](auto later) EDGEPROOF_LAMBDA {
      for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
        weights[later.value][q.value] =
            Ops::load(panel + later.value * weight_set_ +
                      (q.value * steps_ + step) * Ops::weights_per_step());
      });
    });
  }

  template <int count>
  HWY_INLINE void start_sums(int first, typename Ops::Sum (&sums)[count][kGroup]) const {
    for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
      const auto start = epilogue_.start(first / int32_lanes() + q.value);
      for_each<count>([&](auto p) EDGEPROOF_LAMBDA { sums[p.value][q.value] = start; });
    });
  }

  // Inputs of one step at a position and the share - 1 behind it, interleaved.
  template <int share>
  HWY_INLINE void load_taps(int first, int position, int step,
                            typename Ops::Vector (&taps)[kGroup]) const {
    const std::size_t channels = static_cast<std::size_t>(g_.in_channels);
    const auto* x = padded_ + static_cast<std::size_t>(position) * channels * g_.stride + first;
    const int last_tap = g_.kernel - 1 + (share - 1);
    typename Ops::Vector rows[kGroup];
    for_each<kGroup>([&](auto t) EDGEPROOF_LAMBDA {
      // Weights of taps behind the last are zero.
      const int tap = std::min(step * kGroup + t.value, last_tap);
      rows[t.value] = Ops::load(x + tap * g_.dilation * channels);
    });
    Ops::interleave(rows, taps);
  }

  // To the sums of the position `at` and the share - 1 behind it.
  template <int at, int share, int count>
  static HWY_INLINE void add_products(const typename Ops::Vector (&taps)[kGroup],
                                      const typename Ops::Vector (&weights)[share][kGroup],
                                      typename Ops::Sum (&sums)[count][kGroup]) {
    for_each<share>([&](auto later) EDGEPROOF_LAMBDA {
      for_each<kGroup>([&](auto q) EDGEPROOF_LAMBDA {
        Ops::multiply_add(sums[at + later.value][q.value], taps[q.value],
                          weights[later.value][q.value]);
      });
    });
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
