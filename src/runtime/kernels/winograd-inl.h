// Convolutions by Winograd's minimal filtering (winograd.h), once per Highway target: transformed
// inputs of some tiles, then for each few panels the products of every point, a matrix product like
// that of a direct convolution, and their transformation into outputs.

#include <type_traits>

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

// y + 2^shift x and y - 2^shift x.
template <int shift, class V>
HWY_INLINE V add_times(V x, V y) {
  if constexpr (std::is_same_v<hn::TFromV<V>, float>) {
    return hn::MulAdd(hn::Set(hn::DFromV<V>(), 1 << shift), x, y);
  } else {
    return hn::Add(y, hn::ShiftLeft<shift>(x));
  }
}
template <int shift, class V>
HWY_INLINE V subtract_times(V x, V y) {
  if constexpr (std::is_same_v<hn::TFromV<V>, float>) {
    return hn::NegMulAdd(hn::Set(hn::DFromV<V>(), 1 << shift), x, y);
  } else {
    return hn::Sub(y, hn::ShiftLeft<shift>(x));
  }
}

// B^T d of `tiles` tiles from the first on to `to`, [points][tiles][row]. Rows outside the input
// are `zeros`. Reads up to a vector past the input's end.
template <typename Value>
HWY_INLINE void transform_inputs(const ConvGeometry& g, const Value* in, const Value* zeros,
                                 std::size_t row, int first, int tiles, Value* to) {
  const hn::ScalableTag<Value> d;
  const int outputs = winograd_outputs(g.kernel);
  const std::size_t point = static_cast<std::size_t>(tiles) * row;
  for (int tile = first; tile < first + tiles; ++tile, to += row) {
    const Value* x[kWinogradPoints];
    for (int i = 0; i < kWinogradPoints; ++i) {
      const int at = tile * outputs - g.pad_left + i;
      x[i] =
          at < 0 || at >= g.in_length ? zeros : in + static_cast<std::size_t>(at) * g.in_channels;
    }
    for (std::size_t c = 0; c < static_cast<std::size_t>(g.in_channels); c += hn::Lanes(d)) {
      const auto x1 = hn::LoadU(d, x[1] + c), x2 = hn::LoadU(d, x[2] + c),
                 x3 = hn::LoadU(d, x[3] + c), x4 = hn::LoadU(d, x[4] + c);
      const auto x2_x0 = hn::Sub(x2, hn::LoadU(d, x[0] + c)), x3_x1 = hn::Sub(x3, x1),
                 x4_x2 = hn::Sub(x4, x2), x5_x3 = hn::Sub(hn::LoadU(d, x[5] + c), x3);
      const auto even = subtract_times<2>(x2, x4), odd = subtract_times<2>(x1, x3);
      hn::Store(subtract_times<2>(x2_x0, x4_x2), d, to + c);
      hn::Store(hn::Add(even, odd), d, to + point + c);
      hn::Store(hn::Sub(even, odd), d, to + 2 * point + c);
      hn::Store(add_times<1>(x3_x1, x4_x2), d, to + 3 * point + c);
      hn::Store(subtract_times<1>(x3_x1, x4_x2), d, to + 4 * point + c);
      hn::Store(subtract_times<2>(x3_x1, x5_x3), d, to + 5 * point + c);
    }
  }
}

// An epilogue of compute_tile() that writes the sums as they are, [tiles][vectors of the panels].
template <class Ops, int row_vectors>
struct Products {
  hn::TFromD<typename Ops::SumTag>* out;

  HWY_INLINE typename Ops::Sum start(int /*panel*/) const {
    return Ops::start(hn::Zero(typename Ops::SumTag()));
  }
  template <int positions, int vectors>
  HWY_INLINE void finish(int first, int /*step*/, int /*panel*/,
                         const typename Ops::Sum (&sums)[positions][vectors]) const {
    auto* to = out + static_cast<std::size_t>(first) * row_vectors * Ops::lanes();
    for_each<positions>([&](auto p) EDGEPROOF_LAMBDA {
      for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
        hn::Store(Ops::total(sums[p.value][v.value]), typename Ops::SumTag(),
                  to + (p.value * row_vectors + v.value) * Ops::lanes());
      });
    });
  }
};

