// Convolutions by Winograd's minimal filtering (winograd.h), once per Highway target: transformed
// inputs of all tiles, then for each pair of panels the products of every point, a matrix product
// like that of a direct convolution, and their transformation into outputs.

#include "runtime/kernels/tile-inl.h"
#include "runtime/kernels/winograd.h"

#if defined(EDGEPROOF_WINOGRAD_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef EDGEPROOF_WINOGRAD_INL_H
#undef EDGEPROOF_WINOGRAD_INL_H
#else
#define EDGEPROOF_WINOGRAD_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {
#if EDGEPROOF_IS_SIMD(HWY_TARGET)
namespace hn = hwy::HWY_NAMESPACE;

// B^T d of every tile to `to`, [points][tiles][row]. Rows outside the input are `zeros`.
HWY_INLINE void transform_inputs(const ConvGeometry& g, const float* in, const float* zeros,
                                 std::size_t row, float* to) {
  const hn::ScalableTag<float> d;
  const auto two = hn::Set(d, 2), four = hn::Set(d, 4), minus_five = hn::Set(d, -5);
  const int tiles = winograd_tiles(g), outputs = winograd_outputs(g.kernel);
  const std::size_t point = static_cast<std::size_t>(tiles) * row;
  for (int tile = 0; tile < tiles; ++tile, to += row) {
    const float* x[kWinogradPoints];
    for (int i = 0; i < kWinogradPoints; ++i) {
      const int at = tile * outputs - g.pad_left + i;
      x[i] =
          at < 0 || at >= g.in_length ? zeros : in + static_cast<std::size_t>(at) * g.in_channels;
    }
    for (std::size_t c = 0; c < static_cast<std::size_t>(g.in_channels); c += hn::Lanes(d)) {
      const auto x0 = hn::LoadU(d, x[0] + c), x1 = hn::LoadU(d, x[1] + c),
                 x2 = hn::LoadU(d, x[2] + c), x3 = hn::LoadU(d, x[3] + c),
                 x4 = hn::LoadU(d, x[4] + c), x5 = hn::LoadU(d, x[5] + c);
      const auto even1 = hn::NegMulAdd(four, x2, x4), odd1 = hn::NegMulAdd(four, x1, x3);
      const auto even2 = hn::Sub(x4, x2), odd2 = hn::Mul(two, hn::Sub(x3, x1));
      hn::Store(hn::MulAdd(four, x0, hn::MulAdd(minus_five, x2, x4)), d, to + c);
      hn::Store(hn::Add(even1, odd1), d, to + point + c);
      hn::Store(hn::Sub(even1, odd1), d, to + 2 * point + c);
      hn::Store(hn::Add(even2, odd2), d, to + 3 * point + c);
      hn::Store(hn::Sub(even2, odd2), d, to + 4 * point + c);
      hn::Store(hn::MulAdd(four, x1, hn::MulAdd(minus_five, x3, x5)), d, to + 5 * point + c);
    }
  }
}

// An epilogue of tile() that writes the sums as they are, [tiles][vectors of the panels].
template <class Ops, int row_vectors>
struct Products {
  float* out;

  HWY_INLINE typename Ops::Sum start(int /*panel*/) const { return hn::Zero(typename Ops::D()); }
  template <int positions, int vectors>
  HWY_INLINE void finish(int first, int /*step*/, int /*panel*/,
                         const typename Ops::Sum (&sums)[positions][vectors]) const {
    float* to = out + static_cast<std::size_t>(first) * row_vectors * Ops::lanes();
    for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
      for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
        hn::Store(sums[p.value][v.value], typename Ops::D(),
                  to + (p.value * row_vectors + v.value) * Ops::lanes());
      });
    });
  }
};

