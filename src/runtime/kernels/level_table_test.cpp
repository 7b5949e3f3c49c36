#include "runtime/kernels/level_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "graph/elementwise.h"
#include "runtime/kernels/reference.h"

namespace edgeproof::runtime {
namespace {

using graph::Elementwise;
using graph::Quantization;
using enum graph::Elementwise::Function;

int at(const LevelTable& table, int level) {
  return table.levels[static_cast<std::size_t>(level + 128)];
}
bool clips_at(const LevelTable& table, int level) {
  return table.clips[static_cast<std::size_t>(level + 128)];
}

// The real function, rounded in double precision.
double exact(const Elementwise& op, int level, Quantization in, Quantization out) {
  const double x = double{in.scale} * (level - in.zero_point);
  double y = 0;
  if (op.function == clip) y = std::clamp<double>(x, op.low, op.high);
  if (op.function == leaky_relu) y = x >= 0 ? x : op.slope * x;
  if (op.function == hard_swish) y = x * std::clamp(x + 3, 0.0, 6.0) / 6;
  if (op.function == sigmoid) y = 1 / (1 + std::exp(-x));
  if (op.function == tanh) y = std::tanh(x);
  if (op.function == elu) y = x >= 0 ? x : op.alpha * std::expm1(x);
  return std::clamp(y / out.scale + out.zero_point, -128.0, 127.0);
}

TEST(LevelTable, IsTheRoundedFunction) {
  const Quantization wide{0.05F, 3}, unit{1 / 256.0F, -128}, both{1 / 128.0F, 0}, half{0.025F, -28};
  const struct {
    Elementwise op;
    Quantization in, out;
    double error;  // in levels: half of one, and a quarter where requantization rounds twice
  } cases[] = {{{.function = sigmoid}, wide, unit, 0.5001},
               {{.function = sigmoid}, {0.3F, -7}, unit, 0.5001},
               {{.function = tanh}, wide, both, 0.5001},
               {{.function = elu}, wide, half, 0.5001},
               {{.function = elu, .alpha = -1.5F}, {0.3F, -7}, wide, 0.5001},
               {{.function = leaky_relu, .slope = 0.1F}, wide, half, 0.7501},
               {{.function = leaky_relu, .slope = -0.3F}, wide, half, 0.7501},
               {{.function = leaky_relu, .slope = 2}, half, wide, 0.7501},
               {{clip, 0, 6}, wide, {6 / 255.0F, -128}, 0.7501},
               {{clip, -1, 1}, half, wide, 0.7501},
               {{.function = hard_swish}, wide, half, 1.5},
               {{.function = hard_swish}, {0.2F, 0}, {0.1F, -125}, 1.5}};
  for (const auto& c : cases) {
    const LevelTable table = level_table(c.op, c.in, c.out, "test");
    for (int level = -128; level <= 127; ++level) {
      EXPECT_NEAR(at(table, level), exact(c.op, level, c.in, c.out), c.error)
          << graph::function_name(c.op.function) << " of " << level;
    }
  }
}

// The fixed-point multiplier of 1 is exact, so that nothing but the clamping remains.
TEST(LevelTable, ClipWithinOneQuantizationMovesOnlyWhatIsOutside) {
  const Quantization q{0.05F, -20};
  const LevelTable table = level_table({clip, 0, 2}, q, q, "test");
  for (int level = -128; level <= 127; ++level) {
    EXPECT_EQ(at(table, level), std::clamp(level, -20, 20));
    EXPECT_FALSE(clips_at(table, level));
  }
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const LevelTable identity = level_table({clip, -kInfinity, kInfinity}, q, q, "test");
  for (int level = -128; level <= 127; ++level) EXPECT_EQ(at(identity, level), level);
}

// Requantization rounds halves away from zero.
TEST(LevelTable, TiesAreRoundedAwayFromZero) {
  const LevelTable table =
      level_table({.function = leaky_relu, .slope = 0.5F}, {1, 0}, {2, 0}, "test");
  EXPECT_EQ(at(table, 1), 1);
  EXPECT_EQ(at(table, 3), 2);
  EXPECT_EQ(at(table, -2), -1);
  EXPECT_EQ(at(table, -6), -2);
  EXPECT_EQ(at(table, -4), -1);
}

TEST(LevelTable, SaturationCountsAndClippingDoesNot) {
  const LevelTable narrow = level_table({.function = leaky_relu}, {0.1F, 0}, {0.05F, 0}, "test");
  EXPECT_TRUE(clips_at(narrow, 64));
  EXPECT_EQ(at(narrow, 64), 127);
  EXPECT_FALSE(clips_at(narrow, 63));
  EXPECT_FALSE(clips_at(narrow, -128));
  const LevelTable relu6 = level_table({clip, 0, 6}, {0.1F, 0}, {6 / 255.0F, -128}, "test");
  EXPECT_EQ(at(relu6, 127), 127);
  EXPECT_FALSE(clips_at(relu6, 127));

  const std::int8_t in[] = {64, 0, 100, -1};
  std::int8_t out[4];
  EXPECT_EQ(look_up(narrow, in, out), 2);
  EXPECT_EQ(out[0], 127);
  EXPECT_EQ(out[1], 0);
}

TEST(LevelTable, ScalesBeyondTheFixedPointFormatAreErrors) {
  const auto message = [](const Elementwise& op, Quantization in, Quantization out) {
    try {
      level_table(op, in, out, "node 'x'");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(message({.function = hard_swish}, {1, 0}, {1 / 128.0F, 0}),
            "node 'x': input scale / output scale is 1, expected less than 1");
  EXPECT_EQ(message({}, {1, 0}, {1e-7F, 0}),
            "node 'x': input scale / output scale is 10000000, expected less than 1048576");
  EXPECT_EQ(message({.function = sigmoid}, {1e9F, 0}, {1e-9F, 0}), "no error");
}

}  // namespace
}  // namespace edgeproof::runtime