// A^T m of the products of one vector of channels, `point` values from one point to the next.
// Integers are brought to the denominator 24 first, and divided by it: by 8, then by 3, which is
// multiplying by its inverse modulo 2^32.
template <int outputs, class D, class V>
HWY_INLINE void transform_outputs(D d, const hn::TFromD<D>* products, std::size_t point,
                                  V (&y)[outputs]) {
  constexpr bool kWhole = !std::is_same_v<hn::TFromD<D>, float>;
  V m[kWinogradPoints];
  for_each<kWinogradPoints>(
      [&](auto i) EDGEPROOF_LAMBDA { m[i.value] = hn::Load(d, products + i.value * point); });
  V sum1 = hn::Add(m[1], m[2]), difference1 = hn::Sub(m[1], m[2]);
  const V sum2 = hn::Add(m[3], m[4]), difference2 = hn::Sub(m[3], m[4]);
  if constexpr (kWhole) {
    m[0] = hn::Add(hn::ShiftLeft<2>(m[0]), hn::ShiftLeft<1>(m[0]));
    sum1 = hn::ShiftLeft<2>(sum1);
    difference1 = hn::ShiftLeft<2>(difference1);
    m[5] = hn::Add(hn::ShiftLeft<4>(m[5]), hn::ShiftLeft<3>(m[5]));
  }
  y[0] = hn::Add(hn::Add(m[0], sum1), sum2);
  y[1] = add_times<1>(difference2, difference1);
  if constexpr (outputs == 4) {
    y[2] = add_times<2>(sum2, sum1);
    y[3] = add_times<3>(difference2, difference1);
  }
  y[outputs - 1] = hn::Add(y[outputs - 1], m[5]);
  if constexpr (kWhole) {
    const V inverse = hn::Set(d, static_cast<std::int32_t>(0xAAAAAAABU));
    for_each<outputs>([&](auto p) EDGEPROOF_LAMBDA {
      y[p.value] = hn::Mul(hn::ShiftRight<3>(y[p.value]), inverse);
    });
  }
}

template <int outputs, class Ops, class Epilogue>
class Winograd {
 public:
  // `in`, `weights` and `scratch` as of convolve_winograd().
  Winograd(const ConvGeometry& g, const typename Ops::Value* in,
           const typename Ops::Weight* weights, void* scratch, Epilogue& epilogue)
      : g_(g),
        in_(in),
        weights_(weights),
        epilogue_(epilogue),
        panels_((g.out_channels + Ops::lanes() - 1) / Ops::lanes()),
        steps_(static_cast<std::size_t>(g.in_channels + Ops::kInputsPerStep - 1) /
               Ops::kInputsPerStep) {
    const WinogradScratch layout(g, sizeof(Value),
                                 {.lanes = Ops::lanes(), .tile = Ops::kTileVectors});
    auto* start = static_cast<std::byte*>(scratch);
    row_ = layout.row;
    zeros_ = reinterpret_cast<Value*>(start + layout.zeros);
    inputs_ = reinterpret_cast<Value*>(start + layout.inputs);
    products_ = reinterpret_cast<Product*>(start + layout.products);
    std::fill_n(zeros_, row_, Value{0});
  }

  HWY_INLINE void run() {
    const int tiles = winograd_tiles(g_);
    for (first_tile_ = 0; first_tile_ < tiles; first_tile_ += kWinogradTiles) {
      tiles_ = std::min(tiles - first_tile_, kWinogradTiles);
      transform_inputs(g_, in_, zeros_, row_, first_tile_, tiles_, inputs_);
      int panel = 0;
      const auto run = [&](auto vectors) EDGEPROOF_LAMBDA {  // blocks as pack() has them
        for (; panel + vectors.value <= panels_; panel += vectors.value) {
          multiply<vectors.value>(panel);
          for (int tile = 0; tile < tiles_; ++tile) finish<vectors.value>(panel, tile);
        }
      };
      if constexpr (Ops::kTileVectors == 4) run(Index<4>{});
      run(Index<2>{});
      run(Index<1>{});
    }
  }

