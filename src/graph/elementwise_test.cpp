#include "graph/elementwise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "graph/operation_samples_testing.h"
#include "graph/shapes.h"

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
  EXPECT_EQ(evaluate({.function = elu}, 2.5F), 2.5F);
  EXPECT_NEAR(evaluate({.function = elu, .alpha = 0.5F}, -std::log(4.0F)), -0.375, 1e-6);
  EXPECT_EQ(evaluate({.function = elu, .alpha = 2}, -200), -2);
}

TEST(Elementwise, ParametersAreFiniteAndBoundsInOrder) {
  const auto validated = [](const Elementwise& op) { validate(sample::of_one(op, {}).graph); };
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_NO_THROW(validated({.low = -kInfinity, .high = kInfinity}));
  EXPECT_THROW(validated({.low = 1, .high = 0}), Error);
  EXPECT_THROW(validated({.low = kNan}), Error);
  EXPECT_THROW(validated({.slope = kInfinity}), Error);
  EXPECT_THROW(validated({.alpha = kNan}), Error);
}

TEST(Elementwise, SigmoidAndTanhHaveLiteRtsQuantizations) {
  EXPECT_EQ(fixed_quantization(Elementwise{.function = sigmoid}), (Quantization{1 / 256.0F, -128}));
  EXPECT_EQ(fixed_quantization(Elementwise{.function = tanh}), (Quantization{1 / 128.0F, 0}));
  EXPECT_EQ(fixed_quantization(Elementwise{.function = hard_swish}), std::nullopt);
  EXPECT_EQ(fixed_quantization(Add{}), std::nullopt);
}

}  // namespace
}  // namespace edgeproof::graph
