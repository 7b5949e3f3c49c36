#include "runtime/kernels/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace edgeproof::runtime {
namespace {

using testing::ElementsAre;

std::vector<std::int8_t> run_int8(const Int8Conv& conv, const std::vector<std::int8_t>& in) {
  std::vector<std::int8_t> out(conv.geometry.out_size());
  reference_kernels().conv_int8(conv, in.data(), out.data(), nullptr, true);
  return out;
}

// One output channel per multiplier, which is the identity unless said otherwise.
Int8Conv one_tap(std::vector<std::int8_t> weights, std::vector<std::int32_t> bias) {
  Int8Conv conv;
  conv.geometry.out_channels = static_cast<int>(bias.size());
  conv.weights = std::move(weights);
  conv.bias = std::move(bias);
  conv.multipliers.assign(conv.bias.size(), fixed_multiplier(1.0));
  return conv;
}

TEST(ReferenceConv, SumsTheKernelOverTheSequence) {
  Int8Conv conv = one_tap({1, 2, 3}, {10});
  conv.geometry.in_length = 4;
  conv.geometry.kernel = 3;
  conv.geometry.out_length = 2;
  EXPECT_THAT(run_int8(conv, {1, 2, 3, 4}), ElementsAre(10 + 14, 10 + 20));
}

TEST(ReferenceConv, PaddingContributesNothingWhateverTheZeroPoint) {
  Int8Conv conv = one_tap({1, 1, 1}, {0});
  conv.geometry.in_length = 2;
  conv.geometry.kernel = 3;
  conv.geometry.pad_left = 2;
  conv.geometry.pad_right = 1;
  conv.geometry.out_length = 3;
  conv.input_zero = 5;  // x = 1, 2
  EXPECT_THAT(run_int8(conv, {6, 7}), ElementsAre(1, 3, 3));
}

TEST(ReferenceConv, StrideAndDilationStepOverInputs) {
  Int8Conv conv = one_tap({1, 10}, {0});
  conv.geometry.in_length = 6;
  conv.geometry.kernel = 2;
  conv.geometry.stride = 2;
  conv.geometry.dilation = 3;
  conv.geometry.out_length = 2;
  EXPECT_THAT(run_int8(conv, {1, 2, 3, 4, 5, 6}), ElementsAre(41, 63));
}

TEST(ReferenceConv, GroupsSeeOnlyTheirOwnInputs) {
  Int8Conv conv = one_tap({1, 2, 3, 4}, {0, 0});
  conv.geometry.in_channels = 4;
  conv.geometry.groups = 2;
  EXPECT_THAT(run_int8(conv, {1, 2, 5, 6}), ElementsAre(5, 39));
}

TEST(ReferenceConv, EachChannelHasItsOwnMultiplier) {
  Int8Conv conv = one_tap({8, 8}, {0, 0});
  conv.multipliers = {fixed_multiplier(0.5), fixed_multiplier(4.0)};
  conv.output.zero_point = -3;
  EXPECT_THAT(run_int8(conv, {2}), ElementsAre(5, 61));
}

TEST(ReferenceConv, TiesRoundAwayFromZeroInTheShift) {
  Int8Conv conv = one_tap({0, 0, 0, 0}, {10, -10, 6, -6});
  conv.multipliers.assign(4, fixed_multiplier(0.25));
  EXPECT_THAT(run_int8(conv, {0}), ElementsAre(3, -3, 2, -2));
}

TEST(ReferenceConv, SaturationIsCountedOnBothSides) {
  Int8Conv conv = one_tap({0, 0, 0, 0}, {127, 128, -128, -129});
  std::vector<std::int8_t> out(4);
  const std::int8_t in = 0;
  EXPECT_EQ(reference_kernels().conv_int8(conv, &in, out.data(), nullptr, true), 2);
  EXPECT_THAT(out, ElementsAre(127, 127, -128, -128));
}

TEST(ReferenceConv, FewerActivationBitsSaturateEarlier) {
  Int8Conv conv = one_tap({0, 0, 0, 0}, {7, 8, -8, -9});
  conv.output.bits = 4;
  std::vector<std::int8_t> out(4);
  const std::int8_t in = 0;
  EXPECT_EQ(reference_kernels().conv_int8(conv, &in, out.data(), nullptr, true), 2);
  EXPECT_THAT(out, ElementsAre(7, 7, -8, -8));
}

TEST(ReferenceConv, ReluStartsAtTheZeroPointAndIsNotClipping) {
  Int8Conv conv = one_tap({0, 0, 0, 0}, {-400, 0, 227, 228});
  conv.relu = true;
  conv.output.zero_point = -100;
  std::vector<std::int8_t> out(4);
  const std::int8_t in = 0;
  EXPECT_EQ(reference_kernels().conv_int8(conv, &in, out.data(), nullptr, true), 1);
  EXPECT_THAT(out, ElementsAre(-100, -100, 127, 127));
}

TEST(ReferenceConv, LargestAccumulatorDoesNotOverflowAtTheZeroPoint) {
  constexpr auto kMax = std::numeric_limits<std::int32_t>::max();
  Int8Conv conv = one_tap({0, 0}, {kMax, -kMax});
  conv.multipliers.assign(2, fixed_multiplier(1.0 - 1e-9));
  conv.output.zero_point = 100;
  EXPECT_THAT(run_int8(conv, {0}), ElementsAre(127, -128));
}

TEST(ReferenceConv, FloatIsTheSameSumWithRelu) {
  FloatConv conv;
  conv.geometry = {.in_length = 3, .out_length = 3, .kernel = 2, .pad_right = 1};
  conv.weights = {2.0F, -1.0F};
  conv.bias = {0.5F};
  const std::vector<float> in = {1, 4, 2};
  std::vector<float> out(3);
  reference_kernels().conv_float(conv, in.data(), out.data(), nullptr);
  EXPECT_THAT(out, ElementsAre(-1.5F, 6.5F, 4.5F));
  conv.relu = true;
  reference_kernels().conv_float(conv, in.data(), out.data(), nullptr);
  EXPECT_THAT(out, ElementsAre(0.0F, 6.5F, 4.5F));
}

TEST(ReferencePooling, MaximumLeavesOutWhatDoesNotFit) {
  const Pool pool{.in_length = 5, .channels = 2, .out_length = 2, .kernel = 2, .stride = 2};
  const std::vector<std::int8_t> in = {1, -9, 3, -8, -5, 0, -6, 7, 100, 100};
  std::vector<std::int8_t> out(4);
  reference_kernels().max_pool_int8(pool, in.data(), out.data());
  EXPECT_THAT(out, ElementsAre(3, -8, -5, 7));
}

TEST(ReferencePooling, PaddingNeverWinsTheMaximum) {
  const Pool pool{
      .in_length = 3, .channels = 1, .out_length = 3, .kernel = 3, .stride = 1, .pad_left = 1};
  const std::vector<std::int8_t> in = {-9, -7, -128};
  std::vector<std::int8_t> out(3);
  reference_kernels().max_pool_int8(pool, in.data(), out.data());
  EXPECT_THAT(out, ElementsAre(-7, -7, -7));
  const std::vector<float> real = {-3, -5, -4};
  std::vector<float> largest(3);
  reference_kernels().max_pool_float(pool, real.data(), largest.data());
  EXPECT_THAT(largest, ElementsAre(-3, -3, -4));
}

// Adds inputs with the scales 0.5 and 0.25 to an output with the scale 1.
Int8Add half_and_quarter(std::size_t size) {
  return {.size = size,
          .zero1 = 10,
          .zero2 = -20,
          .output = {.zero_point = 5},
          .multiplier1 = fixed_multiplier(0.5 / 1.0),
          .multiplier2 = fixed_multiplier(0.25 / 1.0),
          .output_multiplier = fixed_multiplier(1.0 / (1 << 20))};
}

TEST(ReferenceAdd, BringsBothInputsToTheOutputsScale) {
  const std::vector<std::int8_t> a = {12, 11, 9, 127, -128}, b = {-16, -20, -20, 127, -128};
  std::vector<std::int8_t> out(5);
  // 1 + 1; the ties 0.5 and -0.5 away from zero; 58.5 + 36.75 and -69 - 27.
  EXPECT_EQ(reference_kernels().add_int8(half_and_quarter(5), a.data(), b.data(), out.data()), 0);
  EXPECT_THAT(out, ElementsAre(7, 6, 4, 100, -91));
}

TEST(ReferenceAdd, CountsWhatSaturatesAndReluIsNotClipping) {
  Int8Add add = half_and_quarter(2);
  add.output_multiplier = fixed_multiplier(2.0 / (1 << 20));
  const std::vector<std::int8_t> a = {127, -128}, b = {127, -128};
  std::vector<std::int8_t> out(2);
  EXPECT_EQ(reference_kernels().add_int8(add, a.data(), b.data(), out.data()), 2);
  EXPECT_THAT(out, ElementsAre(127, -128));
  add.relu = true;
  EXPECT_EQ(reference_kernels().add_int8(add, a.data(), b.data(), out.data()), 1);
  EXPECT_THAT(out, ElementsAre(127, 5));
}

TEST(ReferenceAdd, FloatIsTheSumWithRelu) {
  const std::vector<float> a = {1, 2}, b = {0.5F, -3};
  std::vector<float> out(2);
  reference_kernels().add_float({2, false}, a.data(), b.data(), out.data());
  EXPECT_THAT(out, ElementsAre(1.5F, -1.0F));
  reference_kernels().add_float({2, true}, a.data(), b.data(), out.data());
  EXPECT_THAT(out, ElementsAre(1.5F, 0.0F));
}

TEST(ReferencePooling, AverageRoundsHalvesAwayFromZero) {
  const Pool pool{.in_length = 2, .channels = 4, .kernel = 2};
  const std::vector<std::int8_t> in = {1, -1, 0, 127, 2, -2, 0, 127};
  std::vector<std::int8_t> out(4);
  reference_kernels().average_int8(pool, in.data(), out.data());
  EXPECT_THAT(out, ElementsAre(2, -2, 0, 127));
}

TEST(ReferenceQuantize, CountsBothSidesAndLeavesNanAlone) {
  const std::vector<float> in = {0.25F, -0.25F, 63.5F, 63.75F, -64.25F, -1e9F, NAN};
  std::vector<std::int8_t> out(in.size());
  EXPECT_EQ(reference_kernels().quantize(in, {0.5F, 0}, out.data(), true), 3);
  EXPECT_THAT(out, ElementsAre(1, -1, 127, 127, -128, -128, 0));
}

TEST(ReferenceAffine, ScalesAndShiftsEachChannel) {
  const Affine layer{.length = 2, .scale = {2, 3}, .shift = {1, -1}};
  std::vector<float> values = {1, 1, 2, 2};
  affine(layer, values.data(), values.data());
  EXPECT_THAT(values, ElementsAre(3, 2, 5, 5));
}

}  // namespace
}  // namespace edgeproof::runtime