 private:
  using Value = typename Ops::Value;
  using Product = hn::TFromD<typename Ops::SumTag>;

  // Computes the products of all points for `vectors` neighbouring panels.
  template <int vectors>
  HWY_INLINE void multiply(int panel) {
    const ConvGeometry rows{.in_channels = static_cast<int>(row_), .out_length = tiles_};
    const std::size_t panel_size = steps_ * Ops::weights_per_step();
    for (std::size_t i = 0; i < kWinogradPoints; ++i) {
      Products<Ops, vectors> to{products_ + i * tiles_ * vectors * Ops::lanes()};
      compute_panels<vectors, Ops>(rows, inputs_ + i * tiles_ * row_,
                                   weights_ + (i * panels_ + panel) * panel_size, panel_size,
                                   steps_, to, 0, 0);
    }
  }

  // Transforms the products of a tile into its outputs.
  template <int vectors>
  HWY_INLINE void finish(int panel, int tile) {
    const std::size_t product_row = static_cast<std::size_t>(vectors) * Ops::lanes();
    typename Ops::Sum y[outputs][vectors];
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      hn::Vec<typename Ops::SumTag> of_vector[outputs];
      transform_outputs<outputs>(typename Ops::SumTag(),
                                 products_ + tile * product_row + v.value * Ops::lanes(),
                                 tiles_ * product_row, of_vector);
      for_each<outputs>([&](auto p) EDGEPROOF_LAMBDA {
        y[p.value][v.value] = epilogue_.start_from(panel + v.value, of_vector[p.value]);
      });
    });
    const int first = (first_tile_ + tile) * outputs, left = g_.out_length - first;
    if (left >= outputs) {
      epilogue_.template finish<outputs, vectors>(first, 1, panel, y);
      return;
    }
    // Pairs stay together, for epilogues that pool.
    const auto part = [&](auto from, auto count) EDGEPROOF_LAMBDA {
      typename Ops::Sum some[count.value][vectors];
      for_each<count.value>([&](auto p) EDGEPROOF_LAMBDA {
        for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
          some[p.value][v.value] = y[(from.value + p.value) % outputs][v.value];
        });
      });
      epilogue_.template finish<count.value, vectors>(first + from.value, 1, panel, some);
    };
    if (left >= 2) part(Index<0>{}, Index<2>{});
    if (left == 1) part(Index<0>{}, Index<1>{});
    if (left == 3) part(Index<2>{}, Index<1>{});
  }

  const ConvGeometry g_;
  const Value* in_;
  const typename Ops::Weight* weights_;
  Epilogue& epilogue_;
  int panels_;
  std::size_t steps_, row_ = 0;
  Value *zeros_ = nullptr, *inputs_ = nullptr;
  Product* products_ = nullptr;
  int first_tile_ = 0, tiles_ = 0;
};

// `weights` as pack() has them, `scratch` as WinogradScratch. Zero inputs are zero: the zero point
// is taken off.
template <class Ops, class Epilogue>
HWY_INLINE void convolve_winograd(const ConvGeometry& strided, const typename Ops::Value* in,
                                  const typename Ops::Weight* weights, void* scratch,
                                  Epilogue& epilogue) {
  const ConvGeometry g = unit_stride(strided);
  HWY_DASSERT(g.stride == 1 && (g.kernel == 3 || g.kernel == 5));
  if (g.kernel == 3) {
    Winograd<winograd_outputs(3), Ops, Epilogue>(g, in, weights, scratch, epilogue).run();
  } else {
    Winograd<winograd_outputs(5), Ops, Epilogue>(g, in, weights, scratch, epilogue).run();
  }
}
#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#endif  // toggle
