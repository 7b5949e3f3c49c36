// Each function walks a window at a time, so that its rows stay in cache, and in it a vector of
// channels at a time. Sums are kept in float within a window and in double across windows.

#include "libtorch/channel_kernels.h"

#include <limits>

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "libtorch/channel_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace edgeproof::libtorch {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// body(d, first) over [0, count) with full vectors, then one lane at a time.
template <class Body>
HWY_INLINE void over_vectors(std::int64_t count, const Body& body) {
  const hn::ScalableTag<float> full;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(full));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) body(full, i);
  const hn::CappedTag<float, 1> one;
  for (; i < count; ++i) body(one, i);
}

template <class D>
HWY_INLINE hn::Vec<D> load_bytes(D d, const std::uint8_t* from) {
  const hn::Rebind<std::uint8_t, D> bytes;
  const hn::RebindToSigned<D> whole;
  return hn::ConvertTo(d, hn::PromoteTo(whole, hn::LoadU(bytes, from)));
}

template <class D>
HWY_INLINE void store_bytes(D, hn::Vec<D> v, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, D> bytes;
  const hn::RebindToSigned<D> whole;
  hn::StoreU(hn::DemoteTo(bytes, hn::ConvertTo(whole, v)), bytes, to);
}

template <class D>
HWY_INLINE void add_lanes(D, hn::Vec<D> v, double* sums) {
  HWY_ALIGN float lanes[hn::MaxLanes(D())];
  hn::Store(v, D(), lanes);
  for (std::size_t i = 0; i < hn::Lanes(D()); ++i) sums[i] += double{lanes[i]};
}

// Around the first row, so that a mean far from zero costs no digits.
void moments(const float* x, Extent extent, double* sum, double* squares) {
  for (std::int64_t w = 0; w < extent.windows; ++w) {
    const float* window = x + w * extent.length * extent.channels;
    over_vectors(extent.channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto pivot = hn::LoadU(d, x + c);
      auto s = hn::Zero(d), q = hn::Zero(d);
      for (std::int64_t t = 0; t < extent.length; ++t) {
        const auto v = hn::Sub(hn::LoadU(d, window + t * extent.channels + c), pivot);
        s = hn::Add(s, v);
        q = hn::MulAdd(v, v, q);
      }
      add_lanes(d, s, sum + c);
      add_lanes(d, q, squares + c);
    });
  }
}

void forward(const float* x, Extent extent, const ChannelStage& stage, float* out,
             std::uint8_t* chosen) {
  const std::int64_t channels = extent.channels, pool = stage.pool;
  const std::int64_t outputs = extent.length / pool;
  for (std::int64_t w = 0; w < extent.windows; ++w) {
    over_vectors(channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto scale = hn::LoadU(d, stage.scale + c), shift = hn::LoadU(d, stage.shift + c);
      const auto least = hn::Set(d, stage.relu ? 0.0F : -std::numeric_limits<float>::infinity());
      for (std::int64_t o = 0; o < outputs; ++o) {
        const float* row = x + (w * extent.length + o * pool) * channels + c;
        auto largest = hn::MulAdd(hn::LoadU(d, row), scale, shift);
        auto which = hn::Zero(d);
        for (std::int64_t j = 1; j < pool; ++j) {
          const auto y = hn::MulAdd(hn::LoadU(d, row + j * channels), scale, shift);
          const auto larger = hn::Gt(y, largest);
          largest = hn::IfThenElse(larger, y, largest);
          which = hn::IfThenElse(larger, hn::Set(d, static_cast<float>(j)), which);
        }
        const std::int64_t at = (w * outputs + o) * channels + c;
        // In this order a NaN stays one.
        hn::StoreU(hn::IfThenElse(hn::Lt(largest, least), least, largest), d, out + at);
        if (pool > 1) store_bytes(d, which, chosen + at);
      }
    });
  }
}

// What ReLU lets through of a gradient where the input was x.
template <class D>
HWY_INLINE hn::Vec<D> through_relu(D d, const ChannelStage& stage, hn::Vec<D> x, hn::Vec<D> scale,
                                   hn::Vec<D> shift, hn::Vec<D> gradient) {
  if (!stage.relu) return gradient;
  return hn::IfThenElseZero(hn::Gt(hn::MulAdd(x, scale, shift), hn::Zero(d)), gradient);
}

void sums(const float* x, Extent extent, const ChannelStage& stage, const float* gradient,
          const std::uint8_t* chosen, const float* centre, double* sum, double* sum_x) {
  const std::int64_t channels = extent.channels, pool = stage.pool;
  const std::int64_t outputs = extent.length / pool;
  for (std::int64_t w = 0; w < extent.windows; ++w) {
    over_vectors(channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto scale = hn::LoadU(d, stage.scale + c), shift = hn::LoadU(d, stage.shift + c);
      const auto middle = hn::LoadU(d, centre + c);
      auto s = hn::Zero(d), sx = hn::Zero(d);
      for (std::int64_t o = 0; o < outputs; ++o) {
        const float* row = x + (w * extent.length + o * pool) * channels + c;
        const std::int64_t at = (w * outputs + o) * channels + c;
        auto value = hn::LoadU(d, row);
        if (pool > 1) {
          const auto which = load_bytes(d, chosen + at);
          for (std::int64_t j = 1; j < pool; ++j) {
            value = hn::IfThenElse(hn::Eq(which, hn::Set(d, static_cast<float>(j))),
                                   hn::LoadU(d, row + j * channels), value);
          }
        }
        const auto g = through_relu(d, stage, value, scale, shift, hn::LoadU(d, gradient + at));
        s = hn::Add(s, g);
        sx = hn::MulAdd(g, hn::Sub(value, middle), sx);
      }
      add_lanes(d, s, sum + c);
      add_lanes(d, sx, sum_x + c);
    });
  }
}

