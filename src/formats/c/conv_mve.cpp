// Convolutions with Helium: VMLADAVA multiplies 16 pairs of bytes and adds all products to an even
// register, of which there are eight: two output channels by four positions. The order of taps is
// chosen so that what one position has loaded serves its neighbours. Test:
// targets/device_test.cpp under QEMU.

#include <algorithm>
#include <array>
#include <cstdlib>

#include "formats/c/conv.h"

namespace edgeproof::formats::c {
namespace {

constexpr int kPositions = 4, kVector = 16;
constexpr int kMostVectors = 64;  // of a window: the code is not a loop
constexpr std::array<const char*, 8> kSums = {"r0", "r2", "r4", "r6", "r8", "r10", "r12", "lr"};
constexpr std::array<const char*, 3> kBases = {"r3", "r5", "r7"};
constexpr int kInputRegisters = 6;  // q0 to q5; q6 and q7 have weights

// Of a group; tables have as many for each.
int padded_channels(const Conv& conv) {
  return (conv.group_channels() + 3) / 4 * 4;
}

// Channels whose sums scratch memory holds at a time. Packed weights are unpacked for as many.
int chunk(const Conv& conv) {
  return std::min(padded_channels(conv), conv.bits == 8 ? 64 : 8);
}

// A vector's first tap, how many it has of the window's, and where it begins.
struct Vector {
  int tap = 0, taps = 0, offset = 0;
};

// Of a window, in the order in which they are multiplied: vectors at the same channels of
// neighbouring positions follow each other where there are any.
std::vector<Vector> vectors(const Conv& conv) {
  const int channels = conv.geometry().in_channels / conv.geometry().groups;
  const bool slices = channels % kVector == 0;
  const int run = slices ? channels : conv.run, segments = conv.taps() / run;
  const int step = conv.segments == 1 ? run : conv.segment_step();
  std::vector<Vector> all;
  for (int i = 0; i < run; i += kVector) {
    for (int s = 0; s < segments; ++s)
      all.push_back({s * run + i, std::min(kVector, run - i), s * step + i});
  }
  return all;
}

// Loads from a pointer reach so far up and down.
struct Reach {
  const char* load;
  int most;
  int span;  // of offsets that one pointer serves
};
Reach reach(const Conv& conv) {
  const bool aligned = conv.geometry().in_channels % 4 == 0 && conv.row_step() % 4 == 0 &&
                       (conv.geometry().groups == 1 || conv.run % 4 == 0);
  return aligned ? Reach{"vldrw.u32", 508, 1020} : Reach{"vldrb.u8", 127, 255};
}
int last_offset(const Conv& conv) {
  int last = 0;
  for (const Vector& v : vectors(conv)) last = std::max(last, v.offset);
  return last + (kPositions - 1) * conv.row_step();
}

// Which register holds the inputs at which offset; the one that was used longest ago makes room.
class Inputs {
 public:
  // The register, and whether it has to be loaded.
  std::pair<int, bool> get(int offset) {
    ++time_;
    for (int i = 0; i < kInputRegisters; ++i) {
      if (held_[i] != offset) continue;
      used_[i] = time_;
      return {i, false};
    }
    const auto oldest = static_cast<int>(std::ranges::min_element(used_) - used_.begin());
    held_[oldest] = offset;
    used_[oldest] = time_;
    return {oldest, true};
  }

