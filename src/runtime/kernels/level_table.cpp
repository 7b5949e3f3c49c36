// Scales are single precision throughout and become double only as multipliers, as in LiteRT.

#include "runtime/kernels/level_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "core/error.h"
#include "core/fixed_point.h"
#include "graph/elementwise.h"

namespace edgeproof::runtime {
namespace {

using graph::Quantization;
using enum graph::Elementwise::Function;

constexpr int kLowest = -128, kHighest = 127;

FixedMultiplier multiplier(float real, float limit, std::string_view where) {
  if (!(real < limit)) {
    fail(ErrorCode::bad_input, "{}: input scale / output scale is {}, expected less than {}", where,
         real, limit);
  }
  return fixed_multiplier(real);
}

// The level of a real bound, within those that there are.
int bound(float real, Quantization q) {
  const float level = std::round(real / q.scale) + static_cast<float>(q.zero_point);
  return static_cast<int>(
      std::clamp(level, static_cast<float>(q.lowest()), static_cast<float>(q.highest())));
}

// In 16-bit fixed point: the input times 2^7 on "the output's scale, not shifted yet", times
// relu6(x + 3) / 6 from [0, 1] as 0 to 32767.
class HardSwish {
 public:
  HardSwish(Quantization in, Quantization out, std::string_view where)
      : output_(narrow(multiplier(in.scale / 128 / out.scale, 1, where))),
        reluish_(narrow(multiplier(in.scale / 128 / (3.0F / 32768), 0x1p20F, where))) {}

  // Output for an input without its zero point, not saturated.
  int operator()(int input) const {
    const int fine = input * (1 << 7);
    const int preshift = high_mul(fine, output_.multiplier, true);
    int reluish = fine;
    if (reluish_.shift > 0) reluish = shift_left(reluish, reluish_.shift - 1);
    reluish = high_mul(reluish, reluish_.multiplier, true);
    if (reluish_.shift > 0) reluish = shift_left(reluish, 1);
    if (reluish_.shift < 0) reluish = rounding_divide_by_power_of_two(reluish, -reluish_.shift);
    const int gate = (reluish + (1 << 15)) >> 1;
    return rounding_divide_by_power_of_two(high_mul(gate, preshift, false), -output_.shift);
  }

 private:
  // The multiplier's upper 16 bits, rounded.
  static FixedMultiplier narrow(FixedMultiplier m) {
    const std::int64_t rounded = (std::int64_t{m.multiplier} + (1 << 15)) >> 16;
    return {static_cast<std::int32_t>(std::min<std::int64_t>(rounded, 32767)), m.shift};
  }
  static int shift_left(int value, int amount) {
    return static_cast<int>(
        std::clamp<std::int64_t>(value * (std::int64_t{1} << amount), -32768, 32767));
  }
  // a * b / 2^15, rounded to nearest or towards zero.
  static int high_mul(int a, int b, bool rounded) {
    const int product = a * b;
    const int nudge = !rounded ? 0 : product >= 0 ? 1 << 14 : 1 - (1 << 14);
    return (product + nudge) / (1 << 15);
  }

  FixedMultiplier output_, reluish_;
};

// -> the output's level, before it is saturated to int8.
class Function {
 public:
  Function(const graph::Elementwise& op, Quantization in, Quantization out, std::string_view where)
      : op_(op), in_(in), out_(out), inverse_(1 / out.scale) {
    if (op.function == clip || op.function == leaky_relu) {
      identity_ = multiplier(in.scale / out.scale, 0x1p20F, where);
    }
    if (op.function == leaky_relu) {
      below_zero_ = multiplier(in.scale * std::abs(op.slope) / out.scale, 0x1p20F, where);
    }
    if (op.function == hard_swish) hard_swish_.emplace(in, out, where);
  }

  double operator()(int level) const {
    const int input = level - in_.zero_point;
    switch (op_.function) {
      case clip:
        return std::clamp(requantize(input, identity_) + out_.zero_point, bound(op_.low, out_),
                          bound(op_.high, out_));
      case leaky_relu: {
        if (input >= 0) return requantize(input, identity_) + out_.zero_point;
        return requantize(op_.slope < 0 ? -input : input, below_zero_) + out_.zero_point;
      }
      case hard_swish:
        return (*hard_swish_)(input) + out_.zero_point;
      case sigmoid:
      case tanh:
      case elu:
        break;
    }
    const float value = graph::evaluate(op_, in_.scale * static_cast<float>(input));
    return std::round(value * inverse_) + static_cast<float>(out_.zero_point);
  }

 private:
  const graph::Elementwise& op_;
  Quantization in_, out_;
  float inverse_;
  std::optional<HardSwish> hard_swish_;
  FixedMultiplier identity_, below_zero_;
};

}  // namespace

LevelTable level_table(const graph::Elementwise& op, Quantization in, Quantization out,
                       std::string_view where) {
  const Function function(op, in, out, where);
  LevelTable table;
  for (int level = kLowest; level <= kHighest; ++level) {
    const double unbounded = function(level);
    const auto at = static_cast<std::size_t>(level - kLowest);
    const double value = std::clamp<double>(unbounded, out.lowest(), out.highest());
    table.levels[at] = static_cast<std::int8_t>(value);
    table.clips[at] = value != unbounded;
  }
  return table;
}

}  // namespace edgeproof::runtime
