// The inner loop of full and depthwise convolutions, FP32 and int8, once per Highway target.
//
// Channels last, the kernel x channels inputs of one output are contiguous, so that a convolution
// is a matrix product whose left rows overlap: no im2col. A tile of positions x vectors of output
// channels stays in registers while the taps go by; each tap broadcasts one input per position and
// loads one weight vector per channel vector (Goto & van de Geijn 2008, section 5).

#include <cstring>
#include <utility>

#include "runtime/kernels/layers.h"
#include "runtime/kernels/simd.h"

#if defined(EDGEPROOF_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_TILE_INL_H
#undef EDGEPROOF_TILE_INL_H
#else
#define EDGEPROOF_TILE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

// Sixteen sums, two weights and an input fit 32 registers; half as many fit 16.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
inline constexpr int kTilePositions = 8;
#else
inline constexpr int kTilePositions = 4;
#endif
inline constexpr int kTileVectors = 2;

template <int i>
struct Index {
  static constexpr int value = i;
};

// f(Index<0>), f(Index<1>), …: indices are constants, so that arrays of vectors become registers.
template <class F, int... i>
HWY_INLINE void for_each(std::integer_sequence<int, i...>, const F& f) {
  (f(Index<i>{}), ...);
}
template <int count, class F>
HWY_INLINE void for_each(const F& f) {
  for_each(std::make_integer_sequence<int, count>{}, f);
}
#define EDGEPROOF_LAMBDA HWY_ATTR __attribute__((always_inline))

// Calls emit(position, vector, sum) for every element of the tile. A product p = Ops says what is
// multiplied: its input and weight types, how many of them one step takes, and how they are added
// up.
template <int positions, int vectors, class Ops, class Emit>
HWY_INLINE void tile(const typename Ops::Value* in, std::size_t hop,
                     const typename Ops::Value* weights, std::size_t panel, std::size_t steps,
                     const Emit& emit) {
  typename Ops::Sum sums[positions][vectors];
  for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA { sums[p.value][v.value] = Ops::zero(); });
  });
  for (std::size_t step = 0; step < steps; ++step) {
    typename Ops::Vector w[vectors];
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      w[v.value] = Ops::load(weights + v.value * panel + step * Ops::weights_per_step());
    });
    for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
      const auto x = Ops::broadcast(in + p.value * hop + step * Ops::kInputsPerStep);
      for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
        Ops::multiply_add(sums[p.value][v.value], x, w[v.value]);
      });
    });
  }
  for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      emit(p.value, v.value, Ops::total(sums[p.value][v.value]));
    });
  });
}

// All positions of `vectors` neighbouring panels.
template <int vectors, class Ops, class Emit>
HWY_INLINE void panels(const ConvGeometry& g, const typename Ops::Value* padded,
                       const typename Ops::Value* weights, std::size_t panel, std::size_t steps,
                       const Emit& emit) {
  const std::size_t hop = static_cast<std::size_t>(g.stride) * g.in_channels;
  int first = 0;
  const auto emit_here = [&](int p, int v, auto sum) EDGEPROOF_LAMBDA { emit(first + p, v, sum); };
  for (; first + kTilePositions <= g.out_length; first += kTilePositions) {
    tile<kTilePositions, vectors, Ops>(padded + first * hop, hop, weights, panel, steps, emit_here);
  }
  for (; first < g.out_length; ++first) {
    tile<1, vectors, Ops>(padded + first * hop, hop, weights, panel, steps, emit_here);
  }
}

// Writes the padded input for a convolution: copy(from, count, to) brings `count` values from input
// index `from`, the rest is zero. A dilated full convolution gets the positions of each phase
// (their number modulo the dilation) one after the other: within a phase it is not dilated.
template <class Value, class Copy>
HWY_INLINE void write_padded(const ConvGeometry& g, bool by_phase, Value* to, const Copy& copy) {
  const std::size_t channels = static_cast<std::size_t>(g.in_channels);
  if (!by_phase) {
    const std::size_t before = static_cast<std::size_t>(g.pad_left) * channels;
    const std::size_t after = static_cast<std::size_t>(g.pad_right) * channels;
    std::memset(to, 0, before * sizeof(Value));
    copy(std::size_t{0}, g.in_size(), to + before);
    std::memset(to + before + g.in_size(), 0, after * sizeof(Value));
    return;
  }
  for (int phase = 0; phase < g.dilation; ++phase) {
    for (int at = phase - g.pad_left; at < g.in_length + g.pad_right; at += g.dilation) {
      if (at < 0 || at >= g.in_length) {
        std::memset(to, 0, channels * sizeof(Value));
      } else {
        copy(static_cast<std::size_t>(at) * channels, channels, to);
      }
      to += channels;
    }
  }
}