void backward(const float* x, Extent extent, const ChannelStage& stage, const float* gradient,
              const std::uint8_t* chosen, const float* along, const float* constant, float* dx) {
  const std::int64_t channels = extent.channels, pool = stage.pool;
  const std::int64_t outputs = extent.length / pool;
  for (std::int64_t w = 0; w < extent.windows; ++w) {
    over_vectors(channels, [&](auto d, std::int64_t c) HWY_ATTR {
      const auto scale = hn::LoadU(d, stage.scale + c), shift = hn::LoadU(d, stage.shift + c);
      const auto slope = hn::LoadU(d, along + c), offset = hn::LoadU(d, constant + c);
      for (std::int64_t o = 0; o < outputs; ++o) {
        const std::int64_t at = (w * outputs + o) * channels + c;
        const auto g = hn::LoadU(d, gradient + at);
        const auto which = pool > 1 ? load_bytes(d, chosen + at) : hn::Zero(d);
        for (std::int64_t j = 0; j < pool; ++j) {
          const std::int64_t i = (w * extent.length + o * pool + j) * channels + c;
          const auto value = hn::LoadU(d, x + i);
          auto dy = through_relu(d, stage, value, scale, shift, g);
          if (pool > 1) {
            dy = hn::IfThenElseZero(hn::Eq(which, hn::Set(d, static_cast<float>(j))), dy);
          }
          hn::StoreU(hn::MulAdd(dy, scale, hn::MulAdd(value, slope, offset)), d, dx + i);
        }
      }
      for (std::int64_t t = outputs * pool; t < extent.length; ++t) {
        const std::int64_t i = (w * extent.length + t) * channels + c;
        hn::StoreU(hn::MulAdd(hn::LoadU(d, x + i), slope, offset), d, dx + i);
      }
    });
  }
}

void quantize(const float* x, std::int64_t count, graph::Quantization q, float* out,
              std::uint8_t* inside) {
  const float inverse = 1 / q.scale;
  const auto lowest = static_cast<float>(q.lowest() - q.zero_point);
  const auto highest = static_cast<float>(q.highest() - q.zero_point);
  over_vectors(count, [&](auto d, std::int64_t i) HWY_ATTR {
    const auto level = hn::Round(hn::Mul(hn::LoadU(d, x + i), hn::Set(d, inverse)));
    const auto low = hn::Set(d, lowest), high = hn::Set(d, highest);
    const auto within = hn::And(hn::Ge(level, low), hn::Le(level, high));
    hn::StoreU(hn::Mul(hn::Min(hn::Max(level, low), high), hn::Set(d, q.scale)), d, out + i);
    store_bytes(d, hn::IfThenElseZero(within, hn::Set(d, 1.0F)), inside + i);
  });
}

void mask(const float* gradient, const std::uint8_t* inside, std::int64_t count, float* out) {
  over_vectors(count, [&](auto d, std::int64_t i) HWY_ATTR {
    hn::StoreU(hn::Mul(hn::LoadU(d, gradient + i), load_bytes(d, inside + i)), d, out + i);
  });
}

}  // namespace HWY_NAMESPACE
}  // namespace edgeproof::libtorch
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace edgeproof::libtorch {
namespace {

HWY_EXPORT(moments);
HWY_EXPORT(forward);
HWY_EXPORT(sums);
HWY_EXPORT(backward);
HWY_EXPORT(quantize);
HWY_EXPORT(mask);

std::vector<double> zeros(Extent extent) {
  return std::vector<double>(static_cast<std::size_t>(extent.channels));
}

}  // namespace

Moments channel_moments(const float* x, Extent extent) {
  Moments result{zeros(extent), zeros(extent)};
  HWY_DYNAMIC_DISPATCH(moments)(x, extent, result.mean.data(), result.variance.data());
  const auto rows = static_cast<double>(extent.rows());
  for (std::size_t c = 0; c < result.mean.size(); ++c) {
    const double mean = result.mean[c] / rows;
    result.variance[c] = std::max(0.0, result.variance[c] / rows - mean * mean);
    result.mean[c] = mean + double{x[c]};
  }
  return result;
}

void stage_forward(const float* x, Extent extent, const ChannelStage& stage, float* out,
                   std::uint8_t* chosen) {
  HWY_DYNAMIC_DISPATCH(forward)(x, extent, stage, out, chosen);
}

StageSums stage_sums(const float* x, Extent extent, const ChannelStage& stage,
                     const float* gradient, const std::uint8_t* chosen, const float* centre) {
  StageSums result{zeros(extent), zeros(extent)};
  HWY_DYNAMIC_DISPATCH(sums)
  (x, extent, stage, gradient, chosen, centre, result.gradient.data(), result.gradient_x.data());
  return result;
}

void stage_backward(const float* x, Extent extent, const ChannelStage& stage, const float* gradient,
                    const std::uint8_t* chosen, const float* along, const float* constant,
                    float* dx) {
  HWY_DYNAMIC_DISPATCH(backward)(x, extent, stage, gradient, chosen, along, constant, dx);
}

void fake_quantize(const float* x, std::int64_t count, graph::Quantization q, float* out,
                   std::uint8_t* inside) {
  HWY_DYNAMIC_DISPATCH(quantize)(x, count, q, out, inside);
}

void mask_gradient(const float* gradient, const std::uint8_t* inside, std::int64_t count,
                   float* out) {
  HWY_DYNAMIC_DISPATCH(mask)(gradient, inside, count, out);
}

}  // namespace edgeproof::libtorch
#endif  // HWY_ONCE
