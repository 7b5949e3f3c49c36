#include "runtime/kernels/pack_requantization.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "runtime/kernels/float_requantization.h"

namespace edgeproof::runtime {
namespace {

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

// Bounds of a channel's sums, whatever the input: padding is as if an input were its zero point.
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

// What requantization has to do for one channel.
struct Channel {
  FixedMultiplier multiplier;
  Sums sums;

  // requantize-inl.h says why.
  bool is_narrow() const {
    return sums.largest() < 1 << 29 && multiplier.shift <= -1 && multiplier.shift >= -20;
  }
};

// Zero for a channel whose results are all zero: its multiplier may be tiny.
FixedMultiplier effective_multiplier(FixedMultiplier m, std::int64_t largest_sum) {
  const double largest = std::ldexp(m.multiplier, m.shift - 31) * static_cast<double>(largest_sum);
  return largest < 0.25 ? FixedMultiplier{0, -1} : m;
}

std::vector<Channel> channels_of(const Int8Conv& conv) {
  std::vector<Channel> channels;
  for (std::size_t c = 0; c < conv.bias.size(); ++c) {
    const Sums sums = possible_sums(conv, c);
    channels.push_back({effective_multiplier(conv.multipliers[c], sums.largest()), sums});
  }
  return channels;
}

// value(element) of every element, one per channel, in panels.
template <typename To, typename Element, typename Value>
AlignedVector<To> map_to_panels(const std::vector<Element>& elements, const Layout& layout,
                                const Value& value) {
  std::vector<To> values;
  for (const Element& element : elements) values.push_back(value(element));
  return to_panels<To>(values, layout);
}

// Requantization in single precision, in panels; `start` is what sums begin with besides their
// bias.
struct FloatForms {
  std::vector<std::uint8_t> by_float;
  AlignedVector<float> scale, offset;
  AlignedVector<std::int32_t> start;
};

FloatForms no_float_forms(const Layout& layout) {
  FloatForms forms;
  forms.by_float.assign(layout.panels(), 0);
  forms.start.assign(layout.slots(), 0);
  return forms;
}

// Finds which channels step right in single precision, and from where their sums start then. Those
// of a panel all do, or none.
FloatForms find_float_forms(const Int8Conv& conv, const std::vector<Channel>& channels,
                            const Layout& layout) {
  struct Form {
    float scale = 0, offset = 0;
    std::int32_t start = 0;
  };
  const std::int32_t zero = conv.output.zero_point;
  std::vector<Form> forms;
  std::vector<std::uint8_t> by_float(layout.panels(), 1);
  for (const auto& [multiplier, sums] : channels) {
    std::optional<Form> form;
    if (conv.relu) {
      if (const auto found =
              fit_shifted_requantization(multiplier, zero, sums.lowest, sums.highest)) {
        form = {found->scale, found->offset, ShiftedRequantization::kZeroBits + found->start};
      }
    } else if (const auto found = fit_float_requantization(
                   multiplier, zero, static_cast<std::int32_t>(sums.largest()))) {
      form = {found->scale, found->offset, 0};
    }
    if (!form) by_float[layout.slot(forms.size()) / layout.lanes] = 0;
    forms.push_back(form.value_or(Form{}));
  }
  auto start = map_to_panels<std::int32_t>(forms, layout, [](const Form& f) { return f.start; });
  for (std::size_t slot = 0; slot < start.size(); ++slot) {
    if (by_float[slot / layout.lanes] == 0) start[slot] = 0;
  }
  return {std::move(by_float),
          map_to_panels<float>(forms, layout, [](const Form& f) { return f.scale; }),
          map_to_panels<float>(forms, layout, [](const Form& f) { return f.offset; }),
          std::move(start)};
}

WideRequantization pack_wide(const std::vector<Channel>& channels, const Layout& layout) {
  const auto per_channel = [&](const auto& value) {
    return map_to_panels<std::int32_t>(channels, layout, value);
  };
  return {
      .multiplier = per_channel([](const Channel& c) { return c.multiplier.multiplier; }),
      .left_shift = per_channel([](const Channel& c) { return std::max(c.multiplier.shift, 0); }),
      .right_shift = per_channel([](const Channel& c) { return std::max(-c.multiplier.shift, 0); }),
  };
}

NarrowRequantization pack_narrow(const Int8Conv& conv, const std::vector<Channel>& channels,
                                 const Layout& layout, const FloatForms& forms) {
  const Int8Bounds bounds = conv.bounds();
  const auto per_channel = [&](const auto& value) {
    return map_to_panels<std::int32_t>(channels, layout, value);
  };
  return {
      .multiplier = per_channel([](const Channel& c) { return c.multiplier.multiplier; }),
      .round = per_channel([&](const Channel& c) {
        const int shift = -c.multiplier.shift;
        return 1 + (1 << shift) + conv.output.zero_point * (2 << shift);
      }),
      .shift = per_channel([](const Channel& c) { return 1 - c.multiplier.shift; }),
      .clip_above = add(per_channel([&](const Channel& c) {
                          return first_reaching(c.multiplier, bounds.highest() + 1) - 1;
                        }),
                        forms.start),
      .clip_below = per_channel([&](const Channel& c) {
        return conv.relu ? std::numeric_limits<std::int32_t>::min()
                         : first_reaching(c.multiplier, bounds.lowest());
      }),
      .by_float = forms.by_float,
      .float_scale = forms.scale,
      .float_offset = forms.offset,
  };
}

}  // namespace

PackedRequantization pack_requantization(const Int8Conv& conv, const Layout& layout,
                                         bool in_float) {
  const std::vector<Channel> channels = channels_of(conv);
  if (!std::ranges::all_of(channels, &Channel::is_narrow)) {
    return {pack_wide(channels, layout), AlignedVector<std::int32_t>(layout.slots(), 0)};
  }
  const FloatForms forms =
      in_float ? find_float_forms(conv, channels, layout) : no_float_forms(layout);
  return {pack_narrow(conv, channels, layout, forms), forms.start};
}

}  // namespace edgeproof::runtime
