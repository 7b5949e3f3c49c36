#include "compress/diagnose.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compress/calibrate.h"
#include "compress/compress_testing.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "core/fixed_point.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::compress {
namespace {

// input [2, 1] -> dense to 2, all scales 0.5: weights (1, 0; 0, -1) and bias (1, 0).
graph::Graph tiny_int8() {
  const graph::Quantization q{0.5F, 1};
  const graph::Int8Weights weights{{2, 0, 0, -2}, {0.5F, 0.5F}, {4, 0}};
  return {"tiny",
          {{"input", graph::Input{{2, 1}}, {}, q},
           {"dense", graph::Dense{2, graph::Activation::none, weights}, {0}, q}}};
}

graph::Graph tiny_fp32() {
  const graph::FloatWeights weights{{1.1F, 0, 0, -1}, {1, 0}};
  return {"tiny",
          {{"input", graph::Input{{2, 1}}, {}},
           {"dense", graph::Dense{2, graph::Activation::none, weights}, {0}}}};
}

double db(double signal, double noise) {
  return 10 * std::log10(signal / noise);
}

TEST(Diagnose, HasTheNumbersOfAComputationByHand) {
  // The input becomes (1, -3), noise 0.2. FP32 logits are (2.32, 3), int8 (2, 3).
  // The input alone: (1.1 + 1, 3). The dense layer alone: (2.2, 3) rounded to (2, 3).
  const Diagnosis d = diagnose(tiny_fp32(), tiny_int8(), {1, 2, 1, {1.2F, -3}, {}, {}});
  ASSERT_EQ(d.layers.size(), 2);
  const LayerDiagnosis &input = d.layers[0], &dense = d.layers[1];
  EXPECT_NEAR(input.sqnr_db, db(1.2 * 1.2 + 9, 0.04), 1e-4);
  EXPECT_NEAR(dense.sqnr_db, db(2.32 * 2.32 + 9, 0.32 * 0.32), 1e-4);
  // Class probabilities: p of the first, 1 - p of the second.
  const auto p = [](double first) { return 1 / (1 + std::exp(3 - first)); };
  const auto probabilities_db = [&](double first) {
    return db(std::pow(p(2.32), 2) + std::pow(1 - p(2.32), 2), 2 * std::pow(p(2.32) - p(first), 2));
  };
  EXPECT_NEAR(input.alone_db, probabilities_db(2.1), 1e-4);
  EXPECT_NEAR(dense.alone_db, probabilities_db(2), 1e-4);
  EXPECT_NEAR(d.output_db, probabilities_db(2), 1e-4);
  EXPECT_EQ(input.alone_agreement, 1);
  EXPECT_NEAR(dense.weight_db, db(1.1 * 1.1 + 1, 0.01), 1e-4);
  EXPECT_TRUE(std::isnan(input.weight_db));
  EXPECT_EQ(d.blamed, 1);
  EXPECT_EQ(d.windows, 1);
  EXPECT_EQ(d.agreement, 1);
  EXPECT_EQ(input.seen.min, -3);
  EXPECT_EQ(input.seen.max, 1.2F);
  EXPECT_EQ(input.representable.min, -64.5F);
  EXPECT_EQ(input.representable.max, 63);
  EXPECT_EQ(dense.weights.min, -1);
  EXPECT_EQ(dense.weights.max, 1.1F);
  EXPECT_EQ(dense.scale_spread, 1);
}

TEST(Diagnose, CountsWhatClipsAndLabelsThatTurn) {
  // FP32: (1.1 * 4 + 1, 5.3); int8: (4 + 1, 5.5).
  const Diagnosis turned =
      diagnose(tiny_fp32(), tiny_int8(), {2, 2, 1, {4, -5.3F, 1, 100}, {}, {}});
  EXPECT_EQ(turned.agreement, 0.5);
  EXPECT_EQ(turned.layers[0].alone_agreement, 0.5);  // (5.4, 5.5)
  EXPECT_EQ(turned.layers[1].alone_agreement, 0.5);  // (5, 5.3), the second rounded to 5.5
  EXPECT_EQ(turned.layers[0].clip_rate, 0.25);       // 100 becomes 63
  EXPECT_EQ(turned.layers[1].clip_rate, 0);
}

TEST(Diagnose, ItsOwnWeightsAsReferenceShowRoundingOfActivationsOnly) {
  const auto int8 = tiny_int8();
  const Diagnosis d = diagnose(dequantized(int8), int8, {1, 2, 1, {1.5F, -3}, {}, {}});
  EXPECT_EQ(d.layers[1].weight_db, INFINITY);
  EXPECT_EQ(d.layers[1].sqnr_db, INFINITY);  // everything is on the grid
  EXPECT_EQ(d.blamed, 0);
}

struct Networks {
  graph::Graph fp32, int8;
  signal::WindowSet windows;
};

// A ranged network whose node `coarse` (-1: none) has its output's scale 32 times too coarse.
Networks networks(const std::string& architecture, int coarse) {
  const graph::Shape shape{architecture == "wdcnn" ? 2048 : 128, architecture == "wdcnn" ? 1 : 9};
  Networks n;
  n.windows = random_windows(4, shape, 5);
  n.fp32 = graph::fold(graph::with_random_parameters(graph::build(architecture, {shape, 6}), 3));
  graph::Graph ranged = calibrate(n.fp32, n.windows, {});
  if (coarse >= 0) ranged.nodes[static_cast<std::size_t>(coarse)].quantization->scale *= 32;
  n.int8 = quantize(ranged);
  return n;
}

// One node on its own, from what all nodes before it gave.
std::vector<float> compute(graph::Node node, const std::vector<graph::Shape>& shapes,
                           const std::vector<std::vector<float>>& outputs) {
  const auto input = [&](std::size_t i) { return static_cast<std::size_t>(node.inputs[i]); };
  if (const auto* add = std::get_if<graph::Add>(&node.op)) {
    std::vector<float> sum = outputs[input(0)];
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += outputs[input(1)][i];
      if (add->activation == graph::Activation::relu) sum[i] = std::max(sum[i], 0.0F);
    }
    return sum;
  }
  if (std::holds_alternative<graph::Concat>(node.op)) {
    std::vector<float> joined;
    for (int t = 0; t < shapes[input(0)].length; ++t) {
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const auto row = outputs[input(i)].begin() + t * shapes[input(i)].channels;
        joined.insert(joined.end(), row, row + shapes[input(i)].channels);
      }
    }
    return joined;
  }
  const graph::Shape in = shapes[input(0)];
  const std::vector<float>& values = outputs[input(0)];
  node.inputs = {0};
  const graph::Graph graph{"one", {{"in", graph::Input{in}, {}}, node}};
  return runtime::evaluate(runtime::Plan(graph, {.float_sums = runtime::FloatSums::by_tap}), values,
                           1, 1)
      .logits;
}

