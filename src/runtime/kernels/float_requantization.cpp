#include "runtime/kernels/float_requantization.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace edgeproof::runtime {
namespace {

// requantize() takes `level` from `sum` on: upwards, or downwards if both are negative.
struct Step {
  std::int32_t level, sum;
};

// How far from the true scale a scale is looked for, and from its best offset an offset, in units
// of their last places.
constexpr int kScaleNeighbours = 4, kOffsetNeighbours = 3;

// The number whose bits are kZeroBits, and how far from it bits still count by one.
constexpr std::int64_t kZeroNumber = 3 << 22, kReach = 1 << 22;

// So many starts are tried.
constexpr std::int64_t kStarts = 1 << 20;

std::int32_t magnitude_of_level(FixedMultiplier m, std::int32_t sum, int sign) {
  return sign * requantize(sign * sum, m);
}

// The steps on one side of zero at which the magnitude becomes 1, 2, … `levels`.
void add_steps(FixedMultiplier m, int sign, int levels, std::int32_t largest,
               std::vector<Step>& steps) {
  if (m.multiplier == 0) return;
  const double scale = std::ldexp(m.multiplier, m.shift - 31);
  for (int level = 1; level <= levels; ++level) {
    if (magnitude_of_level(m, largest, sign) < level) return;
    const double guess = std::min((level - 0.5) / scale, static_cast<double>(largest));
    auto sum = static_cast<std::int32_t>(guess);
    while (magnitude_of_level(m, sum, sign) < level) ++sum;
    while (magnitude_of_level(m, sum - 1, sign) >= level) --sum;
    steps.push_back({sign * level, sign * sum});
  }
}

// The offsets from `low` to below `high` with which `scale` steps right; none if low >= high, which
// then miss by least in the middle.
struct Offsets {
  double low = -0.5, high = 0.5;
};
Offsets offsets_for(const std::vector<Step>& steps, double scale) {
  Offsets offsets;
  for (const Step step : steps) {
    const double half = std::abs(step.level) - 0.5;
    const double sum = std::abs(step.sum);
    offsets.low = std::max(offsets.low, half - scale * sum);
    offsets.high = std::min(offsets.high, half - scale * (sum - 1));
  }
  return offsets;
}

// 0, 1, -1, 2, -2, …
int alternating(int i) {
  return i % 2 == 0 ? -i / 2 : (i + 1) / 2;
}

float neighbour(float value, int steps) {
  for (; steps > 0; --steps) value = std::nextafter(value, std::numeric_limits<float>::infinity());
  for (; steps < 0; ++steps) value = std::nextafter(value, -std::numeric_limits<float>::infinity());
  return value;
}

// Whether level(sum), zero point taken off, steps as `steps` do up to `largest` in magnitude.
template <class Level>
bool steps_right(const Level& level, const std::vector<Step>& steps, std::int32_t largest,
                 std::int32_t zero, bool negative_sums) {
  std::int32_t highest = 0, lowest = 0;
  for (const Step step : steps) {
    const int sign = step.level < 0 ? -1 : 1;
    if (sign * level(step.sum) < sign * step.level) return false;
    if (sign * level(step.sum - sign) >= sign * step.level) return false;
    highest = std::max(highest, step.level);
    lowest = std::min(lowest, step.level);
  }
  // Nor may it step where fixed point does not any more, unless that saturates.
  if (level(0) != 0) return false;
  if (zero + highest < 127 && level(largest) > highest) return false;
  return !negative_sums || zero + lowest <= -128 || level(-largest) >= lowest;
}

// The first start, of kStarts and up to `most`, with which (kZeroNumber + start) * scale, less a
// whole number, is one of the offsets. scale is a whole number over 2^bits: nothing is rounded.
std::optional<std::int32_t> start_for(float scale, Offsets offsets, std::int64_t most) {
  constexpr int kMantissaBits = 24;
  int exponent = 0;
  const float mantissa = std::frexp(scale, &exponent);
  const int bits = kMantissaBits - exponent;
  const auto whole = static_cast<std::uint64_t>(std::ldexp(mantissa, kMantissaBits));
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  // Not `low` itself: there a sum is a tie, which may be rounded down.
  const auto low = static_cast<std::int64_t>(std::floor(std::ldexp(offsets.low, bits))) + 1;
  const auto high = static_cast<std::int64_t>(std::ceil(std::ldexp(offsets.high, bits)));
  if (low >= high) return std::nullopt;
  const auto width = static_cast<std::uint64_t>(high - low);
  std::uint64_t above_low =
      static_cast<std::uint64_t>(kZeroNumber) * whole - static_cast<std::uint64_t>(low);
  for (std::int64_t start = 0; start <= std::min(most, kStarts); ++start, above_low += whole) {
    if ((above_low & mask) < width) return static_cast<std::int32_t>(start);
  }
  return std::nullopt;
}

}  // namespace

