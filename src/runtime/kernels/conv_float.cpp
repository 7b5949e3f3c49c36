// FP32 convolutions by fused multiply-add where the target has it; sums run over the taps in order,
// one output per lane, or are those of winograd.h. Test: conv_equivalence_test.cpp,
// winograd_test.cpp.

#include "runtime/kernels/simd.h"

#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/conv_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/peak-inl.h"
#include "runtime/kernels/tile-inl.h"
#include "runtime/kernels/winograd-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {

#if EDGEPROOF_IS_SIMD(HWY_TARGET)
struct FloatOps {
  using D = hn::ScalableTag<float>;
  using Value = float;
  using Weight = float;
  using Vector = hn::Vec<D>;
  using SumTag = D;
  using Sum = Vector;
  static constexpr int kInputsPerStep = 1;
  static constexpr int kTileVectors = 2;  // with more, weights of a tile outgrow the first cache
  static HWY_INLINE int lanes() { return static_cast<int>(hn::Lanes(D())); }
  static HWY_INLINE int weights_per_step() { return lanes(); }
  static HWY_INLINE Sum start(Vector first) { return first; }
  static HWY_INLINE Vector load(const float* from) { return hn::LoadU(D(), from); }
  static HWY_INLINE Vector broadcast(const float* from) { return hn::Set(D(), *from); }
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) { sum = hn::MulAdd(x, w, sum); }
  static HWY_INLINE Vector total(Sum sum) { return sum; }
};

// Pooling, bias and ReLU after the tile; none of them decreases, so that their order is free.
class FloatEpilogue {
 public:
  using V = FloatOps::Vector;
  FloatEpilogue(const FloatConv& conv, float* out)
      : out_(out),
        bias_(conv.packed.bias.data()),
        channels_(conv.geometry.out_channels),
        pool_(conv.pool),
        lowest_(conv.relu ? 0 : -std::numeric_limits<float>::infinity()) {}

  HWY_INLINE V start(int /*panel*/) const { return hn::Zero(FloatOps::D()); }
  // Starts from a sum instead of zero.
  HWY_INLINE V start_from(int /*panel*/, V sum) const { return sum; }

  template <int positions, int vectors>
  HWY_INLINE void finish(int first, int step, int panel, const V (&sums)[positions][vectors]) {
    if constexpr (positions % 2 == 0) {
      if (pool_) return finish_rows<positions / 2, 2>(first / 2, 1, panel, sums);
    }
    finish_rows<positions, 1>(first, step, panel, sums);
  }

 private:
  // `rows` results, each the largest of `window` sums.
  template <int rows, int window, int vectors>
  HWY_INLINE void finish_rows(int first, int step, int panel,
                              const V (&sums)[rows * window][vectors]) const {
    const FloatOps::D d;
    const V lowest = hn::Set(d, lowest_);
    const std::size_t hop = static_cast<std::size_t>(step) * channels_;
    for_each<vectors>([&](auto v) EDGEPROOF_LAMBDA {
      const int channel = (panel + v.value) * FloatOps::lanes(), left = channels_ - channel;
      const V bias = hn::Load(d, bias_ + channel);
      float* to = out_ + static_cast<std::size_t>(first) * channels_ + channel;
      for_each<rows>([&](auto r) EDGEPROOF_LAMBDA {
        V largest = sums[r.value * window][v.value];
        if constexpr (window == 2) largest = hn::Max(largest, sums[2 * r.value + 1][v.value]);
        const V result = hn::Max(hn::Add(largest, bias), lowest);
        store_lanes(d, result, to + r.value * hop, left);
      });
    });
  }

  float* out_;
  const float* bias_;
  int channels_;
  bool pool_;
  float lowest_;
};

// In place: positions whose taps are all inside the input in tiles, the others one by one. Reads up
// to a vector past the input's end, where weights are zero.
HWY_INLINE void convolve_depthwise(const ConvGeometry& g, const float* in, const float* weights,
                                   FloatEpilogue& epilogue) {
  const int lanes = FloatOps::lanes();
  const std::size_t channels = static_cast<std::size_t>(g.in_channels);
  const std::size_t hop = channels * g.stride;
  const auto run = [&](int position, auto positions) EDGEPROOF_LAMBDA {
    for (int panel = 0; panel * lanes < g.out_channels; ++panel) {
      const float* w = weights + static_cast<std::size_t>(panel) * g.kernel * lanes;
      FloatOps::Vector sums[positions.value][1];
      for_each<positions.value>([&](auto p)
                                    EDGEPROOF_LAMBDA { sums[p.value][0] = epilogue.start(panel); });
      for (int tap = 0; tap < g.kernel; ++tap) {
        const int at = position * g.stride - g.pad_left + tap * g.dilation;
        if (at < 0 || at >= g.in_length) continue;
        const float* x = in + static_cast<std::size_t>(at) * channels + panel * lanes;
        const auto weight = FloatOps::load(w + tap * lanes);
        for_each<positions.value>([&](auto p) EDGEPROOF_LAMBDA {
          FloatOps::multiply_add(sums[p.value][0], FloatOps::load(x + p.value * hop), weight);
        });
      }
      epilogue.template finish<positions.value, 1>(position, 1, panel, sums);
    }
  };
  constexpr int kPositions = 8;
  const int reach = (g.kernel - 1) * g.dilation - g.pad_left;
  for (int position = 0; position < g.out_length;) {
    const bool inside = position * g.stride >= g.pad_left &&
                        (position + kPositions - 1) * g.stride + reach < g.in_length;
    if (inside && position + kPositions <= g.out_length) {
      run(position, Index<kPositions>{});
      position += kPositions;
    } else {
      run(position, Index<1>{});
      ++position;
    }
  }
}

// An input without padding, and with its taps side by side, is read where it is.
const float* padded_input(const FloatConv& conv, const float* in, float* scratch) {
  const ConvGeometry& g = conv.geometry;
  if (g.pad_left == 0 && g.pad_right == 0 && g.dilation == 1) return in;
  write_padded(g, g.dilation > 1, 0.0F, scratch,
               [in](std::size_t from, std::size_t count, float* to)
                   HWY_ATTR { std::memcpy(to, in + from, count * sizeof(float)); });
  return scratch;
}

void conv_float(const FloatConv& conv, const float* in, float* out, float* scratch) {
  FloatEpilogue epilogue(conv, out);
  const ConvGeometry& g = conv.geometry;
  const float* weights = conv.packed.weights.data();
  if (conv.packed.packing == Packing::full) {
    convolve_full<FloatOps>(g, padded_input(conv, in, scratch), weights, epilogue);
  } else if (conv.packed.packing == Packing::depthwise) {
    convolve_depthwise(g, in, weights, epilogue);
  } else {
    convolve_winograd<FloatOps>(g, in, weights, scratch, epilogue);
  }
}

void fill_conv_float(Kernels& kernels) {
  kernels.conv_float = conv_float;
  kernels.peak_float = measure_peak<FloatOps>;
}

#else
void fill_conv_float(Kernels&) {}
#endif
}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::runtime
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::runtime {

HWY_EXPORT(fill_conv_float);

void add_conv_float(Kernels& kernels, std::int64_t target) {
  HWY_DISPATCH_TABLE(fill_conv_float)[dispatch_index(target)](kernels);
}

}  // namespace edgeproof::runtime
#endif  // HWY_ONCE