std::vector<double> probabilities(const std::vector<float>& logits) {
  std::vector<double> p(logits.size());
  for (std::size_t i = 0; i < p.size(); ++i) {
    double sum = 0;
    for (const float logit : logits) sum += std::exp(double{logit} - logits[i]);
    p[i] = 1 / sum;
  }
  return p;
}

// The class probabilities' SQNR of a network in which `alone` and pooling right after it is
// quantized, node by node from the start.
double slow_alone_db(const Networks& n, int alone) {
  const auto shapes = graph::infer_shapes(n.fp32);
  const graph::Graph rounded = dequantized(n.int8);
  double signal = 0, noise = 0;
  for (int w = 0; w < n.windows.count; ++w) {
    const auto window = n.windows.window(w);
    std::vector<std::vector<float>> exact{{window.begin(), window.end()}}, other = exact;
    std::vector<bool> quantizes;
    for (int i = 0; i < static_cast<int>(shapes.size()); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const graph::Node& node = n.int8.nodes[at];
      if (i > 0) {
        exact.push_back(compute(n.fp32.nodes[at], shapes, exact));
        other.push_back(compute((i == alone ? rounded : n.fp32).nodes[at], shapes, other));
      }
      const bool pools = graph::keeps_quantization(node.op) && node.inputs.size() == 1;
      quantizes.push_back(i == alone ||
                          (pools && quantizes[static_cast<std::size_t>(node.inputs[0])]));
      if (!quantizes.back()) continue;
      const graph::Quantization q = *node.quantization;
      for (float& v : other.back()) {
        v = q.scale * static_cast<float>(quantize_to_int8(v, q.scale, q.zero_point) - q.zero_point);
      }
    }
    const auto p = probabilities(exact.back()), q = probabilities(other.back());
    for (std::size_t k = 0; k < p.size(); ++k) {
      signal += std::pow(p[k], 2);
      noise += std::pow(p[k] - q[k], 2);
    }
  }
  return db(signal, noise);
}

TEST(DiagnoseEquivalence, ALayerAloneIsWhatRunningNodeByNodeGives) {
  for (const std::string& architecture : graph::architectures()) {
    const Networks n = networks(architecture, -1);
    const Diagnosis d = diagnose(n.fp32, n.int8, n.windows);
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
      if (graph::keeps_quantization(n.int8.nodes[i].op)) {
        EXPECT_TRUE(std::isnan(d.layers[i].alone_db));
      } else {
        EXPECT_NEAR(d.layers[i].alone_db, slow_alone_db(n, static_cast<int>(i)), 1e-3)
            << architecture << ' ' << d.layers[i].name;
      }
    }
  }
}