std::int32_t FloatRequantization::level(std::int32_t sum) const {
  const auto x = static_cast<float>(sum);
  return static_cast<std::int32_t>(std::nearbyint(std::fma(x, scale, std::copysign(offset, x))));
}

std::optional<FloatRequantization> fit_float_requantization(FixedMultiplier m, std::int32_t zero,
                                                            std::int32_t largest) {
  std::vector<Step> steps;
  add_steps(m, 1, 127 - zero, largest, steps);
  add_steps(m, -1, 128 + zero, largest, steps);
  const auto scale = static_cast<float>(std::ldexp(m.multiplier, m.shift - 31));
  for (int i = 0; i < 2 * kScaleNeighbours + 1; ++i) {
    const float near = neighbour(scale, alternating(i));
    const Offsets offsets = offsets_for(steps, near);
    const auto middle = static_cast<float>((offsets.low + offsets.high) / 2);
    for (int j = 0; j < 2 * kOffsetNeighbours + 1; ++j) {
      const FloatRequantization form{near, neighbour(middle, alternating(j))};
      const auto level = [&](std::int32_t sum) { return form.level(sum); };
      if (steps_right(level, steps, largest, zero, true)) return form;
    }
  }
  return std::nullopt;
}

std::int32_t ShiftedRequantization::level(std::int32_t sum) const {
  const auto x = std::bit_cast<float>(kZeroBits + start + sum);
  return std::bit_cast<std::int32_t>(std::fma(x, scale, offset)) - kZeroBits;
}

std::optional<ShiftedRequantization> fit_shifted_requantization(FixedMultiplier m,
                                                                std::int32_t zero,
                                                                std::int64_t lowest,
                                                                std::int64_t highest) {
  if (lowest < -kReach || highest >= kReach) return std::nullopt;
  if (m.multiplier == 0) return ShiftedRequantization{0, static_cast<float>(kZeroNumber + zero), 0};
  const auto largest = static_cast<std::int32_t>(highest);
  std::vector<Step> steps;
  add_steps(m, 1, 127 - zero, largest, steps);
  const auto scale = static_cast<float>(std::ldexp(m.multiplier, m.shift - 31));
  for (int i = 0; i < 2 * kScaleNeighbours + 1; ++i) {
    const float near = neighbour(scale, alternating(i));
    const Offsets offsets = offsets_for(steps, near);
    if (offsets.low >= offsets.high) continue;
    const auto start = start_for(near, offsets, kReach - 1 - highest);
    if (!start) continue;
    const double began = static_cast<double>(kZeroNumber + *start) * near;
    const double middle = (offsets.low + offsets.high) / 2;
    const auto offset = static_cast<float>(
        std::nearbyint(static_cast<double>(kZeroNumber + zero) + middle - began));
    const ShiftedRequantization form{near, offset, *start};
    const auto level = [&](std::int32_t sum) { return form.level(sum) - zero; };
    if (steps_right(level, steps, largest, zero, false)) return form;
  }
  return std::nullopt;
}

}  // namespace edgeproof::runtime
