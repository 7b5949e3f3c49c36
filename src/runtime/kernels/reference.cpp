// Semantics checked against LiteRT's sources
// (tensorflow/lite/kernels/internal/reference/integer_ops, and kernel_util.cc for activation ranges
// and multipliers). Test: reference_test.cpp, by hand-made cases.

#include "runtime/kernels/reference.h"

#include <algorithm>

namespace edgeproof::runtime {
namespace {

// Sum over the taps of one output that lie inside the input: term(input index, weight index).
template <typename Sum, typename Term>
Sum sum_taps(const ConvGeometry& g, int position, int channel, Sum sum, Term term) {
  const int in_per_group = g.in_channels / g.groups;
  const int first_in = channel / (g.out_channels / g.groups) * in_per_group;
  for (int tap = 0; tap < g.kernel; ++tap) {
    const std::int64_t at =
        std::int64_t{position} * g.stride + std::int64_t{tap} * g.dilation - g.pad_left;
    if (at < 0 || at >= g.in_length) continue;
    const auto in = static_cast<std::size_t>(at) * g.in_channels + first_in;
    const auto weight = (static_cast<std::size_t>(channel) * g.kernel + tap) * in_per_group;
    for (int i = 0; i < in_per_group; ++i) sum += term(in + i, weight + i);
  }
  return sum;
}

std::int64_t quantize(std::span<const float> in, graph::Quantization to, std::int8_t* out,
                      bool /*count*/) {
  std::int64_t clipped = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    out[i] = quantize_to_int8(in[i], to.scale, to.zero_point);
    const float unbounded = std::round(in[i] / to.scale) + static_cast<float>(to.zero_point);
    clipped += unbounded < -128.0F || unbounded > 127.0F;
  }
  return clipped;
}

std::int64_t conv_int8(const Int8Conv& conv, const std::int8_t* in, std::int8_t* out,
                       std::int16_t* /*scratch*/, bool /*count*/) {
  const ConvGeometry& g = conv.geometry;
  std::int64_t clipped = 0;
  for (int position = 0; position < g.out_length; ++position) {
    for (int channel = 0; channel < g.out_channels; ++channel) {
      const std::int32_t acc =
          sum_taps(g, position, channel, conv.bias[channel], [&](std::size_t i, std::size_t w) {
            return (in[i] - conv.input_zero) * conv.weights[w];
          });
      const std::int32_t value = requantize(acc, conv.multipliers[channel]);
      clipped += conv.bounds().clips(value);
      *out++ = conv.bounds().clamp(value);
    }
  }
  return clipped;
}

void conv_float(const FloatConv& conv, const float* in, float* out, float* /*scratch*/) {
  const ConvGeometry& g = conv.geometry;
  for (int position = 0; position < g.out_length; ++position) {
    for (int channel = 0; channel < g.out_channels; ++channel) {
      const double sum =
          sum_taps(g, position, channel, double{conv.bias[channel]},
                   [&](std::size_t i, std::size_t w) { return double{in[i]} * conv.weights[w]; });
      const auto value = static_cast<float>(sum);
      *out++ = conv.relu ? std::max(value, 0.0F) : value;
    }
  }
}

std::int64_t add_int8(const Int8Add& add, const std::int8_t* a, const std::int8_t* b,
                      std::int8_t* out) {
  constexpr std::int32_t kUnit = 1 << Int8Add::kLeftShift;
  std::int64_t clipped = 0;
  for (std::size_t i = 0; i < add.size; ++i) {
    const std::int32_t sum = requantize((a[i] - add.zero1) * kUnit, add.multiplier1) +
                             requantize((b[i] - add.zero2) * kUnit, add.multiplier2);
    const std::int32_t value = requantize(sum, add.output_multiplier);
    clipped += add.bounds().clips(value);
    out[i] = add.bounds().clamp(value);
  }
  return clipped;
}

void add_float(const FloatAdd& add, const float* a, const float* b, float* out) {
  for (std::size_t i = 0; i < add.size; ++i) {
    const float sum = a[i] + b[i];
    out[i] = add.relu ? std::max(sum, 0.0F) : sum;
  }
}

template <typename T>
void max_pool(const Pool& pool, const T* in, T* out) {
  for (int position = 0; position < pool.out_length; ++position) {
    for (int channel = 0; channel < pool.channels; ++channel) {
      const T* column = in + channel;
      const auto at = [&](int i) { return column[std::size_t{1} * i * pool.channels]; };
      T largest = at(pool.first(position));
      for (int i = pool.first(position) + 1; i < pool.end(position); ++i) {
        largest = std::max(largest, at(i));
      }
      *out++ = largest;
    }
  }
}

// out = mean(sum, count) of every window.
template <typename Sum, typename T, typename Mean>
void average(const Pool& pool, const T* in, T* out, Mean mean) {
  for (int position = 0; position < pool.out_length; ++position) {
    const int first = pool.first(position), end = pool.end(position);
    for (int channel = 0; channel < pool.channels; ++channel) {
      const T* column = in + channel;
      Sum sum = 0;
      for (int i = first; i < end; ++i) sum += column[std::size_t{1} * i * pool.channels];
      *out++ = static_cast<T>(mean(sum, end - first));
    }
  }
}

void average_int8(const Pool& pool, const std::int8_t* in, std::int8_t* out) {
  average<int>(pool, in, out, [](int sum, int count) {
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
  });
}

void average_float(const Pool& pool, const float* in, float* out) {
  average<double>(pool, in, out, [](double sum, int count) { return sum / count; });
}

std::int64_t mul_int8(const Int8Mul& mul, const std::int8_t* a, const std::int8_t* b,
                      std::int8_t* out) {
  std::int64_t clipped = 0;
  for (std::size_t i = 0; i < mul.rows * mul.row; ++i) {
    const std::int32_t product = (a[i] - mul.zero1) * (b[i % mul.row] - mul.zero2);
    const std::int32_t value = requantize(product, mul.multiplier);
    clipped += mul.bounds().clips(value);
    out[i] = mul.bounds().clamp(value);
  }
  return clipped;
}

void mul_float(const FloatMul& mul, const float* a, const float* b, float* out) {
  for (std::size_t i = 0; i < mul.rows * mul.row; ++i) {
    const float product = a[i] * b[i % mul.row];
    out[i] = mul.relu ? std::max(product, 0.0F) : product;
  }
}

}  // namespace

