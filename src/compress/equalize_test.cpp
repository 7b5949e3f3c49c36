#include "compress/equalize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

constexpr graph::Shape kShape{128, 2};

const graph::FloatWeights& weights_at(const graph::Graph& graph, std::size_t node) {
  return std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[node].op));
}

double noise_to_signal(const std::vector<float>& a, const std::vector<float>& b) {
  double noise = 0, signal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    noise += std::pow(double{a[i]} - b[i], 2);
    signal += std::pow(double{a[i]}, 2);
  }
  return noise / signal;
}

TEST(Equalize, LeavesTheFunction) {
  const auto windows = random_windows(8, kShape, 1);
  for (const std::string& name : graph::architectures()) {
    if (name == "wdcnn") continue;  // its first kernel wants longer windows
    const auto fp32 = uneven_network(name);
    const auto a = logits_of(fp32, windows);
    const auto b = logits_of(equalize(fp32), windows);
    float largest = 0;
    for (const float logit : a) largest = std::max(largest, std::abs(logit));
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4F * largest) << name;
  }
}

// Inside a residual block the first convolution feeds the second alone; what the addition or
// several layers take stays as it was.
TEST(Equalize, LeavesLayersBeforeAnAdditionAsTheyAre) {
  const auto before = graph::fold(uneven_network("resnet1d"));
  const auto after = equalize(before);
  for (std::size_t n = 0; n < after.nodes.size(); ++n) {
    if (graph::weights_of(after.nodes[n].op) == nullptr) continue;
    const std::string& name = after.nodes[n].name;
    const bool inside = name.find("_conv") != std::string::npos;
    EXPECT_EQ(weights_at(before, n).values != weights_at(after, n).values, inside) << name;
    const bool first = name.find("_conv1") != std::string::npos;
    EXPECT_EQ(weights_at(before, n).bias != weights_at(after, n).bias, first) << name;
  }
}

// In the cnn node 1 feeds 3 through a pool, 3 feeds 5, and 5 the dense layer through the average.
TEST(Equalize, MakesTheRangesOfNeighboursEqual) {
  const auto before = graph::fold(uneven_network("cnn"));
  const auto after = equalize(before);
  std::vector<std::size_t> layers;
  for (std::size_t n = 0; n < after.nodes.size(); ++n) {
    if (graph::weights_of(after.nodes[n].op) != nullptr) layers.push_back(n);
  }
  ASSERT_EQ(layers.size(), 4U);
  const auto worst_ratio = [&](const graph::Graph& graph) {
    double worst = 1;
    for (std::size_t l = 0; l + 1 < layers.size(); ++l) {
      const auto& first = weights_at(graph, layers[l]).values;
      const auto& second = weights_at(graph, layers[l + 1]).values;
      const std::size_t channels = weights_at(graph, layers[l]).bias.size();
      const std::size_t per_output = first.size() / channels;
      std::vector<double> r1(channels, 0), r2(channels, 0);
      for (std::size_t i = 0; i < first.size(); ++i) {
        r1[i / per_output] = std::max(r1[i / per_output], std::abs(double{first[i]}));
      }
      for (std::size_t i = 0; i < second.size(); ++i) {
        r2[i % channels] = std::max(r2[i % channels], std::abs(double{second[i]}));
      }
      for (std::size_t c = 0; c < channels; ++c) {
        worst = std::max({worst, r1[c] / r2[c], r2[c] / r1[c]});
      }
    }
    return worst;
  };
  EXPECT_GT(worst_ratio(before), 3);
  EXPECT_LT(worst_ratio(after), 1.005);
}

TEST(Equalize, HelpsInt8WhereChannelsDiffer) {
  const auto windows = random_windows(32, kShape, 1);
  const auto fp32 = uneven_network("ds_cnn");
  const auto reference = logits_of(fp32, windows);
  const auto plain = quantize(calibrate(fp32, windows, {}));
  const auto equalized = quantize(calibrate(equalize(fp32), windows, {}));
  EXPECT_LT(noise_to_signal(reference, logits_of(equalized, windows)),
            0.5 * noise_to_signal(reference, logits_of(plain, windows)));
}

TEST(Equalize, LeavesChannelsOfZerosAlone) {
  auto fp32 = graph::fold(uneven_network("cnn"));
  auto& weights = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[1].op));
  const std::size_t per_output = weights.values.size() / weights.bias.size();
  std::fill_n(weights.values.begin(), per_output, 0.0F);
  const auto after = equalize(fp32);
  EXPECT_EQ(weights_at(after, 1).bias[0], weights.bias[0]);
  const auto windows = random_windows(4, kShape, 1);
  EXPECT_LT(noise_to_signal(logits_of(fp32, windows), logits_of(after, windows)), 1e-8);
}

TEST(Equalize, DropsRangesThatNoLongerHold) {
  const auto windows = random_windows(4, kShape, 1);
  for (const auto& node : equalize(calibrate(uneven_network("cnn"), windows, {})).nodes) {
    EXPECT_FALSE(node.quantization.has_value()) << node.name;
  }
}

TEST(Equalize, RefusesInt8GraphsAndOptionsOutOfRange) {
  const auto windows = random_windows(4, kShape, 1);
  const auto fp32 = uneven_network("cnn");
  EXPECT_THROW(equalize(quantize(calibrate(fp32, windows, {}))), Error);
  EXPECT_THROW(equalize(fp32, {.sweeps = 0}), Error);
  EXPECT_THROW(equalize(fp32, {.tolerance = 0}), Error);
}

}  // namespace
}  // namespace edgeproof::compress
