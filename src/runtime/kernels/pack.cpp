// conv_equivalence_test.cpp runs every packing against the reference, which reads the weights as
// they are.

#include "runtime/kernels/pack.h"

#include <algorithm>
#include <utility>

#include "runtime/kernels/pack_requantization.h"
#include "runtime/kernels/panel_layout.h"
#include "runtime/kernels/winograd.h"

namespace edgeproof::runtime {
namespace {

constexpr std::size_t kLargestPaddedInput = std::size_t{1} << 28;
// What a kernel may read past the padded input: a vector, or half of a pair.
constexpr std::size_t kReadPastEnd = 64;

Packing packing_for(const ConvGeometry& g, PanelShape shape) {
  // Padding may be absurdly long beside a stride as long: the reference does not write it out.
  if (shape.lanes == 0 || g.padded_size() > kLargestPaddedInput) return Packing::none;
  if (g.groups == 1 && (g.dilation == 1 || g.stride == 1)) return Packing::full;
  if (g.groups == g.in_channels && g.groups == g.out_channels) return Packing::depthwise;
  return Packing::none;
}

// to_panels() of [points][channels][inputs], one point after the other.
template <typename T>
AlignedVector<T> points_to_panels(const std::vector<T>& values, const Layout& layout,
                                  std::size_t group = 1) {
  const auto size = static_cast<std::ptrdiff_t>(values.size() / kWinogradPoints);
  AlignedVector<T> all;
  for (auto of_point = values.begin(); of_point != values.end(); of_point += size) {
    const auto panels = to_panels<T>(std::vector<T>(of_point, of_point + size), layout, group);
    all.insert(all.end(), panels.begin(), panels.end());
  }
  return all;
}

// [channels][taps] with a zero before each channel's first tap.
std::vector<std::int8_t> a_tap_later(const std::vector<std::int8_t>& weights,
                                     std::size_t channels) {
  const auto taps = static_cast<std::ptrdiff_t>(weights.size() / channels);
  std::vector<std::int8_t> later;
  for (auto tap = weights.begin(); tap != weights.end(); tap += taps) {
    later.push_back(0);
    later.insert(later.end(), tap, tap + taps);
  }
  return later;
}

// Weights for direct convolutions, and behind them those of shares_rows(), a tap later.
template <typename To>
AlignedVector<To> pack_direct_weights(const Int8Conv& conv, Packing packing, const Layout& layout,
                                      std::size_t group) {
  auto weights = to_panels<To>(conv.weights, layout, group);
  if (packing == Packing::depthwise && shares_rows(conv.geometry, static_cast<int>(group))) {
    const auto later = to_panels<To>(a_tap_later(conv.weights, layout.channels), layout, group);
    weights.insert(weights.end(), later.begin(), later.end());
  }
  return weights;
}

// The bias, less what the offset of the inputs of four-byte steps and their zero point add to the
// sums; modulo 2^32, as the sums are.
std::vector<std::int32_t> bias_for_inputs(const Int8Conv& conv, PanelShape shape) {
  if (shape.group != 4) return conv.bias;
  const std::size_t taps = conv.weights.size() / conv.bias.size();
  std::vector<std::int32_t> result;
  for (std::size_t c = 0; c < conv.bias.size(); ++c) {
    auto bias = static_cast<std::uint32_t>(conv.bias[c]);
    for (std::size_t i = c * taps; i < (c + 1) * taps; ++i) {
      bias -= static_cast<std::uint32_t>((conv.input_zero + shape.offset) * conv.weights[i]);
    }
    result.push_back(static_cast<std::int32_t>(bias));
  }
  return result;
}

Packing int8_packing_for(const Int8Conv& conv, PanelShape shape) {
  const Packing packing = packing_for(conv.geometry, shape);
  const bool winograd = packing == Packing::full && shape.group == 2 &&
                        winograd_pays(conv.geometry) && winograd_is_exact(conv.geometry);
  return winograd ? Packing::winograd : packing;
}

// Bytes of scratch, if one value that is multiplied has `value_bytes`.
std::size_t scratch_bytes(const ConvGeometry& g, Packing packing, std::size_t value_bytes,
                          PanelShape shape) {
  if (packing == Packing::none) return 0;
  if (packing == Packing::winograd) {
    return WinogradScratch(unit_stride(g), value_bytes, shape).bytes;
  }
  return (g.padded_size() + kReadPastEnd) * value_bytes;
}

}  // namespace

std::size_t scratch_bytes(const FloatConv& conv, PanelShape shape) {
  return scratch_bytes(conv.geometry, conv.packed.packing, sizeof(float), shape);
}

std::size_t scratch_bytes(const Int8Conv& conv, PanelShape shape) {
  return scratch_bytes(conv.geometry, conv.packed.packing, sizeof(std::int16_t), shape);
}

PackedFloat pack(const FloatConv& conv, PanelShape shape, bool winograd) {
  PackedFloat packed;
  packed.packing = packing_for(conv.geometry, shape);
  if (packed.packing == Packing::none) return packed;
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const Layout layout{channels, static_cast<std::size_t>(shape.lanes), 1};
  packed.bias = to_panels<float>(conv.bias, layout);
  if (packed.packing != Packing::full || !winograd || !winograd_pays(conv.geometry)) {
    packed.weights = to_panels<float>(conv.weights, layout);
    return packed;
  }
  packed.packing = Packing::winograd;
  packed.weights = points_to_panels(winograd_weights(conv), layout);
  return packed;
}

PackedInt8 pack(const Int8Conv& conv, PanelShape shape) {
  PackedInt8 packed;
  packed.packing = int8_packing_for(conv, shape);
  if (packed.packing == Packing::none) return packed;
  const auto group = static_cast<std::size_t>(shape.group);
  const bool depthwise = packed.packing == Packing::depthwise;
  const Layout layout{static_cast<std::size_t>(conv.geometry.out_channels),
                      static_cast<std::size_t>(shape.lanes),
                      depthwise ? group : static_cast<std::size_t>(shape.tile), depthwise};
  if (packed.packing == Packing::winograd) {
    packed.weights = points_to_panels(winograd_weights(conv), layout, group);
  } else if (group == 4) {
    packed.weights = pack_direct_weights<std::int8_t>(conv, packed.packing, layout, group);
  } else {
    packed.weights = pack_direct_weights<std::int16_t>(conv, packed.packing, layout, group);
  }
  auto [requantization, start] = pack_requantization(conv, layout, shape.fused_multiply_add);
  packed.requantization = std::move(requantization);
  packed.bias = add(to_panels<std::int32_t>(bias_for_inputs(conv, shape), layout), start);
  return packed;
}

}  // namespace edgeproof::runtime
