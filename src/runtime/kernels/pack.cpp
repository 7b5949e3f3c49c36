// Test: conv_equivalence_test.cpp runs every packing against the reference, which reads the weights
// as they are.

#include "runtime/kernels/pack.h"

#include <algorithm>

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

}  // namespace

PackedFloat pack(const FloatConv& conv, int lanes) {
  const Packing packing = packing_for(conv.geometry, lanes);
  if (packing == Packing::none) return {};
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const auto width = static_cast<std::size_t>(lanes);
  return {packing, to_panels<float>(conv.weights, channels, width),
          to_panels<float>(conv.bias, channels, width)};
}

PackedInt8 pack(const Int8Conv& conv, int lanes) {
  const Packing packing = packing_for(conv.geometry, lanes);
  if (packing == Packing::none) return {};
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const auto width = static_cast<std::size_t>(lanes);
  const auto per_channel = [&](auto value) {
    std::vector<std::int32_t> values;
    for (const FixedMultiplier m : conv.multipliers) values.push_back(value(m));
    return to_panels<std::int32_t>(values, channels, width);
  };
  return {packing,
          to_panels<std::int16_t>(conv.weights, channels, width, packing == Packing::full ? 2 : 1),
          to_panels<std::int32_t>(conv.bias, channels, width),
          per_channel([](FixedMultiplier m) { return m.multiplier; }),
          per_channel([](FixedMultiplier m) { return std::max(m.shift, 0); }),
          per_channel([](FixedMultiplier m) { return std::max(-m.shift, 0); })};
}

}  // namespace edgeproof::runtime
