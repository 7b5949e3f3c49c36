// Convolutions with Helium: VMLADAVA multiplies 16 pairs of bytes and adds all products to an even
// register, of which there are eight: two output channels by four positions. The order of taps is
// chosen so that what one position has loaded serves its neighbours. Test: device_test.cpp under
// QEMU.

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

int padded_channels(const Conv& conv) {
  return (conv.geometry().out_channels + 3) / 4 * 4;
}

// Channels whose sums scratch memory holds at a time. Packed weights are unpacked for as many.
int chunk(const Conv& conv) {
  return std::min(padded_channels(conv), conv.bits == 8 ? 64 : 8);
}

// Where the vectors of a window begin, in the order in which they are multiplied.
std::vector<int> vector_offsets(const Conv& conv) {
  const int channels = conv.geometry().in_channels, taps = conv.taps();
  std::vector<int> offsets;
  if (channels % kVector == 0) {
    for (int slice = 0; slice < channels; slice += kVector) {
      for (int t = 0; t < taps; t += channels) offsets.push_back(t + slice);
    }
    return offsets;
  }
  for (int t = 0; t < taps; t += kVector) offsets.push_back(t);
  return offsets;
}

// Loads from a pointer reach so far up and down.
struct Reach {
  const char* load;
  int most;
  int span;  // of offsets that one pointer serves
};
Reach reach(const Conv& conv) {
  const bool aligned = conv.geometry().in_channels % 4 == 0 && conv.row_step() % 4 == 0;
  return aligned ? Reach{"vldrw.u32", 508, 1020} : Reach{"vldrb.u8", 127, 255};
}
int last_offset(const Conv& conv) {
  const std::vector<int> offsets = vector_offsets(conv);
  return *std::ranges::max_element(offsets) + (kPositions - 1) * conv.row_step();
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
  for (const int offset : vector_offsets(conv)) {
    text += line("vldrb.u8 q6, [r1], #16") + line("vldrb.u8 q7, [r1], #16");
    for (int p = 0; p < kPositions; ++p) {
      const int at = offset + p * conv.row_step();
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
  const std::vector<int> offsets = vector_offsets(conv);
  const int channels = conv.geometry().out_channels;
  std::vector<std::int8_t> values;
  for (int first = 0; first < padded_channels(conv); first += 2) {
    for (const int offset : offsets) {
      for (int c = first; c < first + 2; ++c) {
        for (int t = offset; t < offset + kVector; ++t) {
          const bool inside = c < channels && t < conv.taps();
          values.push_back(inside ? conv.weight(c, t) : std::int8_t{0});
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
  if (!right || conv.segments != 1 || conv.geometry().groups != 1) return false;
  return conv.positions >= kPositions &&
         vector_offsets(conv).size() <= static_cast<std::size_t>(kMostVectors) &&
         last_offset(conv) / reach(conv).span < static_cast<int>(kBases.size());
}

std::size_t mve_scratch_bytes(const Conv& conv) {
  const auto channels = static_cast<std::size_t>(chunk(conv));
  const std::size_t sums = channels * kPositions * 4;
  return conv.bits == 8 ? sums : sums + channels * vector_offsets(conv).size() * kVector;
}

Code mve_conv(const Conv& conv) {
  const std::string& name = conv.step->name;
  const int out_channels = conv.geometry().out_channels;
  std::vector<Channel> channels(static_cast<std::size_t>(padded_channels(conv)));
  for (int c = 0; c < out_channels; ++c) {
    channels[c] = {conv.bias[c], conv.multipliers[c].multiplier, 0, conv.multipliers[c].shift};
  }
  const int row = static_cast<int>(vector_offsets(conv).size()) * kVector;
  const auto weights = pack_rows(blocks(conv), 2 * row, conv.bits);
  Code code;
  code.tables = table<std::int8_t>("int8_t", name + "_weights", weights) +
                vector_table(name, channels) + Tables{dot_function(conv)};
  code.body = fmt::format(
      "  const ep_vectors v = {{{0}_bias, {0}_multiplier, {0}_shift}};\n"
      "  ep_mve_convolution(x, y, {0}_weights, &v, (int32_t *)(void *)scratch, ep_dot_{0}, {1}, "
      "{2},\n                     {3}, {4}, {5}, {6}, {7}, {8}, {9}, {10});\n",
      name, conv.positions, conv.row_step(), out_channels, chunk(conv), row, conv.bits,
      int{conv.step->pool}, int{conv.layer->relu}, conv.layer->output.zero_point, conv.lowest());
  return code;
}

}  // namespace edgeproof::formats::c
