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
//
// A window of a dilated or grouped convolution is one segment a tap of the kernel, each of whole
// words.
// Test: targets/device_test.cpp under QEMU.

#include <algorithm>

#include "formats/c/conv.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kChannels = 4, kPositions = 2;
constexpr int kLargestOffset = 4095;  // of LDR
constexpr int kLargestJump = 65535;   // of MOVW

int segment_words(const Conv& conv) {
  return (conv.run + 3) / 4;
}
int words(const Conv& conv) {
  return conv.segments * segment_words(conv);
}
// From the end of a segment to the next one.
int jump(const Conv& conv) {
  return conv.segment_step() - 4 * segment_words(conv);
}

bool is_paired(const Conv& conv) {
  const bool small_shifts = std::ranges::all_of(conv.multipliers, [](FixedMultiplier m) {
    return m.shift >= -15;  // the constant of the requantization fits
  });
  const bool even = conv.row_step() % 2 == 0 &&
                    (conv.segments == 1 || conv.segment_step() % 2 == 0) &&
                    (conv.geometry().groups == 1 || conv.run % 2 == 0);
  return even && conv.largest_sum < 1 << 23 && small_shifts;
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

std::string line(const std::string& code) {
  return "    \"" + code + "\\n\"\n";
}

std::string word(int row_step, bool paired) {
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

// Multiplies `count` words. r0: inputs, r1: weights, r4 to r11: sums; where it loops, the end of
// the weights is on top of the stack.
std::string multiply_words(const Conv& conv, int count, bool paired) {
  const int unroll = unrolled(count);
  std::string text = line("1:");
  for (int i = 0; i < unroll; ++i) text += word(conv.row_step(), paired);
  if (unroll < count) text += line("ldr r12, [sp]") + line("cmp r1, r12") + line("bne 1b");
  return text;
}

// Segment by segment: on the stack the end of this one's weights, and how many are to go.
std::string multiply_segments(const Conv& conv, bool paired) {
  const int count = segment_words(conv), away = jump(conv);
  std::string text = line(fmt::format("movw r12, #{}", conv.segments)) + line("push {r12}") +
                     line("push {r12}") + line("2:") +
                     line(fmt::format("movw r12, #{}", count * 32)) + line("add r12, r1, r12") +
                     line("str r12, [sp]");
  text += multiply_words(conv, count, paired);
  text += line(fmt::format("movw r12, #{}", std::abs(away)));
  text += line(away < 0 ? "sub r0, r0, r12" : "add r0, r0, r12");
  text += line("ldr r12, [sp, #4]") + line("subs r12, r12, #1") + line("str r12, [sp, #4]");
  return text + line("bne 2b") + line("pop {r2}");
}

// Sums of four channels at two positions.
std::string dot_function(const Conv& conv, bool paired) {
  std::string text = fmt::format(
      "__attribute__((naked)) static void ep_dot_{}(\n"
      "    EP_UNUSED const int8_t *x, EP_UNUSED const uint32_t *weights,\n"
      "    EP_UNUSED const int32_t *bias, EP_UNUSED int32_t *sums)\n{{\n  __asm__ volatile(\n"
      "    \"push {{r3-r11, lr}}\\n\"\n    \"ldm r2, {{r4-r7}}\\n\"\n",
      conv.step->name);
  for (int i = 0; i < 4; ++i) text += line(fmt::format("mov r{}, r{}", 8 + i, 4 + i));
  if (conv.segments > 1) {
    text += multiply_segments(conv, paired);
  } else {
    text += line(fmt::format("movw r12, #{}", words(conv) * 32)) + line("add r12, r1, r12") +
            line("push {r12}") + multiply_words(conv, words(conv), paired);
  }
  return text + line("pop {r2, r3}") + line("stm r3, {r4-r11}") +
         "    \"pop {r4-r11, pc}\\n\");\n}\n";
}

// Four channels of a group side by side, four taps each, in the order of the module's weights.
std::vector<std::int8_t> blocks(const Conv& conv) {
  const int count = segment_words(conv), channels = conv.group_channels();
  std::vector<std::int8_t> values;
  for (int first = 0; first < conv.geometry().out_channels; first += channels) {
    for (int block = 0; block < channels; block += kChannels) {
      for (int k = 0; k < words(conv); ++k) {
        const int segment = k / count, from = 4 * (k % count);
        for (int c = block; c < block + kChannels; ++c) {
          for (int i = from; i < from + 4; ++i) {
            const bool inside = c < channels && i < conv.run;
            values.push_back(inside ? conv.weight(first + c, segment * conv.run + i)
                                    : std::int8_t{0});
          }
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
  for (int segment = 0; segment < conv.taps(); segment += conv.run) {
    for (int i = 0; i < conv.run; i += 2) {
      even += static_cast<std::uint32_t>(conv.weight(index, segment + i));
    }
  }
  result.bias =
      static_cast<std::int32_t>(static_cast<std::uint32_t>(result.bias) - even * 128 * 256);
  return result;
}

// Flips the inputs that the layer reads.
std::string flip(const Conv& conv) {
  const runtime::ConvGeometry& g = conv.geometry();
  const int bytes = (g.pad_left + g.in_length + g.pad_right) * g.in_channels;
  const int rows = (conv.head - 1) * g.stride + (g.kernel - 1) * g.dilation + 1;
  const int head_bytes = conv.head > 0 ? rows * g.in_channels : 0;
  const int from = conv.tail * conv.row_step();
  if (head_bytes >= from) return fmt::format("  ep_flip(x, {});\n", bytes);
  return fmt::format("  ep_flip(x, tail > 0 ? {} : {});\n  if (tail > 0) ep_flip(x + {}, {});\n",
                     head_bytes, bytes, from, bytes - from);
}

}  // namespace

bool fits_dsp(const Conv& conv) {
  const bool wide_enough = conv.run >= 2 && conv.group_channels() >= 2;
  return conv.narrow && (conv.geometry().groups == 1 || wide_enough) &&
         conv.positions >= kPositions && conv.row_step() <= kLargestOffset &&
         std::abs(jump(conv)) <= kLargestJump && words(conv) * 32 < 65536;
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
  for (int c = 0; c < g.out_channels; ++c) channels.push_back(dsp_channel(conv, c, paired));
  const auto weights = pack_rows(blocks(conv), count * 16, conv.bits);
  code.tables = Tables{"EP_ALIGNED "} + table<std::int8_t>("int8_t", name + "_weights", weights) +
                channel_table(name + "_channels", channels) + Tables{dot_function(conv, paired)};
  if (paired) code.body += flip(conv);
  const int blocks_of_group = (conv.group_channels() + kChannels - 1) / kChannels;
  code.body += for_each_group(
      conv,
      fmt::format(
          "  ep_dsp_convolution({0}, {1}, {2}, {3}, (uint32_t *)(void *)scratch, ep_dot_{4},\n"
          "                     {5}, {14}, {6}, {7}, {8}, {9}, {10}, {11}, {12}, {13});\n",
          of_group(conv, "x", conv.run), of_group(conv, "y", conv.group_channels()),
          of_group(conv, name + "_weights", blocks_of_group * count * 2 * conv.bits),
          of_group(conv, name + "_channels", conv.group_channels()), name, conv.positions,
          conv.row_step(), conv.group_channels(), g.out_channels, count, conv.bits,
          int{conv.step->pool}, int{paired}, int{conv.layer->relu}, conv.left_out()));
  if (paired && (conv.step->input_needed_later || conv.input_is_kept)) code.body += flip(conv);
  return code;
}

}  // namespace edgeproof::formats::c
