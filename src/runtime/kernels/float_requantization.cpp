// Test: float_requantization_test.cpp.

#include "runtime/kernels/float_requantization.h"

#include <algorithm>
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

std::int32_t magnitude_of_level(FixedMultiplier m, std::int32_t sum, int sign) {
  return sign * requantize(sign * sum, m);
}

// The steps on one side of zero at which the magnitude becomes 1, 2, … `levels`.
void add_steps(FixedMultiplier m, int sign, int levels, std::int32_t largest,
               std::vector<Step>& steps) {
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

// The offset with which `scale` steps right with most room to spare on both sides, or misses least.
double best_offset(const std::vector<Step>& steps, double scale) {
  double low = -0.5, high = 0.5;
  for (const Step step : steps) {
    const double half = std::abs(step.level) - 0.5;
    const double sum = std::abs(step.sum);
    low = std::max(low, half - scale * sum);
    high = std::min(high, half - scale * (sum - 1));
  }
  return (low + high) / 2;
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

bool steps_right(const FloatRequantization& form, const std::vector<Step>& steps,
                 std::int32_t largest, std::int32_t zero, bool negative_sums) {
  const std::int32_t shift = negative_sums ? 0 : zero;
  const auto level = [&](std::int32_t sum) { return form.level(sum, negative_sums) - shift; };
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

}  // namespace

std::int32_t FloatRequantization::level(std::int32_t sum, bool negative_sums) const {
  const auto x = static_cast<float>(sum);
  const float added = negative_sums ? std::copysign(offset, x) : offset;
  return static_cast<std::int32_t>(std::nearbyint(std::fma(x, scale, added)));
}

std::optional<FloatRequantization> fit_float_requantization(FixedMultiplier m, std::int32_t zero,
                                                            std::int32_t largest,
                                                            bool negative_sums) {
  std::vector<Step> steps;
  if (m.multiplier != 0) {
    add_steps(m, 1, 127 - zero, largest, steps);
    if (negative_sums) add_steps(m, -1, 128 + zero, largest, steps);
  }
  const auto scale = static_cast<float>(std::ldexp(m.multiplier, m.shift - 31));
  for (int i = 0; i < 2 * kScaleNeighbours + 1; ++i) {
    const float near = neighbour(scale, alternating(i));
    const double middle = best_offset(steps, near) + (negative_sums ? 0 : zero);
    for (int j = 0; j < 2 * kOffsetNeighbours + 1; ++j) {
      const FloatRequantization form{near, neighbour(static_cast<float>(middle), alternating(j))};
      if (steps_right(form, steps, largest, zero, negative_sums)) return form;
    }
  }
  return std::nullopt;
}

}  // namespace edgeproof::runtime
