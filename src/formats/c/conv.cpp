// Test: export_test.cpp.

#include "formats/c/conv.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace edgeproof::formats::c {
namespace {

std::int64_t largest_sum(const runtime::Int8Conv& layer, std::size_t channel) {
  const std::size_t taps = layer.weights.size() / layer.bias.size();
  std::int64_t sum = std::abs(std::int64_t{layer.bias[channel]});
  for (std::size_t i = channel * taps; i < (channel + 1) * taps; ++i) {
    sum += 255 * std::abs(int{layer.weights[i]});
  }
  return sum;
}

// As the host's kernels have it (runtime/kernels/pack.cpp).
FixedMultiplier effective(FixedMultiplier m, std::int64_t largest) {
  const double result = std::ldexp(m.multiplier, m.shift - 31) * static_cast<double>(largest);
  return result < 0.25 ? FixedMultiplier{0, -1} : m;
}

Code plain_conv(const Conv& conv, const char* function) {
  const runtime::ConvGeometry& g = conv.geometry();
  const std::string& name = conv.step->name;
  return {
      plain_tables(conv),
      fmt::format(
          "  const ep_conv conv = {{{}.positions = {}, .row_step = {}, .channels = {},\n"
          "                        .groups = {}, .out_channels = {}, .segments = {}, .run = {},\n"
          "                        .segment_step = {}, .bits = {}, .pool = {}, .narrow = {},\n"
          "                        .lowest = {}}};\n"
          "  {}(x, y, {}_weights, {}_channels, scratch, &conv);\n",
          conv.tail > 0 ? fmt::format(".head = {}, .tail = tail, ", conv.head) : "", conv.positions,
          conv.row_step(), conv.group_channels(), g.groups, g.out_channels, conv.segments, conv.run,
          conv.segment_step(), conv.bits, int{conv.step->pool}, int{conv.narrow}, conv.lowest(),
          function, name, name)};
}

}  // namespace

Conv describe(const Module& module, const Step& step) {
  const runtime::Int8Conv& layer = *module.conv(step);
  const runtime::ConvGeometry& g = layer.geometry;
  Conv conv{&step, &layer};
  const graph::Weights& weights = *graph::weights_of(module.graph.nodes[step.node].op);
  conv.bits = std::get<graph::Int8Weights>(weights).bits;
  conv.positions = step.pool ? 2 * (g.out_length / 2) : g.out_length;
  const runtime::Kept& kept = module.kept_by(step);
  if (kept.count > 0) {
    conv.head = kept.first * (step.pool ? 2 : 1);
    conv.tail = kept.end() * (step.pool ? 2 : 1);
  }
  conv.input_is_kept = module.kept[step.inputs[0]].count > 0;
  const bool contiguous = g.groups == 1 && (g.dilation == 1 || g.kernel == 1);
  conv.run = contiguous ? g.kernel * g.in_channels : g.in_channels / g.groups;
  conv.segments = contiguous ? 1 : g.kernel;
  conv.narrow = true;
  for (int c = 0; c < g.out_channels; ++c) {
    const std::int64_t largest = largest_sum(layer, c);
    const FixedMultiplier m = effective(layer.multipliers[c], largest);
    conv.multipliers.push_back(m);
    conv.largest_sum = std::max(conv.largest_sum, largest);
    conv.narrow = conv.narrow && largest < 1 << 29 && m.shift <= -1 && m.shift >= -20;
    auto bias = static_cast<std::uint32_t>(layer.bias[c]);
    for (int t = 0; t < conv.taps(); ++t) {
      bias -= static_cast<std::uint32_t>(layer.input_zero * conv.weight(c, t));
    }
    conv.bias.push_back(static_cast<std::int32_t>(bias));
  }
  if (!conv.narrow) conv.multipliers = layer.multipliers;
  return conv;
}

