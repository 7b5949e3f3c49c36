// Convolutions with the DSP extension: SMLAD multiplies two pairs of 16 bits and adds both
// products. Four output channels by two positions stay in registers. Their weights are brought to
// 16 bits once a layer, into scratch memory; inputs are used as they lie in memory.
//
// Of four inputs in a word, SXTB16 would take two instructions and two registers to make pairs. We
// need one: let the bytes at even addresses hold u = x + 128, those at odd ones x. A half word is
// then X = 256 x_odd + u_even, and UXTB16 gives U = u_even. With weights B = w_odd and
// H = 256 w_even - w_odd, which fits 16 bits because |w| <= 127,
//   X B + U H = 256 (x_odd w_odd + u_even w_even).
// Sums are 256 times as large, so they have to stay below 2^23; 128 sum(w_even) goes into the bias.
// The layer flips the upper bits of its input's even bytes itself, and back if anybody else reads
// it. Where windows do not all begin at the same parity, inputs are unpacked the plain way.
// Test: device_test.cpp under QEMU.

#include <algorithm>

#include "formats/c/conv.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kChannels = 4, kPositions = 2;
constexpr int kLargestOffset = 4095;  // of LDR

int words(const Conv& conv) {
  return (conv.taps() + 3) / 4;
}

bool is_paired(const Conv& conv) {
  const bool small_shifts = std::ranges::all_of(conv.multipliers, [](FixedMultiplier m) {
    return m.shift >= -15;  // the constant of the requantization fits
  });
  return conv.row_step() % 2 == 0 && conv.largest_sum < 1 << 23 && small_shifts;
}

// Four words a time, or another number without a remainder.
int unrolled(int words) {
  for (const int n : {4, 5, 6, 3, 7, 2}) {
    if (words % n == 0) return n;
  }
  return 1;
}

// Weights of four channels meet one input each of two positions; `rotate`, `extend` as below.
std::string multiply(const std::string& a, const std::string& b) {
  std::string text;
  const auto pair = [&](const char* x, int first) {
    for (int c = 0; c < 2; ++c) {
      const int acc = first + c;
      text += fmt::format("    \"smlad r{0}, {1}, {2}, r{0}\\n\"\n", acc, x, c == 0 ? a : b);
    }
  };
  text += fmt::format("    \"ldrd {}, {}, [r1], #8\\n\"\n", a, b);
  pair("r2", 4);
  pair("r3", 8);
  text += fmt::format("    \"ldrd {}, {}, [r1], #8\\n\"\n", a, b);
  pair("r2", 6);
  pair("r3", 10);
  return text;
}

std::string word(int row_step, bool paired) {
  const auto line = [](const std::string& code) { return "    \"" + code + "\\n\"\n"; };
  std::string text;
  if (paired) {
    text += line(fmt::format("ldr r3, [r0, #{}]", row_step)) + line("ldr r2, [r0], #4");
    text += multiply("r12", "lr");
    text += line("uxtb16 r2, r2") + line("uxtb16 r3, r3");
    return text + multiply("r12", "lr");
  }
  text += line(fmt::format("ldr r3, [r0, #{}]", row_step)) + line("ldr r2, [r0]");
  text += line("sxtb16 r2, r2") + line("sxtb16 r3, r3");
  text += multiply("r12", "lr");
  text += line(fmt::format("ldr r3, [r0, #{}]", row_step)) + line("ldr r2, [r0], #4");
  text += line("sxtb16 r2, r2, ror #8") + line("sxtb16 r3, r3, ror #8");
  return text + multiply("r12", "lr");
}

