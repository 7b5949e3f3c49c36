// Test: network_test.cpp compares whole networks with the integer runtime.

#include "libtorch/fake_quant.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "compress/quantize.h"
#include "core/fixed_point.h"

namespace edgeproof::libtorch {
namespace {

using torch::Tensor;

// Rounds halves away from zero.
Tensor rounded(const Tensor& x) {
  return torch::sign(x) * torch::floor(torch::abs(x) + 0.5);
}

Tensor levels_to_real(const Tensor& levels, graph::Quantization q) {
  return (levels.clamp(q.lowest(), q.highest()) - q.zero_point) * q.scale;
}

// Clamped and rounded; the gradient is that of the clamping alone.
Tensor straight_through(const Tensor& x, int low, int high) {
  const Tensor inside = x.clamp(low, high);
  return inside + (inside.round() - inside).detach();
}

// core/fixed_point.h's requantize() of whole numbers, in 64 bits.
Tensor requantized(const Tensor& x, FixedMultiplier m) {
  const std::int64_t left = std::int64_t{1} << std::max(m.shift, 0);
  const int right = std::max(-m.shift, 0);
  const Tensor high =
      torch::bitwise_right_shift(x * left * m.multiplier + (std::int64_t{1} << 30), 31);
  const std::int64_t half = right == 0 ? 0 : std::int64_t{1} << (right - 1);
  return torch::sign(high) * torch::bitwise_right_shift(torch::abs(high) + half, right);
}

}  // namespace

Range::Range(graph::Quantization q)
    : lo(q.scale * static_cast<float>(q.lowest() - q.zero_point)),
      hi(q.scale * static_cast<float>(q.highest() - q.zero_point)),
      seen(true),
      quantization(q) {}

void Range::set(float new_lo, float new_hi) {
  lo = new_lo;
  hi = new_hi;
  if (seen) quantization = compress::affine_quantization(lo, hi, quantization.bits);
}

void Range::set_bits(int bits) {
  quantization.bits = bits;
  set(lo, hi);
}

void Range::observe(const Tensor& x, double momentum) {
  // In the order of memory, else LibTorch copies.
  const Tensor values = x.detach();
  const auto [min, max] = torch::aminmax(values.dim() == 4 ? values.permute({0, 2, 3, 1}) : values);
  const float batch_lo = min.item<float>(), batch_hi = max.item<float>();
  const auto m = static_cast<float>(seen ? momentum : 1.0);
  seen = true;
  set(lo + m * (batch_lo - lo), hi + m * (batch_hi - hi));
}

void Range::include(const Range& other) {
  if (!other.seen) return;
  if (!seen) {
    *this = other;
  } else if (other.lo < lo || other.hi > hi) {
    set(std::min(lo, other.lo), std::max(hi, other.hi));
  }
}

Tensor weight_scales(const Tensor& weight, int bits) {
  const Tensor flat = weight.detach().abs().reshape({weight.size(0), -1});
  return (flat.amax(1) / compress::largest_weight_level(bits)).clamp_min(compress::kSmallestScale);
}

Tensor fake_quantize_weight(const Tensor& weight, const Tensor& scales, int bits) {
  const int largest = compress::largest_weight_level(bits);
  const Tensor scale = over_channels(scales, weight.dim(), 0);
  const Tensor rounded = torch::round(weight.detach() / scale).clamp(-largest, largest) * scale;
  return weight + (rounded - weight).detach();
}

Tensor first_weight_scales(const Tensor& weight, int bits) {
  const Tensor flat = weight.detach().abs().reshape({weight.size(0), -1});
  const Tensor mean = flat.sum(1) / flat.ne(0).sum(1).clamp_min(1);
  return (2 * mean / std::sqrt(compress::largest_weight_level(bits)))
      .clamp_min(compress::kSmallestScale);
}

Tensor learned_quantize_weight(const Tensor& weight, const Tensor& scales, int bits) {
  const int largest = compress::largest_weight_level(bits);
  const Tensor scale = over_channels(scales, weight.dim(), 0);
  return straight_through(weight / scale, -largest, largest) * scale;
}

Tensor learned_quantize_activation(const Tensor& x, const Tensor& scale, int bits) {
  return straight_through(x / scale, 0, (1 << bits) - 1) * scale;
}

Tensor clipped(const Tensor& x, const Tensor& bound) {
  return torch::minimum(x, bound);
}

Tensor fake_quantize_bias(const Tensor& bias, const Tensor& accumulator_scale) {
  return bias + (torch::round(bias / accumulator_scale) * accumulator_scale - bias).detach();
}

Tensor over_channels(const Tensor& v, std::int64_t dimensions, std::int64_t axis) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimensions), 1);
  shape[static_cast<std::size_t>(axis)] = v.numel();
  return v.view(shape);
}

// In float, which holds these accumulators exactly but for rare large ones.
Tensor requantize_as_integers(const Tensor& x, const Tensor& accumulator_scale,
                              graph::Quantization q) {
  const auto channels = accumulator_scale.numel();
  Tensor multiplier = torch::empty({channels}), step = torch::empty({channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const FixedMultiplier m =
        fixed_multiplier(double{accumulator_scale[c].item<float>()} / q.scale);
    multiplier[c] = std::ldexp(static_cast<double>(m.multiplier), std::max(m.shift, 0) - 31);
    step[c] = std::ldexp(1.0, std::min(m.shift, 0));
  }
  const auto per_channel = [&](const Tensor& v) { return over_channels(v, x.dim(), 1); };
  const Tensor accumulator = torch::round(x / per_channel(accumulator_scale));
  const Tensor high = torch::floor(accumulator * per_channel(multiplier) + 0.5);
  return levels_to_real(rounded(high * per_channel(step)) + q.zero_point, q);
}

Tensor add_as_integers(const Tensor& a, graph::Quantization qa, const Tensor& b,
                       graph::Quantization qb, bool relu, graph::Quantization q) {
  constexpr std::int64_t kUnit = 1 << 20;
  const double twice_larger = 2 * std::max(qa.scale, qb.scale);
  const auto scaled = [&](const Tensor& x, graph::Quantization qx) {
    return requantized(torch::round(x / qx.scale).to(torch::kInt64) * kUnit,
                       fixed_multiplier(qx.scale / twice_larger));
  };
  const Tensor sum = requantized(scaled(a, qa) + scaled(b, qb),
                                 fixed_multiplier(twice_larger / (kUnit * q.scale)));
  return levels_to_real((relu ? sum.clamp_min(0) : sum).to(torch::kFloat32) + q.zero_point, q);
}

Tensor multiply_as_integers(const Tensor& a, graph::Quantization qa, const Tensor& b,
                            graph::Quantization qb, bool relu, graph::Quantization q) {
  const auto levels = [](const Tensor& x, graph::Quantization qx) {
    return torch::round(x / qx.scale).to(torch::kInt64);
  };
  const Tensor product =
      requantized(levels(a, qa) * levels(b, qb), fixed_multiplier(qa.scale * qb.scale / q.scale));
  return levels_to_real((relu ? product.clamp_min(0) : product).to(torch::kFloat32) + q.zero_point,
                        q);
}

// Back to sums of whole levels first; float alone would lose ties of the mean.
Tensor average_as_integers(const Tensor& x, const Tensor& counts, graph::Quantization q) {
  return levels_to_real(rounded(torch::round(x / q.scale * counts) / counts + q.zero_point), q);
}

}  // namespace edgeproof::libtorch
