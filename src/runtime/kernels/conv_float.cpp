// FP32 convolutions by fused multiply-add where the target has it; sums run over the taps in order,
// one output per lane. Test: conv_equivalence_test.cpp.

#include "runtime/kernels/simd.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/conv_float.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "runtime/kernels/peak-inl.h"
#include "runtime/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace edgeproof::runtime {
namespace HWY_NAMESPACE {

#if EDGEPROOF_IS_SIMD(HWY_TARGET)
struct FloatOps {
  using D = hn::ScalableTag<float>;
  using Value = float;
  using Vector = hn::Vec<D>;
  using Sum = Vector;
  static constexpr int kInputsPerStep = 1;
  static HWY_INLINE int lanes() { return static_cast<int>(hn::Lanes(D())); }
  static HWY_INLINE int weights_per_step() { return lanes(); }
  static HWY_INLINE Sum zero() { return hn::Zero(D()); }
  static HWY_INLINE Vector load(const float* from) { return hn::LoadU(D(), from); }
  static HWY_INLINE Vector broadcast(const float* from) { return hn::Set(D(), *from); }
  static HWY_INLINE void multiply_add(Sum& sum, Vector x, Vector w) { sum = hn::MulAdd(x, w, sum); }
  static HWY_INLINE Vector total(Sum sum) { return sum; }
};

void conv_float(const FloatConv& conv, const float* in, float* out, float* scratch) {
  const ConvGeometry& g = conv.geometry;
  const bool full = conv.packed.packing == Packing::full;
  write_padded(g, full && g.dilation > 1, scratch,
               [in](std::size_t from, std::size_t count, float* to)
                   HWY_ATTR { std::memcpy(to, in + from, count * sizeof(float)); });

  const int lanes = FloatOps::lanes();
  const auto emit = [&](int position, int panel, auto sum) EDGEPROOF_LAMBDA {
    const FloatOps::D d;
    const int channel = panel * lanes;
    const auto biased = hn::Add(sum, hn::Load(d, conv.packed.bias.data() + channel));
    store_lanes(d, conv.relu ? hn::Max(biased, hn::Zero(d)) : biased,
                out + static_cast<std::size_t>(position) * g.out_channels + channel,
                g.out_channels - channel);
  };
  const float* weights = conv.packed.weights.data();
  if (full) {
    convolve_full<FloatOps>(g, scratch, weights, emit);
  } else {
    convolve_depthwise<FloatOps>(g, scratch, weights, emit);
  }
}

void fill_conv_float(Kernels& kernels) {
  kernels.conv_float = conv_float;
  kernels.peak_float = measure_peak<FloatOps>;
}

#else
void fill_conv_float(Kernels&) {}
#endif
// NOLINTNEXTLINE(google-readability-namespace-comments)
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
