#include "graph/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace edgeproof::graph {
namespace {

using enum Elementwise::Function;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Elementwise, FunctionsHaveTheirKnownValues) {
  const Elementwise relu6{clip, 0, 6}, floor{clip, -1, kInfinity};
  EXPECT_EQ(evaluate(relu6, -2), 0);
  EXPECT_EQ(evaluate(relu6, 5.5F), 5.5F);
  EXPECT_EQ(evaluate(relu6, 7), 6);
  EXPECT_EQ(evaluate(floor, 1e30F), 1e30F);
  EXPECT_EQ(evaluate(floor, -3), -1);
  EXPECT_EQ(evaluate({.function = leaky_relu, .slope = 0.25F}, -8), -2);
  EXPECT_EQ(evaluate({.function = leaky_relu, .slope = 0.25F}, 8), 8);
  EXPECT_EQ(evaluate({.function = hard_swish}, -3), 0);
  EXPECT_EQ(evaluate({.function = hard_swish}, 3), 3);
  EXPECT_FLOAT_EQ(evaluate({.function = hard_swish}, 1), 4.0F / 6);
  EXPECT_EQ(evaluate({.function = sigmoid}, 0), 0.5F);
  EXPECT_NEAR(evaluate({.function = sigmoid}, std::log(3.0F)), 0.75, 1e-6);
  EXPECT_NEAR(evaluate({.function = tanh}, std::log(3.0F)), 0.8, 1e-6);
}

TEST(Elementwise, SigmoidAndTanhHaveLiteRtsQuantizations) {
  EXPECT_EQ(fixed_quantization(Elementwise{.function = sigmoid}), (Quantization{1 / 256.0F, -128}));
  EXPECT_EQ(fixed_quantization(Elementwise{.function = tanh}), (Quantization{1 / 128.0F, 0}));
  EXPECT_EQ(fixed_quantization(Elementwise{.function = hard_swish}), std::nullopt);
  EXPECT_EQ(fixed_quantization(Add{}), std::nullopt);
}

}  // namespace
}  // namespace edgeproof::graph
