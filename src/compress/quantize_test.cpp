#include "compress/quantize.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "core/error.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

RC_GTEST_PROP(AffineQuantization, CoversTheRangeAndHoldsZeroExactly, ()) {
  const float a = static_cast<float>(*rc::gen::inRange(-100000, 100000)) / 977;
  const float b = static_cast<float>(*rc::gen::inRange(-100000, 100000)) / 977;
  const float lo = std::min(a, b), hi = std::max(a, b);
  const graph::Quantization q = affine_quantization(lo, hi);
  RC_ASSERT(q.zero_point >= -128 && q.zero_point <= 127);
  const auto real = [&](int level) { return q.scale * static_cast<float>(level - q.zero_point); };
  // Rounding the zero point can cost half a step at one end.
  RC_ASSERT(real(-128) <= std::min(lo, 0.0F) + 0.501F * q.scale);
  RC_ASSERT(real(127) >= std::max(hi, 0.0F) - 0.501F * q.scale);
}

TEST(AffineQuantization, AConstantZeroStillHasAScale) {
  EXPECT_GT(affine_quantization(0, 0).scale, 0);
}

TEST(Quantize, WeightsAreWithinHalfAStepOfTheirChannel) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto folded = graph::fold(fp32);
  const auto int8 = quantize(calibrate(fp32, random_windows(8, {128, 9}, 1), {}));
  for (std::size_t n = 0; n < int8.nodes.size(); ++n) {
    const auto* weights = graph::weights_of(int8.nodes[n].op);
    if (weights == nullptr) continue;
    const auto& q = std::get<graph::Int8Weights>(*weights);
    const auto& w = std::get<graph::FloatWeights>(*graph::weights_of(folded.nodes[n].op));
    const std::size_t per_output = w.values.size() / w.bias.size();
    for (std::size_t c = 0; c < w.bias.size(); ++c) {
      int largest = 0;
      for (std::size_t i = c * per_output; i < (c + 1) * per_output; ++i) {
        EXPECT_NEAR(q.values[i] * q.scales[c], w.values[i], 0.5001F * q.scales[c]);
        largest = std::max(largest, std::abs(q.values[i]));
      }
      EXPECT_EQ(largest, 127);
    }
  }
}

TEST(Quantize, IntegerLogitsFollowFp32) {
  for (const std::string& name : graph::architectures()) {
    const graph::Shape shape{name == "wdcnn" ? 2048 : 128, name == "wdcnn" ? 1 : 9};
    const auto fp32 = graph::with_random_parameters(graph::build(name, {shape, 6}), 2);
    const auto windows = random_windows(64, shape, 3);
    const auto int8 = quantize(calibrate(fp32, windows, {}));
    const auto a = runtime::evaluate(runtime::Plan(fp32), windows.values, windows.count, 1);
    const auto b = runtime::evaluate(runtime::Plan(int8), windows.values, windows.count, 1);
    double noise = 0, signal = 0;
    for (std::size_t i = 0; i < a.logits.size(); ++i) {
      noise += std::pow(a.logits[i] - b.logits[i], 2);
      signal += std::pow(a.logits[i], 2);
    }
    EXPECT_LT(noise / signal, 0.01) << name;  // better than 20 dB
  }
}

TEST(Quantize, PoolingKeepsItsInputsQuantization) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto int8 = quantize(calibrate(fp32, random_windows(4, {128, 9}, 1), {}));
  EXPECT_EQ(int8.nodes[2].quantization, int8.nodes[1].quantization);
  EXPECT_NO_THROW(graph::validate(int8));
}

TEST(Quantize, AConcatenationOfDifferentRangesIsAnError) {
  const auto fp32 = graph::with_random_parameters(graph::inception({{64, 3}, 6}), 1);
  auto ranged = calibrate(fp32, random_windows(4, {64, 3}, 1), {});
  const auto join = std::find_if(ranged.nodes.begin(), ranged.nodes.end(), [](const auto& node) {
    return std::holds_alternative<graph::Concat>(node.op);
  });
  ranged.nodes[static_cast<std::size_t>(join->inputs[1])].quantization->scale *= 2;
  EXPECT_THROW(quantize(ranged), Error);
}

