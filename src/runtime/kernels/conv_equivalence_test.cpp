// Every instruction set against the reference, on random and on nasty layers.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "graph/shapes.h"
#include "runtime/kernels/conv_testing.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/reference.h"

namespace edgeproof::runtime {
namespace {

ConvGeometry random_geometry() {
  ConvGeometry g;
  const int kind = draw(0, 3);
  g.in_channels = draw(1, 40);
  g.out_channels = draw(1, 70);
  if (kind == 1) g.groups = g.out_channels = g.in_channels;  // depthwise
  if (kind == 2) {                                           // neither: for the reference
    g.groups = draw(1, 3);
    g.in_channels = g.groups * draw(1, 5);
    g.out_channels = g.groups * draw(1, 5);
  }
  g.kernel = draw(1, 9);
  g.stride = draw(1, 3);
  g.dilation = draw(1, 4);
  g.pad_left = draw(0, 5);
  g.pad_right = draw(0, 5);
  g.in_length = (g.kernel - 1) * g.dilation + draw(1, 30);
  g.out_length =
      (g.in_length + g.pad_left + g.pad_right - (g.kernel - 1) * g.dilation - 1) / g.stride + 1;
  return g;
}

template <typename T>
std::vector<T> random_integers(std::size_t count, int low, int high) {
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  std::vector<T> values(count);
  std::uint64_t state = seed;
  for (T& value : values) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    value = static_cast<T>(low + static_cast<int>((state >> 33) % (high - low + 1)));
  }
  return values;
}

std::vector<float> random_floats(std::size_t count) {
  std::vector<float> values;
  for (const int v : random_integers<int>(count, -4096, 4096)) {
    values.push_back(static_cast<float>(v) / 2731.0F);
  }
  return values;
}

std::size_t weight_count(const ConvGeometry& g) {
  return static_cast<std::size_t>(g.out_channels) * g.kernel * (g.in_channels / g.groups);
}

Int8Result run(Int8Conv conv, const std::vector<std::int8_t>& in, const Kernels& kernels) {
  conv.packed = pack(conv, kernels.panels);
  return run_packed(conv, in, kernels);
}

std::vector<float> run(FloatConv conv, const std::vector<float>& in, const Kernels& kernels) {
  conv.packed = pack(conv, kernels.panels);
  return run_packed(conv, in, kernels);
}

// Channels in every state: mostly in range, saturating, exact powers of two (ties), left shifts.
Int8Conv random_int8_conv() {
  Int8Conv conv;
  conv.geometry = random_geometry();
  conv.relu = draw(0, 1) == 1;
  conv.input_zero = draw(-128, 127);
  if (draw(0, 3) == 0) conv.output.bits = draw(2, 7);
  conv.output.zero_point = draw(conv.output.lowest(), conv.output.highest());
  conv.weights = random_integers<std::int8_t>(weight_count(conv.geometry), -127, 127);
  conv.bias = random_integers<std::int32_t>(conv.geometry.out_channels, -20000, 20000);
  for (const int kind : random_integers<int>(conv.geometry.out_channels, 0, 99)) {
    conv.multipliers.push_back(kind < 50   ? fixed_multiplier((kind + 1) * 1e-4)
                               : kind < 80 ? fixed_multiplier(std::ldexp(1.0, 49 - kind))
                               : kind < 90 ? fixed_multiplier(kind - 79.5)
                                           : fixed_multiplier(0));
  }
  return conv;
}

RC_GTEST_PROP(ConvInt8Equivalence, GivesTheReferencesBitsAndClipCounts, ()) {
  const Int8Conv conv = random_int8_conv();
  const auto in = random_integers<std::int8_t>(conv.geometry.in_size(), -128, 127);
  const Int8Result expected = run(conv, in, reference_kernels());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    RC_ASSERT(run(conv, in, kernels) == expected);
  }
}

RC_GTEST_PROP(ConvInt8Equivalence, ConstantInputsReachTheLargestSums, ()) {
  Int8Conv conv = random_int8_conv();
  const bool high = draw(0, 1) == 1;
  conv.input_zero = high ? -128 : 127;
  conv.weights.assign(conv.weights.size(), static_cast<std::int8_t>(draw(0, 1) == 1 ? 127 : -128));
  const std::vector<std::int8_t> in(conv.geometry.in_size(), high ? 127 : -128);
  const Int8Result expected = run(conv, in, reference_kernels());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    RC_ASSERT(run(conv, in, kernels) == expected);
  }
}

// The pooled result is the reference's, pooled, and as many values clip.
RC_GTEST_PROP(ConvInt8Equivalence, PoolingPairsIsPoolingAfterwards, ()) {
  Int8Conv conv = random_int8_conv();
  conv.geometry.out_length -= conv.geometry.out_length % 2;
  RC_PRE(conv.geometry.out_length > 0);
  for (FixedMultiplier& m : conv.multipliers) m.shift = std::clamp(m.shift, -20, -1);
  const auto in = random_integers<std::int8_t>(conv.geometry.in_size(), -128, 127);
  const Int8Result whole = run(conv, in, reference_kernels());
  const std::size_t row = static_cast<std::size_t>(conv.geometry.out_channels);
  for (const Kernels& kernels : available_kernels()) {
    conv.packed = pack(conv, kernels.panels);
    conv.pool = can_pool(conv.geometry, conv.packed.packing);
    if (!conv.pool) continue;
    RC_LOG() << kernels.name << std::endl;
    RC_ASSERT(conv.packed.is_narrow());
    const Int8Result pooled = run(conv, in, kernels);
    RC_ASSERT(pooled.clipped == whole.clipped);
    for (std::size_t i = 0; i < whole.values.size() / 2; ++i) {
      const std::size_t first = i / row * 2 * row + i % row;
      RC_ASSERT(pooled.values[i] == std::max(whole.values[first], whole.values[first + row]));
    }
  }
}

