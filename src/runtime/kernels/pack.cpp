// Test: conv_equivalence_test.cpp runs every packing against the reference, which reads the weights
// as they are.

#include "runtime/kernels/pack.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace edgeproof::runtime {
namespace {

constexpr std::size_t kLargestPaddedInput = std::size_t{1} << 28;

Packing packing_for(const ConvGeometry& g, int lanes) {
  // Padding may be absurdly long beside a stride as long: the reference does not write it out.
  if (lanes == 0 || g.padded_size() > kLargestPaddedInput) return Packing::none;
  if (g.groups == 1 && (g.dilation == 1 || g.stride == 1)) return Packing::full;
  if (g.groups == g.in_channels && g.groups == g.out_channels) return Packing::depthwise;
  return Packing::none;
}

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Source is [channels][taps]; the result is [panel][taps / group][lane][group], zero-filled.
template <typename To, typename From>
AlignedVector<To> to_panels(const std::vector<From>& values, std::size_t channels,
                            std::size_t lanes, std::size_t group = 1) {
  const std::size_t taps = values.size() / channels;
  const std::size_t rows = round_up(taps, group);
  AlignedVector<To> panels(round_up(channels, lanes) * rows, To{0});
  for (std::size_t channel = 0; channel < channels; ++channel) {
    To* panel = panels.data() + channel / lanes * lanes * rows;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      panel[(tap / group * lanes + channel % lanes) * group + tap % group] =
          values[channel * taps + tap];
    }
  }
  return panels;
}

// The smallest sum within 2^29 that requantizes to `level` or more; 2^29 if none does.
std::int32_t first_reaching(FixedMultiplier m, std::int32_t level) {
  std::int32_t low = -(1 << 29), high = 1 << 29;
  while (low < high) {
    const std::int32_t middle = low + (high - low) / 2;
    if (requantize(middle, m) >= level) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::int64_t largest_sum(const Int8Conv& conv, std::size_t channel) {
  const std::size_t taps = conv.weights.size() / conv.bias.size();
  std::int64_t sum = std::abs(std::int64_t{conv.bias[channel]});
  for (std::size_t i = channel * taps; i < (channel + 1) * taps; ++i) {
    sum += 255 * std::abs(int{conv.weights[i]});
  }
  return sum;
}

// requantize-inl.h says why.
bool is_narrow(FixedMultiplier m, std::int64_t largest_sum) {
  return largest_sum < 1 << 29 && (m.multiplier == 0 || (m.shift <= -1 && m.shift >= -20));
}

}  // namespace

PackedFloat pack(const FloatConv& conv, int lanes) {
  const Packing packing = packing_for(conv.geometry, lanes);
  if (packing == Packing::none) return {};
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const auto width = static_cast<std::size_t>(lanes);
  return {packing, to_panels<float>(conv.weights, channels, width),
          to_panels<float>(conv.bias, channels, width)};
}

PackedInt8 pack(const Int8Conv& conv, int lanes, int group) {
  PackedInt8 packed;
  packed.packing = packing_for(conv.geometry, lanes);
  if (packed.packing == Packing::none) return packed;
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const auto width = static_cast<std::size_t>(lanes);
  const bool full = packed.packing == Packing::full;
  const bool bytes = full && group == 4;
  if (bytes) {
    packed.weights8 = to_panels<std::int8_t>(conv.weights, channels, width, 4);
  } else {
    packed.weights16 = to_panels<std::int16_t>(conv.weights, channels, width, full ? 2 : 1);
  }
  const auto per_channel = [&](auto value) {
    std::vector<std::int32_t> values;
    for (std::size_t c = 0; c < channels; ++c) values.push_back(value(c));
    return to_panels<std::int32_t>(values, channels, width);
  };
  const std::size_t taps = conv.weights.size() / channels;
  packed.bias = per_channel([&](std::size_t c) {
    // Modulo 2^32, as the sums are.
    auto bias = static_cast<std::uint32_t>(conv.bias[c]);
    for (std::size_t i = c * taps; bytes && i < (c + 1) * taps; ++i) {
      bias -= static_cast<std::uint32_t>((conv.input_zero + 128) * conv.weights[i]);
    }
    return static_cast<std::int32_t>(bias);
  });
  const std::vector<FixedMultiplier>& m = conv.multipliers;
  packed.multiplier = per_channel([&](std::size_t c) { return m[c].multiplier; });
  packed.narrow = true;
  for (std::size_t c = 0; c < channels; ++c) {
    packed.narrow = packed.narrow && is_narrow(m[c], largest_sum(conv, c));
  }
  if (!packed.narrow) {
    packed.left_shift = per_channel([&](std::size_t c) { return std::max(m[c].shift, 0); });
    packed.right_shift = per_channel([&](std::size_t c) { return std::max(-m[c].shift, 0); });
    return packed;
  }
  const Int8Bounds bounds = conv.bounds();
  const auto right = [&](std::size_t c) { return m[c].multiplier == 0 ? 1 : -m[c].shift; };
  packed.round = per_channel(
      [&](std::size_t c) { return 1 + (1 << right(c)) + conv.output_zero * (2 << right(c)); });
  packed.shift = per_channel([&](std::size_t c) { return right(c) + 1; });
  packed.clip_above =
      per_channel([&](std::size_t c) { return first_reaching(m[c], bounds.highest() + 1) - 1; });
  packed.clip_below = per_channel([&](std::size_t c) {
    return conv.relu ? std::numeric_limits<std::int32_t>::min()
                     : first_reaching(m[c], bounds.lowest());
  });
  return packed;
}

}  // namespace edgeproof::runtime