TEST(Quantize, AChannelOfZeroWeightsKeepsItsBias) {
  auto fp32 = graph::fold(graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1));
  auto& weights = std::get<graph::FloatWeights>(*graph::weights_of(fp32.nodes[1].op));
  std::fill_n(weights.values.begin(), 45, 0.0F);
  weights.bias[0] = 2.5F;
  const auto int8 = quantize(calibrate(fp32, random_windows(4, {128, 9}, 1), {}));
  const auto& q = std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[1].op));
  const float input_scale = int8.nodes[0].quantization->scale;
  EXPECT_NEAR(static_cast<float>(q.bias[0]) * input_scale * q.scales[0], 2.5F, 1e-3F);
}

TEST(Quantize, FewerWeightBitsGiveMoreNoise) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 2);
  const auto windows = random_windows(32, {128, 9}, 3);
  const auto ranged = calibrate(fp32, windows, {});
  const auto a = runtime::evaluate(runtime::Plan(fp32), windows.values, windows.count, 1);
  double last = 0;
  for (const int bits : {8, 6, 4, 2}) {
    const auto int8 = quantize(ranged, {.weight_bits = bits, .weight_clip = WeightClip::mse});
    const auto b = runtime::evaluate(runtime::Plan(int8), windows.values, windows.count, 1);
    double noise = 0;
    for (std::size_t i = 0; i < a.logits.size(); ++i)
      noise += std::pow(a.logits[i] - b.logits[i], 2);
    EXPECT_GT(noise, last) << bits;
    last = noise;
  }
}

TEST(Quantize, FewerActivationBitsGiveMoreNoiseInside) {
  const auto fp32 = graph::with_random_parameters(graph::resnet1d({{128, 9}, 6}), 2);
  const auto windows = random_windows(32, {128, 9}, 3);
  const auto a = runtime::evaluate(runtime::Plan(fp32), windows.values, windows.count, 1);
  for (const auto method : {CalibrationMethod::min_max, CalibrationMethod::mse}) {
    double last = 0;
    for (const int bits : {8, 6, 4, 2}) {
      const auto int8 =
          quantize(calibrate(fp32, windows, {.method = method, .activation_bits = bits}));
      for (const graph::Node& node : int8.nodes) {
        const bool outer = &node == &int8.nodes.front() || &node == &int8.nodes.back();
        EXPECT_EQ(node.quantization->bits, outer ? 8 : bits) << node.name;
      }
      const auto b = runtime::evaluate(runtime::Plan(int8), windows.values, windows.count, 1);
      double noise = 0;
      for (std::size_t i = 0; i < a.logits.size(); ++i)
        noise += std::pow(a.logits[i] - b.logits[i], 2);
      EXPECT_GT(noise, last) << bits;
      last = noise;
    }
  }
}

TEST(Quantize, RefusesWeightBitsOutOfRange) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto ranged = calibrate(fp32, random_windows(4, {128, 9}, 1), {});
  EXPECT_THROW(quantize(ranged, {.weight_bits = 1}), Error);
  EXPECT_THROW(quantize(ranged, {.weight_bits = 9}), Error);
}

TEST(Quantize, BitsByLayer) {
  const auto fp32 = graph::with_random_parameters(graph::cnn({{128, 9}, 6}), 1);
  const auto ranged = calibrate(fp32, random_windows(4, {128, 9}, 1), {});
  const auto mixed = quantize(ranged, {.weight_bits = {4, {{"conv1", 8}, {"dense", 2}}}});
  const auto four = quantize(ranged, {.weight_bits = 4});
  for (const auto& [name, bits] : {std::pair{"conv1", 8}, {"conv2", 4}, {"dense", 2}}) {
    const auto weights = [&, name = name](const graph::Graph& graph) {
      const auto node = std::ranges::find(graph.nodes, name, &graph::Node::name);
      return std::get<graph::Int8Weights>(*graph::weights_of(node->op));
    };
    EXPECT_EQ(weights(mixed).bits, bits);
    EXPECT_EQ(weights(mixed).values == weights(four).values, bits == 4);
  }
  EXPECT_THROW(quantize(ranged, {.weight_bits = {4, {{"conv1", 9}}}}), Error);
  EXPECT_THROW(quantize(ranged, {.weight_bits = {4, {{"pool1", 4}}}}), Error);
}

TEST(Quantize, RefusesAGraphWithoutRanges) {
  EXPECT_THROW(quantize(graph::cnn({{128, 9}, 6})), Error);
}

}  // namespace
}  // namespace edgeproof::compress