// Weights are zero, so that the bias is the accumulator: any 32-bit value against any multiplier.
TEST(RequantizeEquivalence, HoldsForExtremesAndTiesAtEveryShift) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
  Int8Conv conv;
  for (int shift = -31; shift <= 30; ++shift) {
    for (const std::int32_t multiplier : {1 << 30, (1 << 30) + 1, 0x5a827999, 0x7fffffff, 0}) {
      for (int bit = 0; bit <= 31; ++bit) {
        for (const std::int64_t offset : {-1, 0, 1}) {
          for (const std::int64_t factor : {1, -1, 3, -3}) {
            const std::int64_t value = factor * (std::int64_t{1} << bit) + offset;
            conv.bias.push_back(static_cast<std::int32_t>(std::clamp(value, kMin, kMax)));
            conv.multipliers.push_back({multiplier, shift});
          }
        }
      }
    }
  }
  conv.weights.assign(conv.bias.size(), 0);
  conv.geometry.out_channels = static_cast<int>(conv.bias.size());
  for (const std::int32_t zero : {-128, 0, 127}) {
    for (const bool relu : {false, true}) {
      conv.output.zero_point = zero;
      conv.relu = relu;
      const Int8Result expected = run(conv, {1}, reference_kernels());
      for (const Kernels& kernels : available_kernels()) {
        const Int8Result found = run(conv, {1}, kernels);
        EXPECT_EQ(found.clipped, expected.clipped) << kernels.name;
        for (std::size_t i = 0; i < expected.values.size(); ++i) {
          ASSERT_EQ(found.values[i], expected.values[i])
              << kernels.name << ": " << conv.bias[i] << " * " << conv.multipliers[i].multiplier
              << " << " << conv.multipliers[i].shift;
        }
      }
    }
  }
}

// Any order of n additions of rounded products errs by at most n epsilon of the sum of magnitudes
// (Higham 2002, section 4.2), to first order; the reference itself by one more.
RC_GTEST_PROP(ConvFloatEquivalence, AgreesWithinTheRoundingOfItsSums, ()) {
  FloatConv conv;
  conv.geometry = random_geometry();
  conv.relu = draw(0, 1) == 1;
  conv.weights = random_floats(weight_count(conv.geometry));
  conv.bias = random_floats(conv.geometry.out_channels);
  const auto in = random_floats(conv.geometry.in_size());

  FloatConv magnitudes = conv;
  magnitudes.relu = false;
  for (float& w : magnitudes.weights) w = std::abs(w);
  for (float& b : magnitudes.bias) b = std::abs(b);
  std::vector<float> absolute_in = in;
  for (float& x : absolute_in) x = std::abs(x);
  const auto sums = run(magnitudes, absolute_in, reference_kernels());
  const float terms = static_cast<float>(
      conv.geometry.kernel * (conv.geometry.in_channels / conv.geometry.groups) + 2);
  const float unit = std::numeric_limits<float>::epsilon() / 2;

  const auto expected = run(conv, in, reference_kernels());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    const auto found = run(conv, in, kernels);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      RC_ASSERT(std::abs(found[i] - expected[i]) <= terms * unit * sums[i]);
    }
  }
}

RC_GTEST_PROP(ConvFloatEquivalence, PoolingPairsIsPoolingAfterwards, ()) {
  FloatConv conv;
  conv.geometry = random_geometry();
  conv.geometry.out_length -= conv.geometry.out_length % 2;
  RC_PRE(conv.geometry.out_length > 0);
  conv.relu = draw(0, 1) == 1;
  conv.weights = random_floats(weight_count(conv.geometry));
  conv.bias = random_floats(conv.geometry.out_channels);
  const auto in = random_floats(conv.geometry.in_size());
  const std::size_t row = static_cast<std::size_t>(conv.geometry.out_channels);
  for (const Kernels& kernels : available_kernels()) {
    conv.pool = false;
    const auto whole = run(conv, in, kernels);
    conv.pool = can_pool(conv.geometry, pack(conv, kernels.panels).packing);
    if (!conv.pool) continue;
    RC_LOG() << kernels.name << std::endl;
    const auto pooled = run(conv, in, kernels);
    for (std::size_t i = 0; i < whole.size() / 2; ++i) {
      const std::size_t first = i / row * 2 * row + i % row;
      RC_ASSERT(pooled[i] == std::max(whole[first], whole[first + row]));
    }
  }
}

TEST(Packing, ChoosesTheKernelByGroupsAndDilation) {
  FloatConv conv;
  conv.geometry = {.in_channels = 4, .out_channels = 4};
  conv.weights.assign(16, 0);
  conv.bias.assign(4, 0);
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::full);
  EXPECT_EQ(pack(conv, {}).packing, Packing::none);
  conv.geometry.dilation = 2;
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::full);
  conv.geometry.stride = 2;
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::none);
  conv.geometry.groups = 4;
  conv.weights.assign(4, 0);
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::depthwise);
}

TEST(Packing, EnormousPaddingIsNotWrittenOut) {
  FloatConv conv;
  conv.geometry = {.in_channels = 512, .out_length = 2, .out_channels = 1, .stride = 1 << 18};
  conv.geometry.pad_left = 1 << 18;
  conv.weights.assign(512, 0);
  conv.bias = {0};
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::full);
  conv.geometry.pad_right = 1 << 18;
  EXPECT_EQ(pack(conv, {8, 2, 2}).packing, Packing::none);
}

}  // namespace
}  // namespace edgeproof::runtime