Channel channel(const Conv& conv, int index, int log2_scale) {
  const FixedMultiplier m = conv.multipliers[index];
  const std::int32_t zero = conv.layer->output.zero_point;
  const auto bias = static_cast<std::uint32_t>(conv.bias[index]) << log2_scale;
  if (!conv.narrow) return {static_cast<std::int32_t>(bias), m.multiplier, zero, m.shift};
  // Sums 2^k times as large leave k - 2 bits more to shift out, where 4 is there already.
  const int more = log2_scale == 0 ? 0 : log2_scale - 2;
  const int s = -m.shift;
  return {static_cast<std::int32_t>(bias), m.multiplier,
          (1 + (1 << s) + zero * (2 << s)) * (1 << more), s + 1 + more};
}

Tables channel_table(const std::string& name, const std::vector<Channel>& channels) {
  std::string text = fmt::format("static const ep_channel {}[{}] = {{\n", name, channels.size());
  for (const Channel& c : channels) {
    // INT32_MIN has no literal of its own type in C.
    const std::string bias = c.bias == INT32_MIN ? "-2147483647 - 1" : fmt::format("{}", c.bias);
    text += fmt::format("  {{{}, {}, {}, {}}},\n", bias, c.multiplier, c.round, c.shift);
  }
  return {text + "};\n", 16 * channels.size()};
}

std::vector<std::int8_t> pack_rows(const std::vector<std::int8_t>& values, int row, int bits) {
  if (bits == 8) return values;
  const int per_byte = 8 / bits, row_bytes = (row + per_byte - 1) / per_byte;
  std::vector<std::int8_t> packed;
  for (std::size_t first = 0; first < values.size(); first += row) {
    for (int b = 0; b < row_bytes; ++b) {
      unsigned byte = 0;
      for (int i = 0; i < per_byte && b * per_byte + i < row; ++i) {
        const auto level = static_cast<unsigned>(values[first + b * per_byte + i]);
        byte |= (level & ((1U << bits) - 1)) << (i * bits);
      }
      packed.push_back(static_cast<std::int8_t>(static_cast<std::uint8_t>(byte)));
    }
  }
  return packed;
}

Tables plain_tables(const Conv& conv) {
  const std::string& name = conv.step->name;
  std::vector<Channel> channels;
  for (int c = 0; c < conv.geometry().out_channels; ++c) channels.push_back(channel(conv, c));
  const auto weights = pack_rows(conv.layer->weights, conv.taps(), conv.bits);
  return table<std::int8_t>("int8_t", name + "_weights", weights) +
         channel_table(name + "_channels", channels);
}

bool fits_rows(const Conv& conv, Target target) {
  return target != Target::portable && conv.run >= 4;
}

std::size_t scratch_bytes(const Conv& conv, Target target) {
  if (fits_depthwise(conv, target)) return depthwise_scratch_bytes(conv, target);
  if (target == Target::dsp && fits_dsp(conv)) return dsp_scratch_bytes(conv);
  if (target == Target::mve && fits_mve(conv)) return mve_scratch_bytes(conv);
  if (conv.bits == 8) return 0;
  return (fits_rows(conv, target) ? 4 : 2) * static_cast<std::size_t>(conv.taps());
}

Code code_for(const Conv& conv, Target target) {
  if (target == Target::dsp && fits_depthwise(conv, target)) return dsp_depthwise(conv);
  if (target == Target::mve && fits_depthwise(conv, target)) return mve_depthwise(conv);
  if (target == Target::dsp && fits_dsp(conv)) return dsp_conv(conv);
  if (target == Target::mve && fits_mve(conv)) return mve_conv(conv);
  if (fits_rows(conv, target)) return plain_conv(conv, "ep_rows");
  return plain_conv(conv, conv.depthwise() ? "ep_depthwise" : "ep_convolution");
}

std::string for_each_group(const Conv& conv, const std::string& statements) {
  if (conv.geometry().groups == 1) return statements;
  return fmt::format("  int g;\n  for (g = 0; g < {}; ++g) {{\n{}  }}\n", conv.geometry().groups,
                     statements);
}

std::string of_group(const Conv& conv, const std::string& first, int step) {
  return conv.geometry().groups == 1 ? first : fmt::format("{} + g * {}", first, step);
}

}  // namespace edgeproof::formats::c
