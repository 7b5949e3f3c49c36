#include "train/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "compress/quantize.h"
#include "core/random.h"
#include "graph/graph_test_util.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::train {
namespace {

graph::Shape shape_for(const std::string& architecture) {
  return architecture == "wdcnn" ? graph::Shape{1024, 1} : graph::Shape{64, 3};
}

torch::Tensor random_windows(int count, graph::Shape shape) {
  const CounterRng rng(5, "windows");
  torch::Tensor windows = torch::empty({count, shape.length, shape.channels});
  float* values = windows.data_ptr<float>();
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(windows.numel()); ++i) {
    values[i] = static_cast<float>(rng.normal(i));
  }
  return windows;
}

std::span<const float> span_of(const torch::Tensor& t) {
  return {t.data_ptr<float>(), static_cast<size_t>(t.numel())};
}

// The largest difference, relative to the largest logit.
double distance(std::span<const float> a, std::span<const float> b) {
  double largest = 0, difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]}));
    difference = std::max(difference, std::abs(double{a[i]} - b[i]));
  }
  return difference / largest;
}

TEST(NetworkEquivalence, EvaluationEqualsTheRuntime) {
  for (const std::string& name : graph::architectures()) {
    const auto graph = graph::with_random_parameters(graph::build(name, {shape_for(name), 6}), 1);
    Network network(graph, {});
    const auto windows = random_windows(16, shape_for(name));
    const auto ours = runtime::evaluate(runtime::Plan(graph), span_of(windows), 16, 1);
    const torch::NoGradGuard no_gradients;
    const auto theirs = network.forward(windows, Mode::evaluate).contiguous();
    EXPECT_LT(distance(ours.logits, span_of(theirs)), 1e-5) << name;
  }
}

TEST(NetworkEquivalence, GraphComesBackAsItWent) {
  const auto graph = graph::with_random_parameters(graph::ds_cnn({{64, 3}, 6}), 1);
  const auto back = Network(graph, {}).graph();
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (const auto* weights = graph::weights_of(graph.nodes[n].op)) {
      const auto& a = std::get<graph::FloatWeights>(*weights);
      const auto& b = std::get<graph::FloatWeights>(*graph::weights_of(back.nodes[n].op));
      EXPECT_EQ(a.values, b.values);
      EXPECT_EQ(a.bias, b.bias);
    }
  }
}

// Fake quantization differs from the integer program by roundings of single steps only: far less
// than quantization itself changes.
TEST(NetworkEquivalence, FakeQuantizationIsTheIntegerProgram) {
  for (const std::string& name : graph::architectures()) {
    const auto graph = graph::with_random_parameters(graph::build(name, {shape_for(name), 6}), 1);
    Network network(graph, {.fake_quant = true});
    const auto windows = random_windows(64, shape_for(name));
    const torch::NoGradGuard no_gradients;
    network.forward(windows, Mode::train_frozen);  // ranges
    const auto fake = network.forward(windows, Mode::evaluate).contiguous();
    const runtime::Plan int8(compress::quantize(network.graph()));
    const auto integer = runtime::evaluate(int8, span_of(windows), 64, 1).logits;
    const auto fp32 = runtime::evaluate(runtime::Plan(graph), span_of(windows), 64, 1).logits;
    double to_fake = 0, to_fp32 = 0;
    for (size_t i = 0; i < integer.size(); ++i) {
      to_fake += std::abs(integer[i] - span_of(fake)[i]);
      to_fp32 += std::abs(integer[i] - fp32[i]);
    }
    EXPECT_LT(to_fake, 0.02 * to_fp32) << name << ": " << to_fake << " of " << to_fp32;
  }
}

TEST(Network, RangesThatAGraphCarriesAreUsedUnchanged) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  Network network(graph, {.fake_quant = true});
  const torch::NoGradGuard no_gradients;
  network.forward(random_windows(8, {64, 3}), Mode::train_frozen);
  const auto ranged = network.graph();
  const auto again = Network(ranged, {.fake_quant = true}).graph();
  for (size_t n = 0; n < ranged.nodes.size(); ++n) {
    EXPECT_EQ(ranged.nodes[n].quantization, again.nodes[n].quantization);
  }
}

// While statistics move, a batch that has just the running statistics gives what frozen mode gives.
TEST(Network, MovingAndFrozenStatisticsAgreeOnce) {
  auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  Network warm(graph, {.fake_quant = true});
  const auto windows = random_windows(64, {64, 3});
  const torch::NoGradGuard no_gradients;
  for (int i = 0; i < 200; ++i) warm.forward(windows, Mode::train);
  const auto moving = warm.forward(windows, Mode::train);
  const auto frozen = warm.forward(windows, Mode::train_frozen);
  EXPECT_LT((moving - frozen).abs().max().item<float>(), 0.05 * frozen.abs().max().item<float>());
}

TEST(Network, GradientsPassInsideTheRangeAndStopOutside) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  Network network(graph, {.fake_quant = true});
  auto windows = random_windows(4, {64, 3});
  {
    const torch::NoGradGuard no_gradients;
    network.forward(windows, Mode::train_frozen);
  }
  windows[0][0][0] = 1000.0F;  // far outside what was seen
  windows.requires_grad_();
  network.forward(windows, Mode::train_frozen).sum().backward();
  const auto gradient = windows.grad();
  EXPECT_EQ(gradient[0][0][0].item<float>(), 0.0F);
  EXPECT_GT(gradient.abs().sum().item<float>(), 0.0F);
}

TEST(Network, SnapshotsRestoreAndBlend) {
  const auto a = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  const auto b = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 2);
  Network network(a, {});
  auto snapshot = network.snapshot();
  Network(b, {}).blend_into(snapshot, 0.25);
  network.restore(snapshot);
  const auto value = [](const graph::Graph& g) {
    return std::get<graph::FloatWeights>(*graph::weights_of(g.nodes[1].op)).values[7];
  };
  EXPECT_NEAR(value(network.graph()), 0.75F * value(a) + 0.25F * value(b), 1e-6F);
}

}  // namespace
}  // namespace edgeproof::train
