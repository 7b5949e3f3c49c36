#include "compress/smooth.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "compress/calibrate.h"
#include "compress/calibration_run.h"
#include "compress/compress_testing.h"
#include "compress/equalize.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{128, 2};

// The largest values of the channels of a node's output.
std::vector<double> ranges(const graph::Graph& graph, const signal::WindowSet& windows, int node,
                           std::size_t channels) {
  CalibrationRun run(graph, windows, windows.count);
  std::vector<double> largest(channels, 0);
  for (int i = 0; i < run.count(); ++i) {
    run.run(i);
    const auto values = run.output(node);
    for (std::size_t k = 0; k < values.size(); ++k) {
      largest[k % channels] = std::max(largest[k % channels], std::abs(double{values[k]}));
    }
  }
  return largest;
}

TEST(Smooth, LeavesTheFunction) {
  const auto windows = random_windows(8, kShape, 1);
  for (const std::string& name : graph::architectures()) {
    if (name == "wdcnn") continue;  // its first kernel wants longer windows
    const auto fp32 = graph::with_random_parameters(graph::build(name, {kShape, 5}), 9);
    const auto a = logits_of(fp32, windows);
    float largest = 0;
    for (const float logit : a) largest = std::max(largest, std::abs(logit));
    for (const double alpha : {0.0, 0.5, 1.0}) {
      const auto b = logits_of(smooth(fp32, windows, {.alpha = alpha}), windows);
      for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-5F * largest) << name;
    }
  }
}

// In the cnn node 2, a pool, feeds node 3, a convolution of five taps.
TEST(Smooth, EvensTheRangesOfChannelsAsAlphaSays) {
  const auto windows = random_windows(16, kShape, 1);
  const auto fp32 = graph::fold(uneven_network("cnn"));
  const auto ratio = [](const std::vector<double>& values) {
    const auto [least, largest] = std::ranges::minmax(values);
    return largest / least;
  };
  EXPECT_GT(ratio(ranges(fp32, windows, 2, 32)), 20);
  EXPECT_NEAR(ratio(ranges(smooth(fp32, windows, {.alpha = 1}), windows, 2, 32)), 1, 1e-3);
  const auto half = smooth(fp32, windows);
  EXPECT_LT(ratio(ranges(half, windows, 2, 32)), 0.5 * ratio(ranges(fp32, windows, 2, 32)));
}

TEST(Smooth, WithAlphaHalfAChannelsRangeIsThatOfTheWeightsThatReadIt) {
  const auto windows = random_windows(16, kShape, 1);
  // Without layers after the pair, whose scales would change the weights again.
  graph::Graph fp32 = graph::fold(uneven_network("cnn"));
  fp32.nodes.resize(4);
  const auto smoothed = smooth(fp32, windows);
  const auto seen = ranges(smoothed, windows, 2, 32);
  const auto& w = std::get<graph::FloatWeights>(*graph::weights_of(smoothed.nodes[3].op)).values;
  std::vector<double> weights(32, 0);
  for (std::size_t i = 0; i < w.size(); ++i) {
    weights[i % 32] = std::max(weights[i % 32], std::abs(double{w[i]}));
  }
  for (std::size_t c = 0; c < 32; ++c) EXPECT_NEAR(seen[c] / weights[c], 1, 1e-4) << c;
}

TEST(Smooth, HelpsInt8WhereChannelsDiffer) {
  const auto windows = random_windows(32, kShape, 1);
  for (const bool equalized : {false, true}) {
    const auto fp32 = uneven_network("ds_cnn");
    const auto start = equalized ? equalize(fp32) : fp32;
    const auto expected = logits_of(fp32, windows);
    const auto error = [&](const graph::Graph& graph) {
      const auto found = logits_of(quantize(calibrate(graph, windows, {})), windows);
      double sum = 0;
      for (std::size_t i = 0; i < found.size(); ++i)
        sum += std::pow(double{found[i]} - expected[i], 2);
      return sum;
    };
    EXPECT_LT(error(smooth(start, windows)), 0.5 * error(fp32)) << equalized;
  }
}

TEST(Smooth, LeavesSilentChannelsAlone) {
  auto fp32 = graph::fold(uneven_network("cnn"));
  auto& first = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[1].op));
  first.bias[0] = -1e4F;  // never beyond ReLU
  auto& third = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[3].op));
  for (std::size_t i = 1; i < third.values.size(); i += 32) third.values[i] = 0;
  const auto windows = random_windows(4, kShape, 1);
  const auto after = smooth(fp32, windows);
  const auto& bias = std::get<graph::FloatWeights>(*graph::weights_of(after.nodes[1].op)).bias;
  EXPECT_EQ(bias[0], first.bias[0]);
  EXPECT_EQ(bias[1], first.bias[1]);
  EXPECT_NE(bias[2], first.bias[2]);
}

TEST(Smooth, DropsRangesThatNoLongerHold) {
  const auto windows = random_windows(4, kShape, 1);
  for (const auto& node : smooth(calibrate(uneven_network("cnn"), windows, {}), windows).nodes) {
    EXPECT_FALSE(node.quantization.has_value()) << node.name;
  }
}

TEST(Smooth, RefusesGraphsWindowsAndOptionsThatDoNotFit) {
  const auto windows = random_windows(4, kShape, 1);
  const auto fp32 = uneven_network("cnn");
  EXPECT_THROW(smooth(quantize(calibrate(fp32, windows, {})), windows), Error);
  EXPECT_THROW(smooth(fp32, random_windows(0, kShape, 1)), Error);
  EXPECT_THROW(smooth(fp32, random_windows(4, {64, 2}, 1)), Error);
  for (const double alpha : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(smooth(fp32, windows, {.alpha = alpha}), Error);
  }
  EXPECT_THROW(smooth(fp32, windows, {.windows = 0}), Error);
  auto missing = windows;
  missing.values[5] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(smooth(fp32, missing), Error);
  auto overflowing = graph::fold(fp32);
  for (graph::Node& node : overflowing.nodes) {
    auto* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    for (float& value : std::get<graph::FloatWeights>(*weights).values) value *= 1e25F;
  }
  EXPECT_THROW(smooth(overflowing, windows), Error);
}

}  // namespace
}  // namespace edgeproof::compress
