// Test: conv_equivalence_test.cpp runs every packing against the reference, which reads the weights
// as they are.

#include "runtime/kernels/pack.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "runtime/kernels/float_requantization.h"
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

std::size_t round_up(std::size_t value, std::size_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Where channels go: to panels of `lanes`, in tiles of `most` panels, then of half as many, until
// none are left; or, if filled up, in tiles of `most` alone. Within a tile four channels go to each
// of its panels in turn: what joins the panels' 32-bit lanes to bytes does so within each 128 bits,
// and so brings channels back into order.
struct Layout {
  std::size_t channels, lanes, most;
  bool filled_up = false;

  std::size_t slots() const { return round_up(channels, filled_up ? lanes * most : lanes); }
  std::size_t slot(std::size_t channel) const {
    std::size_t first = 0, tile = lanes * most;
    for (;; tile /= 2) {
      const std::size_t end = first + (slots() - first) / tile * tile;
      if (channel < end) break;
      first = end;
    }
    first += (channel - first) / tile * tile;
    const std::size_t within = channel - first, panels = tile / lanes;
    return first + within / 4 % panels * lanes + within / (4 * panels) * 4 + within % 4;
  }
};

// Source is [channels][taps]; the result is [panel][taps / group][lane][group], zero-filled.
template <typename To, typename From>
AlignedVector<To> to_panels(const std::vector<From>& values, const Layout& layout,
                            std::size_t group = 1) {
  const std::size_t taps = values.size() / layout.channels;
  const std::size_t rows = round_up(taps, group);
  AlignedVector<To> panels(layout.slots() * rows, To{0});
  for (std::size_t channel = 0; channel < layout.channels; ++channel) {
    const std::size_t slot = layout.slot(channel);
    To* panel = panels.data() + slot / layout.lanes * layout.lanes * rows;
    for (std::size_t tap = 0; tap < taps; ++tap) {
      panel[(tap / group * layout.lanes + slot % layout.lanes) * group + tap % group] =
          values[channel * taps + tap];
    }
  }
  return panels;
}

// The same of [points][channels][inputs], one point after the other.
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

// Of a channel's sums, whatever the input: padding is as if an input were its zero point.
struct Sums {
  std::int64_t lowest, highest;  // not above zero, not below it

  std::int64_t largest() const { return std::max(-lowest, highest); }
};

Sums possible_sums(const Int8Conv& conv, std::size_t channel) {
  const std::size_t taps = conv.weights.size() / conv.bias.size();
  const std::int64_t low = -128 - conv.input_zero, high = 127 - conv.input_zero;
  Sums sums{conv.bias[channel], conv.bias[channel]};
  for (std::size_t i = channel * taps; i < (channel + 1) * taps; ++i) {
    const std::int64_t w = conv.weights[i];
    sums.lowest += w * (w > 0 ? low : high);
    sums.highest += w * (w > 0 ? high : low);
  }
  return {std::min(sums.lowest, std::int64_t{0}), std::max(sums.highest, std::int64_t{0})};
}

// requantize-inl.h says why.
bool is_narrow(FixedMultiplier m, std::int64_t largest_sum) {
  return largest_sum < 1 << 29 && m.shift <= -1 && m.shift >= -20;
}

// Zero for a channel whose results are all zero: its multiplier may be tiny.
FixedMultiplier effective(FixedMultiplier m, std::int64_t largest_sum) {
  const double largest = std::ldexp(m.multiplier, m.shift - 31) * static_cast<double>(largest_sum);
  return largest < 0.25 ? FixedMultiplier{0, -1} : m;
}

// Which channels step right in single precision, and from where their sums start then: those of a
// panel all do, or none.
void pack_float_requantization(const Int8Conv& conv, const std::vector<FixedMultiplier>& m,
                               const std::vector<Sums>& sums, const Layout& layout,
                               PackedInt8& packed) {
  std::vector<float> scales, offsets;
  std::vector<std::int32_t> starts;
  packed.by_float.assign(layout.slots() / layout.lanes, 1);
  const auto add = [&](const auto& form, std::int32_t start) {
    if (!form) packed.by_float[layout.slot(scales.size()) / layout.lanes] = 0;
    scales.push_back(form ? form->scale : 0);
    offsets.push_back(form ? form->offset : 0);
    starts.push_back(start);
  };
  const std::int32_t zero = conv.output.zero_point;
  for (std::size_t c = 0; c < m.size(); ++c) {
    if (conv.relu) {
      const auto form = fit_shifted_requantization(m[c], zero, sums[c].lowest, sums[c].highest);
      add(form, form ? ShiftedRequantization::kZeroBits + form->start : 0);
    } else {
      add(fit_float_requantization(m[c], zero, static_cast<std::int32_t>(sums[c].largest())), 0);
    }
  }
  packed.float_scale = to_panels<float>(scales, layout);
  packed.float_offset = to_panels<float>(offsets, layout);
  const auto start = to_panels<std::int32_t>(starts, layout);
  for (std::size_t slot = 0; slot < start.size(); ++slot) {
    if (packed.by_float[slot / layout.lanes] == 0) continue;
    packed.bias[slot] += start[slot];
    packed.clip_above[slot] += start[slot];
  }
}

// `value_bytes`: of what is multiplied.
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
  packed.packing = packing_for(conv.geometry, shape);
  if (packed.packing == Packing::none) return packed;
  const auto channels = static_cast<std::size_t>(conv.geometry.out_channels);
  const bool depthwise = packed.packing == Packing::depthwise;
  const auto group = static_cast<std::size_t>(shape.group);
  const Layout layout{channels, static_cast<std::size_t>(shape.lanes),
                      depthwise ? group : static_cast<std::size_t>(shape.tile), depthwise};
  const bool bytes = group == 4;
  const auto pack_weights = [&](auto& to) {
    to = to_panels<typename std::decay_t<decltype(to)>::value_type>(conv.weights, layout, group);
    if (!depthwise || !shares_rows(conv.geometry, shape.group)) return;
    const auto later = to_panels<typename std::decay_t<decltype(to)>::value_type>(
        a_tap_later(conv.weights, channels), layout, group);
    to.insert(to.end(), later.begin(), later.end());
  };
  if (packed.packing == Packing::full && !bytes && winograd_pays(conv.geometry) &&
      winograd_is_exact(conv.geometry)) {
    packed.packing = Packing::winograd;
    packed.weights16 = points_to_panels(winograd_weights(conv), layout, group);
  } else if (bytes) {
    pack_weights(packed.weights8);
  } else {
    pack_weights(packed.weights16);
  }
  const auto per_channel = [&](auto value) {
    std::vector<std::int32_t> values;
    for (std::size_t c = 0; c < channels; ++c) values.push_back(value(c));
    return to_panels<std::int32_t>(values, layout);
  };
  const std::size_t taps = conv.weights.size() / channels;
  packed.bias = per_channel([&](std::size_t c) {
    // Modulo 2^32, as the sums are.
    auto bias = static_cast<std::uint32_t>(conv.bias[c]);
    for (std::size_t i = c * taps; bytes && i < (c + 1) * taps; ++i) {
      bias -= static_cast<std::uint32_t>((conv.input_zero + shape.offset) * conv.weights[i]);
    }
    return static_cast<std::int32_t>(bias);
  });
  std::vector<FixedMultiplier> m;
  std::vector<Sums> sums;
  packed.narrow = true;
  for (std::size_t c = 0; c < channels; ++c) {
    sums.push_back(possible_sums(conv, c));
    m.push_back(effective(conv.multipliers[c], sums[c].largest()));
    packed.narrow = packed.narrow && is_narrow(m[c], sums[c].largest());
  }
  packed.multiplier = per_channel([&](std::size_t c) { return m[c].multiplier; });
  if (!packed.narrow) {
    packed.left_shift = per_channel([&](std::size_t c) { return std::max(m[c].shift, 0); });
    packed.right_shift = per_channel([&](std::size_t c) { return std::max(-m[c].shift, 0); });
    return packed;
  }
  const Int8Bounds bounds = conv.bounds();
  packed.round = per_channel([&](std::size_t c) {
    return 1 + (1 << -m[c].shift) + conv.output.zero_point * (2 << -m[c].shift);
  });
  packed.shift = per_channel([&](std::size_t c) { return 1 - m[c].shift; });
  packed.clip_above =
      per_channel([&](std::size_t c) { return first_reaching(m[c], bounds.highest() + 1) - 1; });
  packed.clip_below = per_channel([&](std::size_t c) {
    return conv.relu ? std::numeric_limits<std::int32_t>::min()
                     : first_reaching(m[c], bounds.lowest());
  });
  packed.by_float.assign(layout.slots() / layout.lanes, 0);
  if (shape.fused_multiply_add) pack_float_requantization(conv, m, sums, layout, packed);
  return packed;
}

}  // namespace edgeproof::runtime