const Kernels& reference_kernels() {
  static const Kernels kernels = {.name = "scalar",
                                  .quantize = quantize,
                                  .conv_int8 = conv_int8,
                                  .conv_float = conv_float,
                                  .add_int8 = add_int8,
                                  .add_float = add_float,
                                  .mul_int8 = mul_int8,
                                  .mul_float = mul_float,
                                  .max_pool_int8 = max_pool<std::int8_t>,
                                  .max_pool_float = max_pool<float>,
                                  .average_int8 = average_int8,
                                  .average_float = average_float};
  return kernels;
}

void affine(const Affine& layer, const float* in, float* out) {
  const std::size_t channels = layer.scale.size();
  for (int position = 0; position < layer.length; ++position) {
    for (std::size_t c = 0; c < channels; ++c) *out++ = *in++ * layer.scale[c] + layer.shift[c];
  }
}

void relu(std::span<const float> in, float* out) {
  for (const float value : in) *out++ = std::max(value, 0.0F);
}

std::int64_t look_up(const LevelTable& table, std::span<const std::int8_t> in, std::int8_t* out) {
  std::int64_t clipped = 0;
  for (const std::int8_t level : in) {
    const auto at = static_cast<std::size_t>(level + 128);
    clipped += table.clips[at];
    *out++ = table.levels[at];
  }
  return clipped;
}

}  // namespace edgeproof::runtime
