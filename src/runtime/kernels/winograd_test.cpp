// Every instruction set against the reference: in int8 bit for bit; in FP32, which the reference
// sums in double precision, within a bound that comes from the transformations themselves.

#include "runtime/kernels/winograd.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "core/fixed_point.h"
#include "core/random.h"
#include "runtime/kernels/conv_testing.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/reference.h"
#include "runtime/networks_testing.h"

namespace edgeproof::runtime {
namespace {

using Matrix = std::vector<std::vector<double>>;

// Written out, to be compared with what the kernels do in steps.
const Matrix kInputs = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                        {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};

Matrix outputs_matrix(int count) {
  Matrix matrix;
  for (int j = 0; j < count; ++j) {
    std::vector<double> row;
    for (const double point : {0., 1., -1., 2., -2.})
      row.push_back(j == 0 ? 1 : std::pow(point, j));
    row.push_back(j == count - 1);
    matrix.push_back(row);
  }
  return matrix;
}

ConvGeometry random_geometry() {
  ConvGeometry g;
  g.stride = draw(1, 3);
  const int kernel = draw(0, 1) == 1 ? 3 : 5;  // without stride
  g.kernel = kernel * g.stride - draw(0, g.stride - 1);
  g.in_channels = draw(16, 40);
  g.out_channels = draw(16, 70);
  g.pad_left = draw(0, 6) / g.stride * g.stride;
  // Now and then beyond kWinogradTiles.
  g.out_length = draw(2 * winograd_outputs(kernel), draw(0, 9) == 0 ? 300 : 40);
  // What the last output needs: some rows less, which are padding, or an input more, which nothing
  // reads.
  const int needed = (g.out_length - 1) * g.stride + g.kernel - g.pad_left;
  g.in_length = (needed - draw(-1, 6)) / g.stride * g.stride;
  g.pad_right = std::max(needed - g.in_length, 0);
  RC_PRE(g.in_length > 0);
  return g;
}

FloatConv random_conv() {
  FloatConv conv;
  conv.geometry = random_geometry();
  conv.relu = draw(0, 1) == 1;
  const ConvGeometry& g = conv.geometry;
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  conv.weights =
      random_values(static_cast<std::size_t>(g.kernel * g.in_channels * g.out_channels), seed);
  conv.bias = random_values(static_cast<std::size_t>(g.out_channels), seed + 1);
  return conv;
}

std::vector<float> run(FloatConv conv, const std::vector<float>& in, const Kernels& kernels) {
  conv.packed = pack(conv, kernels.panels, true);
  EXPECT_EQ(conv.packed.packing, kernels.panels.lanes > 0 ? Packing::winograd : Packing::none);
  return run_packed(conv, in, kernels);
}

// To first order, each output errs by at most u = epsilon / 2 for every rounding on the way to it:
// one of a weight, three of a transformed input, one of a product and of each sum over channels,
// four of the outputs' transformation and one of the bias, of magnitudes as large as |A^T| (|G g| *
// |B^T| |d|).
double bound(const FloatConv& conv, const std::vector<float>& weights, const std::vector<float>& in,
             int position, int channel) {
  const ConvGeometry g = unit_stride(conv.geometry);
  const int count = winograd_outputs(g.kernel), tile = position / count;
  const std::vector<double> row = outputs_matrix(count)[static_cast<std::size_t>(position % count)];
  double sum = 0;
  for (int point = 0; point < kWinogradPoints; ++point) {
    double products = 0;
    for (int c = 0; c < g.in_channels; ++c) {
      double transformed = 0;
      for (int i = 0; i < kWinogradPoints; ++i) {
        const int at = tile * count - g.pad_left + i;
        if (at < 0 || at >= g.in_length) continue;
        transformed +=
            std::abs(kInputs[static_cast<std::size_t>(point)][static_cast<std::size_t>(i)] *
                     in[static_cast<std::size_t>(at * g.in_channels + c)]);
      }
      const auto w =
          static_cast<std::size_t>((point * g.out_channels + channel) * g.in_channels + c);
      products += std::abs(double{weights[w]}) * transformed;
    }
    sum += std::abs(row[static_cast<std::size_t>(point)]) * products;
  }
  const double bias = std::abs(double{conv.bias[static_cast<std::size_t>(channel)]});
  return (g.in_channels + 10) * std::ldexp(1.0, -24) * (sum + bias);
}

RC_GTEST_PROP(WinogradEquivalence, AgreesWithinTheRoundingOfItsSums, ()) {
  const FloatConv conv = random_conv();
  const ConvGeometry& g = conv.geometry;
  const auto in = random_values(g.in_size(), *rc::gen::arbitrary<std::uint32_t>());
  const std::vector<float> weights = winograd_weights(conv);
  const auto expected = run(conv, in, reference_kernels());
  for (const Kernels& kernels : available_kernels()) {
    RC_LOG() << kernels.name << std::endl;
    const auto found = run(conv, in, kernels);
    for (int position = 0; position < g.out_length; ++position) {
      for (int channel = 0; channel < g.out_channels; channel += 7) {
        const auto i = static_cast<std::size_t>(position * g.out_channels + channel);
        RC_ASSERT(std::abs(double{found[i]} - double{expected[i]}) <=
                  bound(conv, weights, in, position, channel));
      }
    }
  }
}

// Small integers make every step exact, so that not a bit may differ.
TEST(WinogradEquivalence, IsExactWhereNothingIsRounded) {
  constexpr int kIn = 19, kOut = 37;
  for (const int kernel : {3, 5}) {
    for (const int length : {21, 5 * kWinogradTiles + 1}) {
      FloatConv conv;
      conv.geometry = {.in_length = length,
                       .in_channels = kIn,
                       .out_length = length,
                       .out_channels = kOut,
                       .kernel = kernel,
                       .pad_left = kernel / 2,
                       .pad_right = kernel / 2};
      for (int i = 0; i < kernel * kIn * kOut; ++i) {
        conv.weights.push_back(static_cast<float>(24 * (i * 7 % 11 - 5)));
      }
      conv.bias.assign(kOut, 3);
      std::vector<float> in;
      for (int i = 0; i < length * kIn; ++i) in.push_back(static_cast<float>(i * 5 % 13 - 6));
      const auto expected = run(conv, in, reference_kernels());
      for (const Kernels& kernels : available_kernels()) {
        EXPECT_EQ(run(conv, in, kernels), expected) << kernels.name << ", kernel " << kernel;
      }
    }
  }
}

RC_GTEST_PROP(WinogradEquivalence, PoolingPairsIsPoolingAfterwards, ()) {
  FloatConv conv = random_conv();
  ConvGeometry& g = conv.geometry;
  if (g.out_length % 2 == 1) {
    ++g.out_length;
    g.in_length += g.stride;
  }
  const auto in = random_values(g.in_size(), *rc::gen::arbitrary<std::uint32_t>());
  const auto row = static_cast<std::size_t>(g.out_channels);
  for (const Kernels& kernels : available_kernels()) {
    if (kernels.panels.lanes == 0) continue;
    RC_LOG() << kernels.name << std::endl;
    conv.pool = false;
    const auto whole = run(conv, in, kernels);
    conv.pool = can_pool(g, Packing::winograd);
    RC_ASSERT(conv.pool);
    const auto pooled = run(conv, in, kernels);
    for (std::size_t i = 0; i < pooled.size() / 2; ++i) {
      const std::size_t first = i / row * 2 * row + i % row;
      RC_ASSERT(pooled[i] == std::max(whole[first], whole[first + row]));
    }
  }
}

Int8Result run(Int8Conv conv, const std::vector<std::int8_t>& in, const Kernels& kernels) {
  conv.packed = pack(conv, kernels.panels);
  if (kernels.panels.group == 2) {
    EXPECT_EQ(conv.packed.packing, Packing::winograd) << kernels.name;
  }
  return run_packed(conv, in, kernels);
}

void expect_the_references_bits(Int8Conv conv, const std::vector<std::int8_t>& in,
                                std::uint32_t seed) {
  const CounterRng rng(seed, "requantization");
  for (std::uint32_t c = 0; c < static_cast<std::uint32_t>(conv.geometry.out_channels); ++c) {
    conv.bias.push_back(static_cast<std::int32_t>(40000 * rng.uniform(c, 0)) - 20000);
    conv.multipliers.push_back(fixed_multiplier(1e-2 * rng.uniform(c, 1)));
  }
  const Int8Result expected = run(conv, in, reference_kernels());
  for (const Kernels& kernels : available_kernels()) {
    EXPECT_EQ(run(conv, in, kernels), expected) << kernels.name;
  }
}

std::vector<std::int8_t> random_bytes(std::size_t count, int low) {
  std::vector<std::int8_t> values;
  const CounterRng rng(*rc::gen::arbitrary<std::uint32_t>(), "bytes");
  for (std::uint32_t i = 0; i < count; ++i) {
    values.push_back(
        static_cast<std::int8_t>(low + static_cast<int>(rng.uniform(i) * (128 - low))));
  }
  return values;
}

RC_GTEST_PROP(WinogradEquivalence, GivesTheReferencesInt8BitsAndClipCounts, ()) {
  Int8Conv conv{.geometry = random_geometry(), .relu = draw(0, 1) == 1};
  const ConvGeometry& g = conv.geometry;
  conv.input_zero = draw(-128, 127);
  conv.output.zero_point = draw(-128, 127);
  conv.weights =
      random_bytes(static_cast<std::size_t>(g.kernel * g.in_channels * g.out_channels), -127);
  expect_the_references_bits(conv, random_bytes(g.in_size(), -128),
                             *rc::gen::arbitrary<std::uint32_t>());
}

// Channels are as many as there may be, inputs and weights as large as they can be; with taps of
// alternating signs the transformed ones are, too.
TEST(WinogradEquivalence, IsExactAtTheLargestSums) {
  for (const int kernel : {3, 5}) {
    Int8Conv conv;
    ConvGeometry& g = conv.geometry;
    g = {.in_length = 9,
         .in_channels = kernel == 3 ? 913 : 548,
         .out_length = 9,
         .out_channels = 16,
         .kernel = kernel,
         .pad_left = kernel / 2,
         .pad_right = kernel / 2};
    EXPECT_TRUE(winograd_is_exact(g));
    ++g.in_channels;
    EXPECT_FALSE(winograd_is_exact(g));
    --g.in_channels;
    for (const bool alternating : {false, true}) {
      conv.weights.clear();
      for (int i = 0; i < 16 * kernel * g.in_channels; ++i) {
        conv.weights.push_back(alternating && i / g.in_channels % kernel % 2 == 1 ? 127 : -128);
      }
      for (const bool high : {false, true}) {
        conv.input_zero = high ? -128 : 127;
        const std::vector<std::int8_t> in(g.in_size(), high ? 127 : -128);
        expect_the_references_bits(conv, in, 1);
      }
    }
  }
}

TEST(Winograd, PaysForStridesWithWholeRows) {
  const ConvGeometry good{.in_length = 128,
                          .in_channels = 9,
                          .out_length = 64,
                          .out_channels = 64,
                          .kernel = 9,
                          .stride = 2,
                          .pad_left = 4,
                          .pad_right = 4};
  EXPECT_TRUE(winograd_pays(good));
  const ConvGeometry rows = unit_stride(good);
  EXPECT_EQ(rows.in_length, 64);
  EXPECT_EQ(rows.in_channels, 18);
  EXPECT_EQ(rows.kernel, 5);
  EXPECT_EQ(rows.pad_left, 2);
  const auto with = [&](auto change) {
    ConvGeometry g = good;
    change(g);
    return winograd_pays(g);
  };
  EXPECT_FALSE(with([](ConvGeometry& g) { g.pad_left = 3; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.in_length = 127; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.dilation = 2; }));
}

TEST(Winograd, PaysForUndilatedKernelsOfThreeAndFiveWithEnoughChannels) {
  const ConvGeometry good{.in_length = 32,
                          .in_channels = 32,
                          .out_length = 32,
                          .out_channels = 64,
                          .kernel = 3,
                          .pad_left = 1,
                          .pad_right = 1};
  EXPECT_TRUE(winograd_pays(good));
  const auto with = [&](auto change) {
    ConvGeometry g = good;
    change(g);
    return winograd_pays(g);
  };
  EXPECT_TRUE(with([](ConvGeometry& g) { g.kernel = 5; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.kernel = 7; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.stride = 2; }));  // a kernel of 2
  EXPECT_FALSE(with([](ConvGeometry& g) { g.dilation = 2; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.groups = 2; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.in_channels = 9; }));
  EXPECT_FALSE(with([](ConvGeometry& g) { g.out_length = 4; }));
}

}  // namespace
}  // namespace edgeproof::runtime
