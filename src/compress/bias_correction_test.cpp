#include "compress/bias_correction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{128, 9};

graph::Graph network(const std::string& name) {
  return graph::with_random_parameters(graph::build(name, {kShape, 6}), 4);
}

// Windows whose mean is far from zero: rounding errors of weights do not cancel.
signal::WindowSet shifted_windows(int count) {
  auto windows = random_windows(count, kShape, 5);
  for (float& value : windows.values) value += 1.5F;
  return windows;
}

// The largest error of a class's mean logit, in steps of the output's quantization.
double mean_error(const graph::Graph& int8, const graph::Graph& fp32,
                  const signal::WindowSet& windows) {
  const auto a = runtime::evaluate(runtime::Plan(fp32), windows.values, windows.count, 1);
  const auto b = runtime::evaluate(runtime::Plan(int8), windows.values, windows.count, 1);
  double worst = 0;
  for (int c = 0; c < a.classes; ++c) {
    double sum = 0;
    for (std::size_t i = static_cast<std::size_t>(c); i < a.logits.size(); i += a.classes) {
      sum += double{b.logits[i]} - a.logits[i];
    }
    worst = std::max(worst, std::abs(sum / windows.count));
  }
  return worst / int8.nodes.back().quantization->scale;
}

TEST(BiasCorrection, BringsTheMeanErrorOfEveryLogitToZero) {
  for (const char* name : {"cnn", "ds_cnn", "resnet1d", "tcn", "inception"}) {
    const auto windows = shifted_windows(64);
    const auto ranged = calibrate(network(name), windows, {});
    for (const int bits : {4, 8}) {
      const auto int8 = quantize(ranged, {.weight_bits = bits});
      const auto corrected = correct_bias(int8, ranged, windows);
      // What is left is the rounding of the output itself, over 64 windows.
      EXPECT_LT(mean_error(corrected, ranged, windows), 0.25) << name << bits;
      if (bits == 4) {
        EXPECT_GT(mean_error(int8, ranged, windows), 1) << name;
      }
    }
  }
}

// One convolution per kind, without activation function, on which nothing clips: every channel of
// its output is seen directly, and every position, padded ones too.
TEST(BiasCorrection, BringsTheMeanErrorOfEveryChannelOfAConvolutionToZero) {
  for (const int groups : {1, 3, 9}) {
    const graph::Conv1d conv{.out_channels = 18,
                             .kernel = 5,
                             .stride = 2,
                             .pad_left = 3,
                             .pad_right = 1,
                             .dilation = 2,
                             .groups = groups};
    graph::Graph fp32{"one", {{"input", graph::Input{kShape}, {}}, {"conv", conv, {0}}}};
    auto& w = std::get<graph::Conv1d>(fp32.nodes[1].op).weights.emplace<graph::FloatWeights>();
    w.values.resize(static_cast<std::size_t>(18 * 5 * 9 / groups));
    w.bias.resize(18);
    fp32 = graph::with_random_parameters(fp32, 3);
    const auto windows = shifted_windows(32);
    auto ranged = calibrate(fp32, windows, {});
    ranged.nodes[1].quantization->scale *= 2;  // coarse weights may go beyond what FP32 reached
    const auto int8 = quantize(ranged, {.weight_bits = 4});
    const auto error_of = [&](const graph::Graph& graph) {
      const auto a = runtime::evaluate(runtime::Plan(fp32), windows.values, windows.count, 1);
      const auto b = runtime::evaluate(runtime::Plan(graph), windows.values, windows.count, 1);
      EXPECT_EQ(b.clipped[1], 0);
      std::vector<double> mean(18, 0);
      for (std::size_t i = 0; i < a.logits.size(); ++i) {
        mean[i % 18] +=
            (double{b.logits[i]} - a.logits[i]) * 18 / static_cast<double>(a.logits.size());
      }
      double worst = 0;
      for (const double m : mean) worst = std::max(worst, std::abs(m));
      return worst / graph.nodes[1].quantization->scale;
    };
    EXPECT_LT(error_of(correct_bias(int8, ranged, windows)), 0.06) << groups;
    EXPECT_GT(error_of(int8), 0.3) << groups;
  }
}

TEST(BiasCorrection, ChangesNothingButBiases) {
  const auto windows = shifted_windows(8);
  const auto ranged = calibrate(network("cnn"), windows, {});
  const auto int8 = quantize(ranged, {.weight_bits = 3, .weight_clip = WeightClip::mse});
  const auto corrected = correct_bias(int8, ranged, windows);
  EXPECT_NO_THROW(graph::validate(corrected));
  bool changed = false;
  for (std::size_t n = 0; n < int8.nodes.size(); ++n) {
    EXPECT_EQ(int8.nodes[n].quantization, corrected.nodes[n].quantization);
    const auto* before = graph::weights_of(int8.nodes[n].op);
    if (before == nullptr) continue;
    const auto& a = std::get<graph::Int8Weights>(*before);
    const auto& b = std::get<graph::Int8Weights>(*graph::weights_of(corrected.nodes[n].op));
    EXPECT_EQ(a.values, b.values);
    EXPECT_EQ(a.scales, b.scales);
    changed = changed || a.bias != b.bias;
  }
  EXPECT_TRUE(changed);
}

TEST(BiasCorrection, TwiceIsOnce) {
  const auto windows = shifted_windows(8);
  const auto fp32 = network("cnn");
  const auto int8 = quantize(calibrate(fp32, windows, {}));
  const auto once = correct_bias(int8, fp32, windows);
  const auto twice = correct_bias(once, fp32, windows);
  for (std::size_t n = 0; n < once.nodes.size(); ++n) {
    const auto* weights = graph::weights_of(once.nodes[n].op);
    if (weights == nullptr) continue;
    EXPECT_EQ(std::get<graph::Int8Weights>(*weights).bias,
              std::get<graph::Int8Weights>(*graph::weights_of(twice.nodes[n].op)).bias);
  }
}

TEST(BiasCorrection, AChannelOfZeroWeightsKeepsItsBias) {
  auto fp32 = graph::fold(network("cnn"));
  auto& weights = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[1].op));
  std::fill_n(weights.values.begin(), 45, 0.0F);
  const auto windows = shifted_windows(4);
  const auto int8 = quantize(calibrate(fp32, windows, {}));
  const auto corrected = correct_bias(int8, fp32, windows);
  const auto bias = [](const graph::Graph& graph) {
    return std::get<graph::Int8Weights>(*graph::weights_of(graph.nodes[1].op)).bias[0];
  };
  EXPECT_EQ(bias(corrected), bias(int8));
}

TEST(BiasCorrection, RefusesGraphsAndWindowsThatDoNotBelongTogether) {
  const auto windows = shifted_windows(4);
  const auto fp32 = network("cnn");
  const auto int8 = quantize(calibrate(fp32, windows, {}));
  EXPECT_THROW(correct_bias(fp32, fp32, windows), Error);
  EXPECT_THROW(correct_bias(int8, int8, windows), Error);
  EXPECT_THROW(correct_bias(int8, network("ds_cnn"), windows), Error);
  EXPECT_THROW(correct_bias(int8, fp32, random_windows(0, kShape, 1)), Error);
  EXPECT_THROW(correct_bias(int8, fp32, random_windows(4, {64, 9}, 1)), Error);
  EXPECT_THROW(correct_bias(int8, fp32, windows, {.windows = 0}), Error);
  auto missing = windows;
  missing.values[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(correct_bias(int8, fp32, missing), Error);
}

}  // namespace
}  // namespace edgeproof::compress