 private:
  std::array<int, kInputRegisters> held_ = {-1, -1, -1, -1, -1, -1}, used_ = {};
  int time_ = 0;
};

std::string line(const std::string& code) {
  return "    \"" + code + "\\n\"\n";
}

// Two channels at four positions.
std::string block(const Conv& conv) {
  const Reach by = reach(conv);
  Inputs inputs;
  std::string text;
  bool first = true;
  for (const Vector& v : vectors(conv)) {
    text += line("vldrb.u8 q6, [r1], #16") + line("vldrb.u8 q7, [r1], #16");
    for (int p = 0; p < kPositions; ++p) {
      const int at = v.offset + p * conv.row_step();
      const auto [q, load] = inputs.get(at);
      const int base = at / by.span;
      if (load) {
        text += line(fmt::format("{} q{}, [{}, #{}]", by.load, q, kBases[base],
                                 at - base * by.span - by.most));
      }
      for (int c = 0; c < 2; ++c) {
        text += line(fmt::format("{}.s8 {}, q{}, q{}", first ? "vmladav" : "vmladava",
                                 kSums[2 * p + c], q, 6 + c));
      }
    }
    first = false;
  }
  return text;
}

// r1: weights, r3, r5, r7: inputs, r9: pairs of channels to go, r11: sums.
std::string dot_function(const Conv& conv) {
  const Reach by = reach(conv);
  std::string text = fmt::format(
      "__attribute__((naked)) static void ep_dot_{}(\n"
      "    EP_UNUSED const int8_t *x, EP_UNUSED const int8_t *weights,\n"
      "    EP_UNUSED int32_t *sums, EP_UNUSED int pairs)\n{{\n  __asm__ volatile(\n"
      "    \"push {{r4-r11, lr}}\\n\"\n    \"sub sp, sp, #4\\n\"\n    \"vpush {{d12-d15}}\\n\"\n"
      "    \"vpush {{d8-d11}}\\n\"\n    \"mov r9, r3\\n\"\n    \"mov r11, r2\\n\"\n",
      conv.step->name);
  for (int base = 0; base <= last_offset(conv) / by.span; ++base) {
    text += line(fmt::format("addw {}, r0, #{}", kBases[base], base * by.span + by.most));
  }
  text += line("1:") + block(conv);
  const int row = chunk(conv) * 4;
  for (int p = kPositions - 1; p > 0; --p) {
    text += line(fmt::format("strd {}, {}, [r11, #{}]", kSums[2 * p], kSums[2 * p + 1], p * row));
  }
  return text + line("strd r0, r2, [r11], #8") + line("subs r9, r9, #1") + line("bne 1b") +
         line("vpop {d8-d11}") + line("vpop {d12-d15}") + line("add sp, sp, #4") +
         "    \"pop {r4-r11, pc}\\n\");\n}\n";
}

std::vector<std::int8_t> blocks(const Conv& conv) {
  const std::vector<Vector> all = vectors(conv);
  const int channels = conv.group_channels();
  std::vector<std::int8_t> values;
  for (int group = 0; group < conv.geometry().groups; ++group) {
    for (int first = 0; first < padded_channels(conv); first += 2) {
      for (const Vector& v : all) {
        for (int c = first; c < first + 2; ++c) {
          for (int i = 0; i < kVector; ++i) {
            const bool inside = c < channels && i < v.taps;
            values.push_back(inside ? conv.weight(group * channels + c, v.tap + i)
                                    : std::int8_t{0});
          }
        }
      }
    }
  }
  return values;
}

}  // namespace

Tables vector_table(const std::string& name, const std::vector<Channel>& channels) {
  std::vector<std::int32_t> bias, multiplier, shift;
  for (const Channel& c : channels) {
    // A least bias has no literal; one more cannot matter to a sum that far from any level.
    bias.push_back(std::max(c.bias, -INT32_MAX));
    multiplier.push_back(c.multiplier);
    shift.push_back(c.shift);
  }
  return table<std::int32_t>("int32_t", name + "_bias", bias) +
         table<std::int32_t>("int32_t", name + "_multiplier", multiplier) +
         table<std::int32_t>("int32_t", name + "_shift", shift);
}

bool fits_mve(const Conv& conv) {
  const bool right =
      std::ranges::all_of(conv.multipliers, [](FixedMultiplier m) { return m.shift <= 0; });
  const bool wide_enough = conv.run >= 4 && conv.group_channels() >= 2;
  if (!right || (conv.geometry().groups != 1 && !wide_enough)) return false;
  return conv.positions >= kPositions &&
         vectors(conv).size() <= static_cast<std::size_t>(kMostVectors) &&
         last_offset(conv) / reach(conv).span < static_cast<int>(kBases.size());
}

std::size_t mve_scratch_bytes(const Conv& conv) {
  const auto channels = static_cast<std::size_t>(chunk(conv));
  const std::size_t sums = channels * kPositions * 4;
  return conv.bits == 8 ? sums : sums + channels * vectors(conv).size() * kVector;
}

Code mve_conv(const Conv& conv) {
  const std::string& name = conv.step->name;
  const int count = conv.group_channels(), padded = padded_channels(conv);
  const int groups = conv.geometry().groups;
  std::vector<Channel> channels(static_cast<std::size_t>(groups) * padded);
  for (int i = 0; i < conv.geometry().out_channels; ++i) {
    channels[i / count * padded + i % count] = {conv.bias[i], conv.multipliers[i].multiplier, 0,
                                                conv.multipliers[i].shift};
  }
  const int row = static_cast<int>(vectors(conv).size()) * kVector;
  const auto weights = pack_rows(blocks(conv), 2 * row, conv.bits);
  const auto table_of_group = [&](const char* what) {
    return of_group(conv, fmt::format("{}_{}", name, what), padded);
  };
  // Blocks of the tail end where the positions do, as those of a window.
  const bool aligned = conv.positions % kPositions == 0;
  const std::string left_out = conv.left_out() + (aligned && conv.tail > 0 ? " & ~3" : "");
  Code code;
  code.tables = table<std::int8_t>("int8_t", name + "_weights", weights) +
                vector_table(name, channels) + Tables{dot_function(conv)};
  code.body = for_each_group(
      conv,
      fmt::format("  const ep_vectors v = {{{}, {}, {}}};\n", table_of_group("bias"),
                  table_of_group("multiplier"), table_of_group("shift")) +
          fmt::format(
              "  ep_mve_convolution({}, {}, {}, &v, (int32_t *)(void *)scratch, ep_dot_{}, {}, "
              "{}, {},\n                     {}, {}, {}, {}, {}, {}, {}, {}, {});\n",
              of_group(conv, "x", conv.run), of_group(conv, "y", count),
              of_group(conv, name + "_weights", padded * row * conv.bits / 8), name, conv.positions,
              left_out, conv.row_step(), count, conv.geometry().out_channels, chunk(conv), row,
              conv.bits, int{conv.step->pool}, int{conv.layer->relu}, conv.layer->output.zero_point,
              conv.lowest()));
  return code;
}

}  // namespace edgeproof::formats::c