// Sums of four channels at two positions. r0: inputs, r1: weights, r4 to r11: sums; the end of the
// weights is on the stack.
std::string dot_function(const Conv& conv, bool paired) {
  const int count = words(conv), unroll = unrolled(count);
  std::string text = fmt::format(
      "__attribute__((naked)) static void ep_dot_{}(\n"
      "    EP_UNUSED const int8_t *x, EP_UNUSED const uint32_t *weights,\n"
      "    EP_UNUSED const int32_t *bias, EP_UNUSED int32_t *sums)\n{{\n  __asm__ volatile(\n"
      "    \"push {{r3-r11, lr}}\\n\"\n    \"movw r12, #{}\\n\"\n    \"add r12, r1, r12\\n\"\n"
      "    \"push {{r12}}\\n\"\n    \"ldm r2, {{r4-r7}}\\n\"\n",
      conv.step->name, count * 32);
  for (int i = 0; i < 4; ++i) text += fmt::format("    \"mov r{}, r{}\\n\"\n", 8 + i, 4 + i);
  text += "    \"1:\\n\"\n";
  for (int i = 0; i < unroll; ++i) text += word(conv.row_step(), paired);
  if (unroll < count) {
    text += "    \"ldr r12, [sp]\\n\"\n    \"cmp r1, r12\\n\"\n    \"bne 1b\\n\"\n";
  }
  return text +
         "    \"pop {r2, r3}\\n\"\n    \"stm r3, {r4-r11}\\n\"\n    \"pop {r4-r11, pc}\\n\");\n}\n";
}

// Four channels side by side, four taps each, in the order of the module's weights.
std::vector<std::int8_t> blocks(const Conv& conv) {
  const int count = words(conv), channels = conv.geometry().out_channels;
  std::vector<std::int8_t> values;
  for (int first = 0; first < channels; first += kChannels) {
    for (int k = 0; k < count; ++k) {
      for (int c = first; c < first + kChannels; ++c) {
        for (int t = 4 * k; t < 4 * k + 4; ++t) {
          const bool inside = c < channels && t < conv.taps();
          values.push_back(inside ? conv.weight(c, t) : std::int8_t{0});
        }
      }
    }
  }
  return values;
}

Channel dsp_channel(const Conv& conv, int index, bool paired) {
  if (!paired) return channel(conv, index);
  Channel result = channel(conv, index, 8);
  std::uint32_t even = 0;
  for (int t = 0; t < conv.taps(); t += 2)
    even += static_cast<std::uint32_t>(conv.weight(index, t));
  result.bias =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(result.bias) - even * 128 * 256);
  return result;
}

}  // namespace

bool fits_dsp(const Conv& conv) {
  return conv.narrow && conv.segments == 1 && conv.geometry().groups == 1 &&
         conv.positions >= kPositions && conv.row_step() <= kLargestOffset &&
         words(conv) * 32 < 65536;
}

std::size_t dsp_scratch_bytes(const Conv& conv) {
  return static_cast<std::size_t>(words(conv)) * 32;
}

Code dsp_conv(const Conv& conv) {
  const runtime::ConvGeometry& g = conv.geometry();
  const std::string& name = conv.step->name;
  const bool paired = is_paired(conv);
  const int count = words(conv);
  Code code;
  std::vector<Channel> channels;
  std::vector<std::int32_t> bias;
  for (int c = 0; c < g.out_channels; ++c) channels.push_back(dsp_channel(conv, c, paired));
  for (const Channel& c : channels) bias.push_back(c.bias);
  const auto weights = pack_rows(blocks(conv), count * 16, conv.bits);
  code.tables = Tables{"EP_ALIGNED "} + table<std::int8_t>("int8_t", name + "_weights", weights) +
                channel_table(name + "_channels", channels) + Tables{dot_function(conv, paired)};
  const int bytes = (g.pad_left + g.in_length + g.pad_right) * g.in_channels;
  if (paired) code.body += fmt::format("  ep_flip(x, {});\n", bytes);
  code.body += fmt::format(
      "  ep_dsp_convolution(x, y, {0}_weights, {0}_channels, (uint32_t *)(void *)scratch, "
      "ep_dot_{0},\n"
      "                     {1}, {2}, {3}, {4}, {5}, {6}, {7}, {8});\n",
      name, conv.positions, conv.row_step(), g.out_channels, count, conv.bits, int{conv.step->pool},
      int{paired}, int{conv.layer->relu});
  if (paired && conv.step->input_needed_later) {
    code.body += fmt::format("  ep_flip(x, {});\n", bytes);
  }
  return code;
}

}  // namespace edgeproof::formats::c
