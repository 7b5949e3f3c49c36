#include "compress/calibrate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/compress_testing.h"
#include "compress/quantize.h"
#include "compress/range_search.h"
#include "core/error.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{128, 9};

graph::Graph network() {
  return graph::with_random_parameters(graph::cnn({kShape, 6}), 1);
}

CalibrationOptions options_of(const std::string& name) {
  return {.method = calibration_from_name(name)};
}

TEST(Calibrate, MinMaxOfTheInputIsWhatWasSeen) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  auto windows = random_windows(4, {128, 9}, 1);
  windows.values[100] = 31;
  windows.values[2000] = -20;
  const auto ranged = calibrate(fp32, windows, {});
  EXPECT_EQ(ranged.nodes[0].quantization, affine_quantization(-20, 31));
}

TEST(Calibrate, PercentileIgnoresRareOutliers) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  auto windows = random_windows(16, {128, 9}, 1);
  const CalibrationOptions options{.method = CalibrationMethod::percentile, .percentile = 99.9};
  const float clean = calibrate(fp32, windows, options).nodes[0].quantization->scale;
  windows.values[100] = 1000;
  const float with_outlier = calibrate(fp32, windows, options).nodes[0].quantization->scale;
  EXPECT_NEAR(with_outlier, clean, 0.02F * clean);
}

// A concatenation joins a convolution of small values and a pool over one of large values.
TEST(Calibrate, ConcatenatedProducersShareTheUnionOfTheirRanges) {
  const auto conv = [](float weight, float bias) {
    return graph::Conv1d{.out_channels = 1, .weights = graph::FloatWeights{{weight}, {bias}}};
  };
  const auto dense = [](int inputs) {
    return graph::Dense{
        1, graph::Activation::none,
        graph::FloatWeights{std::vector<float>(static_cast<std::size_t>(inputs), 1), {0}}};
  };
  const graph::Graph fp32{"joined",
                          {{"input", graph::Input{{8, 1}}, {}},
                           {"small", conv(0.1F, 0), {0}},
                           {"large", conv(1.0F, 10), {0}},
                           {"pool", graph::MaxPool{3, 1, 1, 1}, {2}},
                           {"join", graph::Concat{}, {1, 3}},
                           {"other", conv(1.0F, 0), {0}},
                           {"sum", graph::Add{}, {2, 5}},
                           {"dense", dense(16), {4}},
                           {"dense2", dense(8), {6}},
                           {"logits", graph::Add{}, {7, 8}}}};
  const signal::WindowSet windows{1, 8, 1, {-2, -1, 0, 1, 2, 3, 0, 1}, {}, {}};
  const auto ranged = calibrate(fp32, windows, {});
  EXPECT_EQ(ranged.nodes[1].quantization, affine_quantization(-0.2F, 13));
  EXPECT_EQ(ranged.nodes[5].quantization, affine_quantization(-2, 3));
  EXPECT_EQ(ranged.nodes[6].quantization, affine_quantization(6, 16));
  for (const std::string& name : calibration_names()) {
    const auto int8 = quantize(calibrate(fp32, windows, options_of(name)));
    for (const std::size_t n : {2, 3, 4}) {
      EXPECT_EQ(int8.nodes[n].quantization, int8.nodes[1].quantization) << name;
    }
  }
}

TEST(Calibrate, AnEmptyOrWrongSetIsAnError) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  EXPECT_THROW(calibrate(fp32, random_windows(0, {128, 9}, 1), {}), Error);
  EXPECT_THROW(calibrate(fp32, random_windows(2, {64, 9}, 1), {}), Error);
}

TEST(Calibrate, EveryMethodGivesANetworkThatFollowsFp32) {
  const auto windows = random_windows(64, kShape, 3);
  const auto a = runtime::evaluate(runtime::Plan(network()), windows.values, windows.count, 1);
  for (const std::string& name : calibration_names()) {
    const auto int8 = quantize(calibrate(network(), windows, options_of(name)));
    const auto b = runtime::evaluate(runtime::Plan(int8), windows.values, windows.count, 1);
    double noise = 0, signal = 0;
    for (std::size_t i = 0; i < a.logits.size(); ++i) {
      noise += std::pow(a.logits[i] - b.logits[i], 2);
      signal += std::pow(a.logits[i], 2);
    }
    EXPECT_LT(noise / signal, 0.01) << name;
  }
}

// The input node's output is the windows themselves.
TEST(Calibrate, MovingAverageFollowsTheExtremesOfEachBatch) {
  const auto windows = random_windows(5, kShape, 1);
  float lo = 0, hi = 0;
  for (int i = 0; i < 5; ++i) {
    const auto window = windows.window(i);
    const auto [least, largest] = std::minmax_element(window.begin(), window.end());
    lo = i == 0 ? *least : 0.75F * lo + 0.25F * *least;
    hi = i == 0 ? *largest : 0.75F * hi + 0.25F * *largest;
  }
  const auto ranged =
      calibrate(network(), windows,
                {.method = CalibrationMethod::moving_average, .momentum = 0.25, .batch = 1});
  const auto expected = affine_quantization(lo, hi);
  EXPECT_NEAR(ranged.nodes[0].quantization->scale, expected.scale, 1e-6F * expected.scale);
  EXPECT_EQ(ranged.nodes[0].quantization->zero_point, expected.zero_point);
}