TEST(DiagnoseEquivalence, TheLastLayersSqnrIsThatOfTheIntegerLogits) {
  const Networks n = networks("cnn", -1);
  const auto& v = n.windows.values;
  // The same sums as a layer's alone.
  const runtime::Plan fp32(n.fp32, {.float_sums = runtime::FloatSums::by_tap});
  const auto a = runtime::evaluate(fp32, v, n.windows.count, 1).logits;
  const auto b = runtime::evaluate(runtime::Plan(n.int8), v, n.windows.count, 1).logits;
  double signal = 0, noise = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    signal += std::pow(a[i], 2);
    noise += std::pow(a[i] - b[i], 2);
  }
  EXPECT_NEAR(diagnose(n.fp32, n.int8, n.windows).layers.back().sqnr_db, db(signal, noise), 1e-6);
}

TEST(Diagnose, NamesTheLayerWhoseScaleIsTooCoarse) {
  for (const std::string architecture : {"cnn", "ds_cnn"}) {
    const auto nodes = networks(architecture, -1).int8.nodes;
    for (int i = 0; i < static_cast<int>(nodes.size()); ++i) {
      if (graph::keeps_quantization(nodes[static_cast<std::size_t>(i)].op)) continue;
      const Networks n = networks(architecture, i);
      const Diagnosis d = diagnose(n.fp32, n.int8, n.windows);
      EXPECT_EQ(d.blamed, i) << architecture << ": "
                             << d.layers[static_cast<std::size_t>(d.blamed)].name;
    }
  }
}

TEST(Diagnose, NamesTheLayerWhoseWeightsAreTooCoarse) {
  Networks n = networks("cnn", -1);
  auto& weights = std::get<graph::Int8Weights>(*graph::weights_of(n.int8.nodes[3].op));
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    weights.values[i] = static_cast<std::int8_t>(weights.values[i] / 32 * 32);
  }
  const Diagnosis d = diagnose(n.fp32, n.int8, n.windows);
  EXPECT_EQ(d.blamed, 3);
  EXPECT_LT(d.layers[3].weight_db, 15);
  EXPECT_GT(d.layers[1].weight_db, 30);
  // Seen from its own weights the layer does nothing wrong.
  EXPECT_EQ(diagnose(dequantized(n.int8), n.int8, n.windows).layers[3].weight_db, INFINITY);
}

TEST(Diagnose, ScaleSpreadLeavesOutChannelsOfZeros) {
  Networks n = networks("cnn", -1);
  auto& weights = std::get<graph::Int8Weights>(*graph::weights_of(n.int8.nodes[1].op));
  std::fill_n(weights.values.begin(), 45, std::int8_t{0});
  weights.scales[0] = 1e-8F;
  std::fill(weights.scales.begin() + 1, weights.scales.end(), 0.25F);
  weights.scales[5] = 1.0F;
  EXPECT_EQ(diagnose(n.fp32, n.int8, n.windows).layers[1].scale_spread, 4);
}

TEST(Diagnose, TakesWindowsEvenlySpread) {
  const auto int8 = tiny_int8();
  const signal::WindowSet windows{4, 2, 1, {1, 1, 50, 50, 2, 2, 60, 60}, {}, {}};
  const Diagnosis d = diagnose(dequantized(int8), int8, windows, 2);
  EXPECT_EQ(d.windows, 2);
  EXPECT_EQ(d.layers[0].seen.max, 2);
}

std::string message_of(const graph::Graph& reference, const graph::Graph& int8,
                       const signal::WindowSet& windows) {
  try {
    (void)diagnose(reference, int8, windows);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Diagnose, RefusesWhatDoesNotBelongTogether) {
  const Networks n = networks("cnn", -1);
  const auto tells = [&](const graph::Graph& reference, const graph::Graph& int8,
                         const signal::WindowSet& windows, const char* text) {
    const std::string message = message_of(reference, int8, windows);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  tells(n.fp32, n.fp32, n.windows, "the model is FP32");
  tells(n.int8, n.int8, n.windows, "the reference is an int8 model");
  tells(tiny_fp32(), n.int8, n.windows, "the FP32 model has 2 layers, the int8 one 8");
  const auto other = graph::fold(graph::with_random_parameters(graph::cnn({{128, 9}, 5}), 1));
  tells(other, n.int8, n.windows, "layer 7 of the FP32 model is 'dense' (dense, 1 x 5)");
  tells(n.fp32, n.int8, random_windows(2, {128, 3}, 1), "windows have 384 values");
  tells(n.fp32, n.int8, signal::WindowSet{0, 128, 9, {}, {}, {}}, "no windows");
  auto broken = n.windows;
  broken.values[7] = NAN;
  tells(n.fp32, n.int8, broken, "layer 'input' of the reference gives nan");
}

}  // namespace
}  // namespace edgeproof::compress