// A^T m of the products of one vector of channels, `point` floats from one point to the next.
template <int outputs, class V>
HWY_INLINE void transform_outputs(const float* products, std::size_t point, V (&y)[outputs]) {
  const hn::ScalableTag<float> d;
  const auto at = [&](std::size_t i) EDGEPROOF_LAMBDA { return hn::Load(d, products + i * point); };
  const V m1 = at(1), m2 = at(2), m3 = at(3), m4 = at(4);
  const V sum1 = hn::Add(m1, m2), difference1 = hn::Sub(m1, m2);
  const V sum2 = hn::Add(m3, m4), difference2 = hn::Sub(m3, m4);
  y[0] = hn::Add(hn::Add(at(0), sum1), sum2);
  y[1] = hn::MulAdd(hn::Set(d, 2), difference2, difference1);
  if constexpr (outputs == 4) {
    y[2] = hn::MulAdd(hn::Set(d, 4), sum2, sum1);
    y[3] = hn::MulAdd(hn::Set(d, 8), difference2, difference1);
  }
  y[outputs - 1] = hn::Add(y[outputs - 1], at(5));
}

// Of `vectors` neighbouring panels.
template <int outputs, int vectors, class Ops, class Epilogue>
HWY_INLINE void winograd_panels(const ConvGeometry& g, const float* inputs, std::size_t row,
                                const float* weights, std::size_t weights_point, float* products,
                                Epilogue& epilogue, int panel) {
  const auto channels = static_cast<std::size_t>(g.in_channels);
  const ConvGeometry tiles{.in_channels = static_cast<int>(row), .out_length = winograd_tiles(g)};
  const std::size_t panel_size = channels * Ops::weights_per_step();
  const std::size_t product_row = static_cast<std::size_t>(vectors) * Ops::lanes();
  const std::size_t point = static_cast<std::size_t>(tiles.out_length) * product_row;
  for (std::size_t i = 0; i < kWinogradPoints; ++i) {
    Products<Ops, vectors> to{products + i * point};
    panels<vectors, Ops>(tiles, inputs + i * tiles.out_length * row,
                         weights + i * weights_point + panel * panel_size, panel_size, channels, to,
                         0, 0);
  }
  for (int tile = 0; tile < tiles.out_length; ++tile) {
    typename Ops::Vector y[outputs][vectors];
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      typename Ops::Vector of_vector[outputs];
      transform_outputs<outputs>(products + tile * product_row + v.value * Ops::lanes(), point,
                                 of_vector);
      for_each<outputs>([&](auto p) EDGEPROOF_LAMBDA { y[p.value][v.value] = of_vector[p.value]; });
    });
    const int first = tile * outputs, left = g.out_length - first;
    if (left >= outputs) {
      epilogue.template finish<outputs, vectors>(first, 1, panel, y);
      continue;
    }
    const auto finish = [&](auto from, auto count) EDGEPROOF_LAMBDA {
      typename Ops::Vector part[count.value][vectors];
      for_each<count.value>([&](auto p) EDGEPROOF_LAMBDA {
        for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
          part[p.value][v.value] = y[(from.value + p.value) % outputs][v.value];
        });
      });
      epilogue.template finish<count.value, vectors>(first + from.value, 1, panel, part);
    };
    if (left >= 2) finish(Index<0>{}, Index<2>{});
    if (left == 1) finish(Index<0>{}, Index<1>{});
    if (left == 3) finish(Index<2>{}, Index<1>{});
  }
}

// `weights` as pack() has them, `scratch` of winograd_scratch_values().
template <int outputs, class Ops, class Epilogue>
HWY_INLINE void convolve_winograd(const ConvGeometry& g, const float* in, const float* weights,
                                  float* scratch, Epilogue& epilogue) {
  const std::size_t row = winograd_row(g);
  float* inputs = std::fill_n(scratch, row, 0.0F);
  transform_inputs(g, in, scratch, row, inputs);
  float* products = inputs + static_cast<std::size_t>(kWinogradPoints) * winograd_tiles(g) * row;
  const int count = (g.out_channels + Ops::lanes() - 1) / Ops::lanes();
  const std::size_t point =
      static_cast<std::size_t>(count) * g.in_channels * Ops::weights_per_step();
  int panel = 0;
  const auto run = [&](auto vectors) EDGEPROOF_LAMBDA {
    for (; panel + vectors.value <= count; panel += vectors.value) {
      winograd_panels<outputs, vectors.value, Ops>(g, inputs, row, weights, point, products,
                                                   epilogue, panel);
    }
  };
  run(Index<2>{});
  run(Index<1>{});
}
#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
