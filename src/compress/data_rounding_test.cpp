#include "compress/data_rounding.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "compress/rounding_testing.h"
#include "compress/sparsify.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/zoo.h"

namespace edgeproof::compress {
namespace {

constexpr graph::Shape kShape{64, 3};

graph::Graph network(const std::string& name) {
  return graph::with_random_parameters(graph::build(name, {kShape, 5}), 2);
}

DataRounding rounding(WeightRounding method) {
  return {.method = method, .windows = 24, .adaround = {.iterations = 100, .batch = 32}};
}

const graph::Int8Weights* int8_weights(const graph::Node& node) {
  const auto* weights = graph::weights_of(node.op);
  return weights == nullptr ? nullptr : &std::get<graph::Int8Weights>(*weights);
}

class EachRounding : public testing::TestWithParam<WeightRounding> {};

TEST_P(EachRounding, ChangesLevelsAloneAndKeepsThemWithinTheirBits) {
  const auto windows = smooth_windows(24, kShape, 1);
  const auto ranged = calibrate(network("ds_cnn"), windows, {});
  for (int bits = 2; bits <= 8; ++bits) {
    const QuantizeOptions options{.weight_bits = bits, .weight_clip = WeightClip::mse};
    const auto nearest = quantize(ranged, options);
    const auto found = quantize(ranged, windows, options, rounding(GetParam()));
    bool changed = false;
    for (std::size_t n = 0; n < nearest.nodes.size(); ++n) {
      EXPECT_EQ(nearest.nodes[n].name, found.nodes[n].name);
      EXPECT_EQ(nearest.nodes[n].quantization, found.nodes[n].quantization);
      const auto* before = int8_weights(nearest.nodes[n]);
      const auto* after = int8_weights(found.nodes[n]);
      ASSERT_EQ(before == nullptr, after == nullptr);
      if (before == nullptr) continue;
      EXPECT_EQ(before->scales, after->scales);
      EXPECT_EQ(before->bias, after->bias);
      const auto [least, largest] = std::ranges::minmax(after->values);
      EXPECT_GE(least, -largest_weight_level(bits));
      EXPECT_LE(largest, largest_weight_level(bits));
      changed |= before->values != after->values;
    }
    EXPECT_TRUE(changed) << bits;
  }
}

TEST_P(EachRounding, BringsTheNetworkCloserToFp32) {
  for (const char* name : {"cnn", "ds_cnn"}) {
    const auto windows = smooth_windows(64, kShape, 1);
    const auto unseen = smooth_windows(64, kShape, 99);
    const auto ranged = calibrate(network(name), windows, {});
    const auto logits = [&](const graph::Graph& graph) {
      return runtime::evaluate(runtime::Plan(graph), unseen.values, unseen.count, 1).logits;
    };
    const auto expected = logits(ranged);
    const auto error = [&](const graph::Graph& graph) {
      const auto found = logits(graph);
      double sum = 0;
      for (std::size_t i = 0; i < found.size(); ++i)
        sum += std::pow(double{found[i]} - expected[i], 2);
      return sum;
    };
    const QuantizeOptions options{.weight_bits = 3};
    const double nearest = error(quantize(ranged, options));
    const double found = error(quantize(ranged, windows, options,
                                        {.method = GetParam(), .adaround = {.iterations = 500}}));
    EXPECT_LT(found, 0.4 * nearest) << name;
  }
}

TEST_P(EachRounding, IsTheSameEveryTimeBeforeAndAfterFolding) {
  const auto windows = smooth_windows(24, kShape, 1);
  const auto ranged = calibrate(network("cnn"), windows, {});
  const auto once = quantize(ranged, windows, {.weight_bits = 3}, rounding(GetParam()));
  const auto again =
      quantize(graph::fold(ranged), windows, {.weight_bits = 3}, rounding(GetParam()));
  for (std::size_t n = 0; n < once.nodes.size(); ++n) {
    if (const auto* q = int8_weights(once.nodes[n])) {
      EXPECT_EQ(q->values, int8_weights(again.nodes[n])->values);
    }
  }
}

TEST_P(EachRounding, LeavesZerosZero) {
  const auto windows = smooth_windows(24, kShape, 1);
  const auto sparse = sparsify(network("ds_cnn"), {.ratio = 0.6});
  for (const int bits : {3, 8}) {
    const auto found = quantize(calibrate(sparse, windows, {}), windows, {.weight_bits = bits},
                                rounding(GetParam()));
    const auto fp32 = graph::fold(sparse);
    for (std::size_t n = 0; n < found.nodes.size(); ++n) {
      const auto* q = int8_weights(found.nodes[n]);
      if (q == nullptr) continue;
      const auto& w = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[n].op)).values;
      for (std::size_t i = 0; i < w.size(); ++i) {
        if (w[i] == 0) {
          ASSERT_EQ(q->values[i], 0) << found.nodes[n].name;
        }
      }
    }
  }
}