TEST(Calibrate, MovingAverageOfOneBatchIsMinMax) {
  const auto windows = random_windows(16, kShape, 1);
  const auto average = calibrate(network(), windows, options_of("moving_average"));
  const auto min_max = calibrate(network(), windows, {});
  for (std::size_t n = 0; n < min_max.nodes.size(); ++n) {
    EXPECT_EQ(average.nodes[n].quantization, min_max.nodes[n].quantization);
  }
}

// The input node's output is the windows themselves.
TEST(Calibrate, MseAndEntropySearchTheHistogramOfWhatWasSeen) {
  auto windows = random_windows(16, kShape, 1);
  windows.values[100] = 200;
  const auto [lo, hi] = std::minmax_element(windows.values.begin(), windows.values.end());
  Histogram histogram({*lo, *hi});
  histogram.add(windows.values);
  const Range mse = mse_range(histogram), entropy = entropy_range(histogram);
  EXPECT_EQ(calibrate(network(), windows, options_of("mse")).nodes[0].quantization,
            affine_quantization(mse.lo, mse.hi));
  EXPECT_EQ(calibrate(network(), windows, options_of("entropy")).nodes[0].quantization,
            affine_quantization(entropy.lo, entropy.hi));
  EXPECT_LT(entropy.hi, 50);
}

TEST(Calibrate, ConstantWindowsGiveAValidNetworkByEveryMethod) {
  for (const float value : {0.0F, 2.0F}) {
    auto windows = random_windows(4, kShape, 1);
    std::fill(windows.values.begin(), windows.values.end(), value);
    for (const std::string& name : calibration_names()) {
      EXPECT_NO_THROW(graph::validate(quantize(calibrate(network(), windows, options_of(name)))))
          << name;
    }
  }
}

TEST(Calibrate, AWindowWithAMissingValueIsAnErrorByEveryMethod) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    auto windows = random_windows(4, kShape, 1);
    windows.values[3000] = value;
    for (const std::string& name : calibration_names()) {
      EXPECT_THROW(calibrate(network(), windows, options_of(name)), Error) << name;
    }
  }
}

TEST(Calibrate, ActivationsThatOverflowAreAnError) {
  auto windows = random_windows(4, kShape, 1);
  for (float& value : windows.values) value *= 1e38F / 5;
  EXPECT_THROW(calibrate(network(), windows, {}), Error);
}

TEST(Calibrate, RefusesOptionsOutOfRange) {
  EXPECT_THROW(
      calibrate(graph::cnn({{16, 2}, 3}), random_windows(4, {16, 2}, 1), {.activation_bits = 9}),
      Error);
  const auto windows = random_windows(2, kShape, 1);
  const auto refuses = [&](const CalibrationOptions& options) {
    EXPECT_THROW(calibrate(network(), windows, options), Error);
  };
  refuses({.percentile = 0});
  refuses({.percentile = 100.1});
  refuses({.windows = 0});
  refuses({.momentum = 0});
  refuses({.momentum = std::nan("")});
  refuses({.batch = 0});
}

TEST(CalibrationNames, AreThoseOfTheMethods) {
  EXPECT_EQ(calibration_from_name("min_max"), CalibrationMethod::min_max);
  EXPECT_EQ(calibration_from_name("percentile"), CalibrationMethod::percentile);
  EXPECT_EQ(calibration_from_name("moving_average"), CalibrationMethod::moving_average);
  EXPECT_EQ(calibration_from_name("mse"), CalibrationMethod::mse);
  EXPECT_EQ(calibration_from_name("entropy"), CalibrationMethod::entropy);
  EXPECT_THROW(calibration_from_name("entropi"), Error);
}

// A convolution that gives -4 to 8, clipped to [0, 6], and its sigmoid.
TEST(Calibrate, AClipNarrowsTheRangeBeforeItAndSigmoidHasItsOwn) {
  using Function = graph::Elementwise::Function;
  const graph::Graph fp32{
      "clipped",
      {{"input", graph::Input{{2, 1}}, {}},
       {"conv", graph::Conv1d{.out_channels = 1, .weights = graph::FloatWeights{{1}, {0}}}, {0}},
       {"relu6", graph::Elementwise{}, {1}},
       {"sigmoid", graph::Elementwise{.function = Function::sigmoid}, {2}}}};
  signal::WindowSet windows = random_windows(1, {2, 1}, 1);
  windows.values = {-4, 8};
  const graph::Graph ranged = calibrate(fp32, windows, {});
  EXPECT_EQ(ranged.nodes[0].quantization, affine_quantization(-4, 8));
  EXPECT_EQ(ranged.nodes[1].quantization, affine_quantization(0, 6));
  EXPECT_EQ(ranged.nodes[2].quantization, affine_quantization(0, 6));
  EXPECT_EQ(ranged.nodes[3].quantization, (graph::Quantization{1 / 256.0F, -128}));
  EXPECT_NO_THROW(quantize(ranged));
  graph::Graph unranged = ranged;
  unranged.nodes[3].quantization.reset();
  unranged.nodes.push_back(
      {"logits",
       graph::Conv1d{.out_channels = 1, .weights = graph::FloatWeights{{1}, {0}}},
       {3},
       graph::Quantization{1, 0}});
  EXPECT_EQ(quantize(unranged).nodes[3].quantization, (graph::Quantization{1 / 256.0F, -128}));
}

}  // namespace
}  // namespace edgeproof::compress