// A full convolution of one phase of the padded input, whose outputs are g.out_length:
// emit(position, panel, sum without bias).
template <class Ops, class Emit>
HWY_INLINE void convolve_phase(const ConvGeometry& g, const typename Ops::Value* padded,
                               const typename Ops::Value* weights, const Emit& emit) {
  const int inputs = g.kernel * g.in_channels;
  const std::size_t steps =
      static_cast<std::size_t>(inputs + Ops::kInputsPerStep - 1) / Ops::kInputsPerStep;
  const std::size_t panel = steps * Ops::weights_per_step();
  const int lanes = Ops::lanes();
  const int count = (g.out_channels + lanes - 1) / lanes;
  int first = 0;
  const auto emit_here = [&](int position, int v, auto sum)
                             EDGEPROOF_LAMBDA { emit(position, first + v, sum); };
  for (; first + kTileVectors <= count; first += kTileVectors) {
    panels<kTileVectors, Ops>(g, padded, weights + first * panel, panel, steps, emit_here);
  }
  if (first < count) {
    panels<1, Ops>(g, padded, weights + first * panel, panel, steps, emit_here);
  }
}

// A full convolution of the padded input, as write_padded() lays it out.
template <class Ops, class Emit>
HWY_INLINE void convolve_full(const ConvGeometry& g, const typename Ops::Value* padded,
                              const typename Ops::Value* weights, const Emit& emit) {
  const int length = g.in_length + g.pad_left + g.pad_right;
  ConvGeometry part = g;
  for (int phase = 0; phase < g.dilation && phase < g.out_length; ++phase) {
    part.out_length = (g.out_length - phase - 1) / g.dilation + 1;
    convolve_phase<Ops>(part, padded, weights,
                        [&](int position, int panel, auto sum)
                            EDGEPROOF_LAMBDA { emit(phase + position * g.dilation, panel, sum); });
    const int rows = (length - phase - 1) / g.dilation + 1;
    padded += static_cast<std::size_t>(rows) * g.in_channels;
  }
}

// A depthwise convolution of the padded input, likewise. Reads up to a vector past the
// input's end, where weights are zero.
template <class Ops, class Emit>
HWY_INLINE void convolve_depthwise(const ConvGeometry& g, const typename Ops::Value* padded,
                                   const typename Ops::Value* weights, const Emit& emit) {
  const int lanes = Ops::lanes();
  const std::size_t channels = static_cast<std::size_t>(g.in_channels);
  for (int position = 0; position < g.out_length; ++position) {
    const auto* row = padded + static_cast<std::size_t>(position) * g.stride * channels;
    const auto* w = weights;
    for (int panel = 0; panel * lanes < g.out_channels; ++panel) {
      auto sum = Ops::zero();
      for (int tap = 0; tap < g.kernel; ++tap, w += lanes) {
        const auto* x = row + static_cast<std::size_t>(tap) * g.dilation * channels + panel * lanes;
        Ops::multiply_add(sum, Ops::load(x), Ops::load(w));
      }
      emit(position, panel, sum);
    }
  }
}

// Stores the first `count` lanes of a vector.
template <class D, class V, typename T>
HWY_INLINE void store_lanes(D d, V v, T* out, int count) {
  if (count >= static_cast<int>(hn::Lanes(d))) {
    hn::StoreU(v, d, out);
  } else {
    HWY_ALIGN T lanes[hn::MaxLanes(d)];
    hn::Store(v, d, lanes);
    std::memcpy(out, lanes, static_cast<std::size_t>(count) * sizeof(T));
  }
}

#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