TEST_P(EachRounding, RefusesWindowsAndOptionsOutOfRange) {
  const auto windows = smooth_windows(4, kShape, 1);
  const auto ranged = calibrate(network("cnn"), windows, {});
  const auto try_it = [&](const signal::WindowSet& set, QuantizeOptions options = {},
                          int most = 4) {
    auto how = rounding(GetParam());
    how.windows = most;
    (void)quantize(ranged, set, options, how);
  };
  EXPECT_NO_THROW(try_it(windows));
  EXPECT_THROW(try_it(random_windows(0, kShape, 1)), Error);
  EXPECT_THROW(try_it(random_windows(4, {32, 3}, 1)), Error);
  EXPECT_THROW(try_it(windows, {.weight_bits = 9}), Error);
  EXPECT_THROW(try_it(windows, {}, 0), Error);
  auto missing = windows;
  missing.values[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(try_it(missing), Error);
  EXPECT_THROW(quantize(network("cnn"), windows, {}, rounding(GetParam())), Error);  // no ranges
}

INSTANTIATE_TEST_SUITE_P(DataRounding, EachRounding,
                         testing::Values(WeightRounding::adaround, WeightRounding::gptq),
                         [](const auto& info) {
                           return weight_rounding_names()[static_cast<std::size_t>(info.param)];
                         });

// What a layer sees depends on the layers before it alone, so that the finished network gives it
// the same inputs as the one so far.
TEST(DataRounding, EachLayerIsRoundedOnWhatTheIntegerNetworkGivesIt) {
  const auto windows = smooth_windows(24, kShape, 1);
  const auto fp32 = calibrate(network("cnn"), windows, {});
  const QuantizeOptions options{.weight_bits = 3};
  const auto nearest = quantize(fp32, options);
  const auto int8 = quantize(fp32, windows, options, rounding(WeightRounding::gptq));
  for (int n = 0; n < static_cast<int>(int8.nodes.size()); ++n) {
    const auto* q = int8_weights(int8.nodes[static_cast<std::size_t>(n)]);
    if (q == nullptr) continue;
    const auto layer = layer_data(int8, fp32, n, windows, 24, false);
    EXPECT_EQ(q->values,
              gptq(layer, *int8_weights(nearest.nodes[static_cast<std::size_t>(n)]), 3, {}));
  }
}

TEST(DataRounding, RefusesToLearnFromActivationsThatOverflow) {
  const auto windows = smooth_windows(4, kShape, 1);
  auto fp32 = calibrate(network("cnn"), windows, {});
  for (graph::Node& node : fp32.nodes) {
    auto* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    for (float& value : std::get<graph::FloatWeights>(*weights).values) value *= 1e15F;
  }
  EXPECT_THROW(quantize(fp32, windows, {}, rounding(WeightRounding::adaround)), Error);
}

TEST(DataRounding, ToNearestNeedsNoWindows) {
  const auto windows = smooth_windows(4, kShape, 1);
  const auto ranged = calibrate(network("cnn"), windows, {});
  const auto a = quantize(ranged, {.weight_bits = 4});
  const auto b = quantize(ranged, {}, {.weight_bits = 4}, {});
  for (std::size_t n = 0; n < a.nodes.size(); ++n) {
    if (const auto* q = int8_weights(a.nodes[n])) {
      EXPECT_EQ(q->values, int8_weights(b.nodes[n])->values);
    }
  }
}

}  // namespace
}  // namespace edgeproof::compress
