// The inner loop of full and depthwise convolutions, FP32 and int8, once per Highway target.
//
// Channels last, the kernel x channels inputs of one output are contiguous, so that a convolution
// is a matrix product whose left rows overlap: no im2col. A tile of positions x vectors of output
// channels stays in registers while the taps go by; each tap broadcasts one input per position and
// loads one weight vector per channel vector (Goto & van de Geijn 2008, section 5).

#include <algorithm>
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

// How many positions a tile has that takes `vectors` vectors of channels: the sums, a weight of
// each vector and an input fit 32 registers, or 16. Where sixteen sums fill the pipelines, more
// would only make the bursts of what follows a tile longer, which a core cannot overlap with the
// next one.
constexpr int tile_positions(int vectors) {
#if HWY_TARGET <= HWY_AVX3
  return vectors == 4 ? 4 : 8;
#elif HWY_ARCH_ARM_A64
  return vectors == 4 ? 6 : 8;
#else
  return vectors == 2 ? 6 : 8;
#endif
}

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

// Sums of a tile of outputs, then epilogue.finish<positions, vectors>(first, step, panel, sums): of
// the outputs at first, first + step, … and of `vectors` panels. A product p = Ops says what is
// multiplied: its input and weight types, how many of them one step takes, how they are added up,
// and for how many vectors of channels at once.
template <int positions, int vectors, class Ops, class Epilogue>
HWY_INLINE void compute_tile(const typename Ops::Value* in, std::size_t hop,
                             const typename Ops::Weight* weights, std::size_t panel_size,
                             std::size_t steps, Epilogue& epilogue, int first, int step,
                             int panel) {
  typename Ops::Sum sums[positions][vectors];
  for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
    const auto start = epilogue.start(panel + v.value);
    for_each<positions>([&](auto p) EDGEPROOF_LAMBDA { sums[p.value][v.value] = start; });
  });
  for (std::size_t i = 0; i < steps; ++i) {
    typename Ops::Vector w[vectors];
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      w[v.value] = Ops::load(weights + v.value * panel_size + i * Ops::weights_per_step());
    });
    for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
      const auto x = Ops::broadcast(in + p.value * hop + i * Ops::kInputsPerStep);
      for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
        Ops::multiply_add(sums[p.value][v.value], x, w[v.value]);
      });
    });
  }
  epilogue.template finish<positions, vectors>(first, step, panel, sums);
}

// Computes all positions of `vectors` neighbouring panels. An even number of positions is taken two
// by two at least, for epilogues that pool. Two positions have too few sums to hide the latency of
// their additions: the last eight are four and four, not six and two.
template <int vectors, class Ops, class Epilogue>
HWY_INLINE void compute_panels(const ConvGeometry& g, const typename Ops::Value* padded,
                               const typename Ops::Weight* weights, std::size_t panel_size,
                               std::size_t steps, Epilogue& epilogue, int phase, int panel) {
  const std::size_t hop = static_cast<std::size_t>(g.stride) * g.in_channels;
  int position = 0;
  const auto run = [&](auto positions, int end) EDGEPROOF_LAMBDA {
    for (; position + positions.value <= end; position += positions.value) {
      compute_tile<positions.value, vectors, Ops>(padded + position * hop, hop, weights, panel_size,
                                                  steps, epilogue, phase + position * g.dilation,
                                                  g.dilation, panel);
    }
  };
  constexpr int kMost = tile_positions(vectors);
  const bool ends_in_two = kMost == 6 && g.out_length % 6 == 2 && g.out_length > 2;
  run(Index<kMost>{}, ends_in_two ? g.out_length - 8 : g.out_length);
  if constexpr (kMost > 4) run(Index<4>{}, g.out_length);
  run(Index<2>{}, g.out_length);
  run(Index<1>{}, g.out_length);
}

// Writes the padded input for a convolution: copy(from, count, to) brings `count` values from input
// index `from`, the rest is `fill`. A dilated full convolution gets the positions of each phase
// (their number modulo the dilation) one after the other: within a phase it is not dilated.
template <class Value, class Copy>
HWY_INLINE void write_padded(const ConvGeometry& g, bool by_phase, Value fill, Value* to,
                             const Copy& copy) {
  const std::size_t channels = static_cast<std::size_t>(g.in_channels);
  if (!by_phase) {
    to = std::fill_n(to, static_cast<std::size_t>(g.pad_left) * channels, fill);
    copy(std::size_t{0}, g.in_size(), to);
    std::fill_n(to + g.in_size(), static_cast<std::size_t>(g.pad_right) * channels, fill);
    return;
  }
  for (int phase = 0; phase < g.dilation; ++phase) {
    for (int at = phase - g.pad_left; at < g.in_length + g.pad_right; at += g.dilation) {
      if (at < 0 || at >= g.in_length) {
        std::fill_n(to, channels, fill);
      } else {
        copy(static_cast<std::size_t>(at) * channels, channels, to);
      }
      to += channels;
    }
  }
}

// A full convolution of one phase of the padded input, whose outputs are g.out_length.
template <class Ops, class Epilogue>
HWY_INLINE void convolve_phase(const ConvGeometry& g, const typename Ops::Value* padded,
                               const typename Ops::Weight* weights, Epilogue& epilogue, int phase) {
  const int inputs = g.kernel * g.in_channels;
  const std::size_t steps =
      static_cast<std::size_t>(inputs + Ops::kInputsPerStep - 1) / Ops::kInputsPerStep;
  const std::size_t panel_size = steps * Ops::weights_per_step();
  const int lanes = Ops::lanes();
  const int count = (g.out_channels + lanes - 1) / lanes;
  int panel = 0;
  const auto run = [&](auto vectors) EDGEPROOF_LAMBDA {  // blocks as pack() has them
    for (; panel + vectors.value <= count; panel += vectors.value) {
      compute_panels<vectors.value, Ops>(g, padded, weights + panel * panel_size, panel_size, steps,
                                         epilogue, phase, panel);
    }
  };
  if constexpr (Ops::kTileVectors == 4) run(Index<4>{});
  run(Index<2>{});
  run(Index<1>{});
}

// A full convolution of the padded input, as write_padded() lays it out.
template <class Ops, class Epilogue>
HWY_INLINE void convolve_full(const ConvGeometry& g, const typename Ops::Value* padded,
                              const typename Ops::Weight* weights, Epilogue& epilogue) {
  const int length = g.in_length + g.pad_left + g.pad_right;
  ConvGeometry part = g;
  for (int phase = 0; phase < g.dilation && phase < g.out_length; ++phase) {
    part.out_length = (g.out_length - phase - 1) / g.dilation + 1;
    convolve_phase<Ops>(part, padded, weights, epilogue, phase);
    const int rows = (length - phase - 1) / g.dilation + 1;
    padded += static_cast<std::size_t>(rows) * g.in_channels;
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
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
