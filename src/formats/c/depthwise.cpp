// Depthwise convolutions, channel by channel, with Helium four at a time: weights of short kernels
// stay in registers while positions go by. Test: targets/device_test.cpp under QEMU.

#include <algorithm>

#include "formats/c/conv.h"

namespace edgeproof::formats::c {
namespace {

std::string call(const Conv& conv, const std::string& function, const std::string& tables,
                 int more) {
  return fmt::format("  {}(x, y, {}, scratch, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});\n",
                     function, tables, conv.positions, conv.left_out(), conv.row_step(),
                     conv.geometry().out_channels, conv.segments, conv.segment_step(), conv.bits,
                     int{conv.step->pool}, int{conv.layer->relu}, more, conv.lowest());
}

}  // namespace

bool fits_depthwise(const Conv& conv, Target target) {
  if (!conv.depthwise() || target == Target::portable) return false;
  return target == Target::dsp ||
         std::ranges::all_of(conv.multipliers, [](FixedMultiplier m) { return m.shift <= 0; });
}

std::size_t depthwise_scratch_bytes(const Conv& conv, Target target) {
  if (conv.bits == 8) return 0;
  return static_cast<std::size_t>(conv.taps()) *
         (target == Target::mve ? conv.geometry().out_channels : 1);
}

Code dsp_depthwise(const Conv& conv) {
  const std::string& name = conv.step->name;
  return {plain_tables(conv),
          call(conv, "ep_dsp_depthwise", fmt::format("{0}_weights, {0}_channels", name),
               int{conv.narrow})};
}

Code mve_depthwise(const Conv& conv) {
  const std::string& name = conv.step->name;
  const int count = conv.geometry().out_channels;
  std::vector<std::int8_t> by_tap;
  std::vector<Channel> channels;
  for (int t = 0; t < conv.taps(); ++t) {
    for (int c = 0; c < count; ++c) by_tap.push_back(conv.weight(c, t));
  }
  for (int c = 0; c < count; ++c) {
    channels.push_back(
        {conv.bias[c], conv.multipliers[c].multiplier, 0, conv.multipliers[c].shift});
  }
  const auto weights = pack_rows(by_tap, count * conv.taps(), conv.bits);
  return {table<std::int8_t>("int8_t", name + "_weights", weights) + vector_table(name, channels),
          fmt::format("  const ep_vectors v = {{{0}_bias, {0}_multiplier, {0}_shift}};\n", name) +
              call(conv, "ep_mve_depthwise", name + "_weights, &v", conv.layer->output.zero_point)};
}

}  // namespace edgeproof::formats::c
