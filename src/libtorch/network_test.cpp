#include "libtorch/network.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "compress/quantize.h"
#include "core/random.h"
#include "graph/fold.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "libtorch/fake_quant.h"
#include "runtime/evaluate.h"

namespace edgeproof::libtorch {
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
  return {t.data_ptr<float>(), static_cast<std::size_t>(t.numel())};
}

// The largest difference, relative to the largest logit.
double distance(std::span<const float> a, std::span<const float> b) {
  double largest = 0, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
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
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    if (const auto* weights = graph::weights_of(graph.nodes[n].op)) {
      const auto& a = std::get<graph::FloatWeights>(*weights);
      const auto& b = std::get<graph::FloatWeights>(*graph::weights_of(back.nodes[n].op));
      EXPECT_EQ(a.values, b.values);
      EXPECT_EQ(a.bias, b.bias);
    }
  }
}

// Fake quantization differs from the integer program by roundings of single steps only: far less
// than quantization itself changes. How many values lie beside a step depends on how LibTorch sums
// on the processor (resnet1d has 2.1 % on a Zen 3).
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
    const auto labels = torch::from_blob(const_cast<float*>(integer.data()), {64, 6}).argmax(1);
    EXPECT_GE(fake.argmax(1).eq(labels).sum().item<int>(), 64) << name;
    double to_fake = 0, to_fp32 = 0;
    for (std::size_t i = 0; i < integer.size(); ++i) {
      to_fake += std::abs(integer[i] - span_of(fake)[i]);
      to_fp32 += std::abs(integer[i] - fp32[i]);
    }
    EXPECT_LT(to_fake, 0.03 * to_fp32) << name << ": " << to_fake << " of " << to_fp32;
  }
}

// A gated block, average pooling with padding, and every function.
graph::Graph with_other_operators() {
  using graph::Activation, graph::FloatWeights;
  using Function = graph::Elementwise::Function;
  const auto floats = [](int count) { return std::vector<float>(static_cast<std::size_t>(count)); };
  const auto conv = [&](int kernel) {
    const int pad = kernel / 2;
    return graph::Conv1d{
        .out_channels = 8,
        .kernel = kernel,
        .pad_left = pad,
        .pad_right = pad,
        .weights = FloatWeights{floats(8 * kernel * (kernel == 5 ? 3 : 8)), floats(8)}};
  };
  const auto dense = [&](int outputs, int inputs, Activation activation = Activation::none) {
    return graph::Dense{outputs, activation,
                        FloatWeights{floats(outputs * inputs), floats(outputs)}};
  };
  return graph::with_random_parameters(
      {"operators",
       {{"input", graph::Input{{64, 3}}, {}},
        {"conv1", conv(5), {0}},
        {"relu6", graph::Elementwise{}, {1}},
        {"pool", graph::AveragePool{3, 2, 2, 1}, {2}},
        {"conv2", conv(3), {3}},
        {"hard_swish", graph::Elementwise{.function = Function::hard_swish}, {4}},
        {"average", graph::GlobalAveragePool{}, {5}},
        {"squeeze", dense(4, 8, Activation::relu), {6}},
        {"excite", dense(8, 4), {7}},
        {"gate", graph::Elementwise{.function = Function::sigmoid}, {8}},
        {"gated", graph::Mul{}, {5, 9}},
        {"conv3", conv(3), {10}},
        {"leaky", graph::Elementwise{.function = Function::leaky_relu}, {11}},
        {"tanh", graph::Elementwise{.function = Function::tanh}, {12}},
        {"product", graph::Mul{Activation::relu}, {12, 13}},
        {"last", graph::GlobalAveragePool{}, {14}},
        {"logits", dense(6, 8), {15}}}},
      1);
}

TEST(NetworkEquivalence, OtherOperatorsAreTheRuntimes) {
  const graph::Graph graph = with_other_operators();
  const auto windows = random_windows(64, {64, 3});
  const torch::NoGradGuard no_gradients;
  const auto fp32 = runtime::evaluate(runtime::Plan(graph), span_of(windows), 64, 1).logits;
  const auto real = Network(graph, {}).forward(windows, Mode::evaluate).contiguous();
  EXPECT_LT(distance(fp32, span_of(real)), 1e-5);

  Network network(graph, {.fake_quant = true});
  network.forward(windows, Mode::train_frozen);  // ranges
  const auto fake = network.forward(windows, Mode::evaluate).contiguous();
  const graph::Graph int8 = compress::quantize(network.graph());
  EXPECT_EQ(int8.nodes[9].quantization, (graph::Quantization{1 / 256.0F, -128}));
  EXPECT_EQ(int8.nodes[1].quantization, int8.nodes[2].quantization);  // clipped to the same range
  const auto integer = runtime::evaluate(runtime::Plan(int8), span_of(windows), 64, 1).logits;
  double to_fake = 0, to_fp32 = 0;
  for (std::size_t i = 0; i < integer.size(); ++i) {
    to_fake += std::abs(integer[i] - span_of(fake)[i]);
    to_fp32 += std::abs(integer[i] - fp32[i]);
  }
  EXPECT_LT(to_fake, 0.3 * to_fp32) << to_fake << " of " << to_fp32;
}

// Labels, where the int8 rounding of whole networks differs by single steps.
TEST(NetworkEquivalence, LearnedAndNarrowQuantizersAreTheIntegerProgram) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  const auto windows = random_windows(64, {64, 3});
  for (const train::Quantizer kind :
       {train::Quantizer::ema, train::Quantizer::lsq, train::Quantizer::pact}) {
    for (const auto& [bits, activation_bits] : {std::pair{2, 8}, {3, 8}, {4, 8}, {8, 8}, {8, 4}}) {
      SCOPED_TRACE(train::quantizer_names()[static_cast<std::size_t>(kind)] + ", " +
                   std::to_string(bits) + ", " + std::to_string(activation_bits));
      Network network(graph, {.fake_quant = true,
                              .quantizer = train::QuantizerOptions{kind, bits, activation_bits}});
      torch::optim::SGD optimizer(network.other_parameters(), 0.01);
      for (int i = 0; i < 3; ++i) {  // moves what is learned
        optimizer.zero_grad();
        network.forward(windows, Mode::train_frozen).pow(2).mean().backward();
        optimizer.step();
      }
      const auto trained = network.graph();
      const graph::Graph int8 = compress::quantize(trained);
      EXPECT_EQ(std::get<graph::Int8Weights>(*graph::weights_of(int8.nodes[1].op)).bits,
                bits == 2   ? 2
                : bits <= 4 ? 4
                            : 8);
      EXPECT_EQ(int8.nodes[1].quantization->bits, activation_bits);
      const auto integer = runtime::evaluate(runtime::Plan(int8), span_of(windows), 64, 1).logits;
      const torch::NoGradGuard no_gradients;
      // As it is after training, and as it is read from the graph.
      Network read(trained, {.fake_quant = true});
      for (Network* either : {&network, &read}) {
        const auto fake = either->forward(windows, Mode::evaluate).contiguous();
        const float step = int8.nodes.back().quantization->scale;
        int apart = 0;
        for (std::size_t i = 0; i < integer.size(); ++i) {
          apart += std::abs(integer[i] - span_of(fake)[i]) > 1.5F * step;
        }
        // A rounding that falls otherwise moves coarse activations further.
        EXPECT_LT(apart, static_cast<int>(integer.size()) / (activation_bits == 8 ? 100 : 25));
      }
    }
  }
}

// LSQ's gradient of the scale (Esser et al. 2020, equation 3), per weight: round(v) - v inside, the
// limit outside; here for the logarithm of the scale, times the scale.
TEST(FakeQuant, TheGradientOfALearnedScaleIsThePapers) {
  const auto weight = torch::tensor({{0.23F, -0.9F, 0.04F, 2.0F}});
  const auto log_scale = torch::log(torch::tensor({0.1F})).requires_grad_();
  learned_quantize_weight(weight, log_scale.exp(), 4).sum().backward();
  // v = 2.3, -9, 0.4, 20; levels 2, -7, 0, 7
  EXPECT_NEAR(log_scale.grad()[0].item<float>(), 0.1 * (-0.3 - 7 - 0.4 + 7), 1e-5);
}

TEST(FakeQuant, WhatIsClippedTeachesTheBound) {
  const auto bound = torch::tensor(1.0F).requires_grad_();
  clipped(torch::tensor({0.5F, 1.5F, 3.0F}), bound).sum().backward();
  EXPECT_EQ(bound.grad().item<float>(), 2);
}

// Ranges from elsewhere stay, whatever passes.
TEST(Network, LearnedStepsStartFromTheWeightsThatAreNotZero) {
  graph::Dense dense{.out_features = 2,
                     .weights = graph::FloatWeights{{0, -3, 0, 1, 0, 0, 0, 0}, {0, 0}}};
  const graph::Graph graph{"dense", {{"input", graph::Input{{1, 4}}, {}}, {"dense", dense, {0}}}};
  const graph::Graph trained =
      Network(graph,
              {.fake_quant = true, .quantizer = train::QuantizerOptions{train::Quantizer::lsq, 4}})
          .graph();
  const auto& w = std::get<graph::FloatWeights>(*graph::weights_of(trained.nodes[1].op));
  EXPECT_NEAR(w.grid->steps[0], 2 * 2 / std::sqrt(7.0), 1e-6);
  EXPECT_GT(w.grid->steps[1], 0);
}

TEST(Network, RangesThatAreSetStayWithoutMomentum) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  Network network(graph, {.fake_quant = true, .range_momentum = 0});
  Network other(graph, {.fake_quant = true});
  const torch::NoGradGuard no_gradients;
  const auto windows = random_windows(8, {64, 3});
  other.forward(windows, Mode::train_frozen);
  const auto ranged = other.graph();
  network.set_ranges(graph::fold(ranged));
  network.forward(100 * windows, Mode::train_frozen);
  const auto after = network.graph();
  for (std::size_t n = 0; n < after.nodes.size(); ++n) {
    EXPECT_EQ(after.nodes[n].quantization, ranged.nodes[n].quantization) << after.nodes[n].name;
  }
}

TEST(Network, AFoldedGraphKeepsItsActivations) {
  const auto graph = graph::with_random_parameters(graph::resnet1d({{64, 3}, 6}), 1);
  const auto windows = random_windows(4, {64, 3});
  const torch::NoGradGuard no_gradients;
  const auto whole = Network(graph, {}).forward(windows, Mode::evaluate);
  const auto folded = Network(graph::fold(graph), {}).forward(windows, Mode::evaluate);
  EXPECT_LT((whole - folded).abs().max().item<float>(), 1e-4F * whole.abs().max().item<float>());
}

// A residual over a causal branch, and a padded pool beside a convolution, joined.
graph::Graph branching() {
  const auto weights = [](int outputs, int per_output) {
    return graph::FloatWeights{std::vector<float>(static_cast<std::size_t>(outputs * per_output)),
                               std::vector<float>(static_cast<std::size_t>(outputs))};
  };
  const graph::Conv1d causal{
      .out_channels = 3, .kernel = 3, .pad_left = 4, .dilation = 2, .weights = weights(3, 9)};
  const graph::Conv1d pointwise{.out_channels = 5, .weights = weights(5, 3)};
  const auto graph = graph::with_random_parameters(
      {"branching",
       {{"input", graph::Input{{32, 3}}, {}},
        {"causal", causal, {0}},
        {"sum", graph::Add{graph::Activation::relu}, {0, 1}},
        {"pointwise", pointwise, {2}},
        {"pool", graph::MaxPool{3, 2, 2, 0}, {2}},
        {"pool2", graph::MaxPool{2, 2, 0, 0}, {3}},
        {"joined", graph::Concat{}, {4, 5}},
        {"dense", graph::Dense{6, graph::Activation::none, weights(6, 16 * 8)}, {6}}}},
      2);
  return graph;
}

TEST(Network, BranchesComputeWhatTheRuntimeComputes) {
  const auto graph = branching();
  Network network(graph, {});
  const auto windows = random_windows(16, {32, 3});
  const torch::NoGradGuard no_gradients;
  const auto logits = network.forward(windows, Mode::evaluate).contiguous();
  const auto expected = runtime::evaluate(runtime::Plan(graph), span_of(windows), 16, 1).logits;
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(span_of(logits)[i], expected[i], 1e-4F);
}

TEST(NetworkEquivalence, BranchesQuantizeAsTheIntegerProgram) {
  const auto graph = branching();
  Network network(graph, {.fake_quant = true});
  const auto windows = random_windows(1000, {32, 3});
  const torch::NoGradGuard no_gradients;
  network.forward(windows, Mode::train_frozen);
  const auto int8 = compress::quantize(network.graph());
  EXPECT_EQ(int8.nodes[2].quantization, int8.nodes[3].quantization);
  const auto fake = network.forward(windows, Mode::evaluate).contiguous();
  const auto integer = runtime::evaluate(runtime::Plan(int8), span_of(windows), 1000, 1).logits;
  int different = 0;
  for (std::size_t i = 0; i < integer.size(); ++i) {
    different +=
        std::abs(integer[i] - span_of(fake)[i]) > 1e-3F * int8.nodes.back().quantization->scale;
  }
  EXPECT_LT(different, 5);  // of 6000: accumulators beyond what a float holds
}

TEST(Network, ConcatenationsGiveTheirProducersTheUnionOfTheirRanges) {
  auto graph = graph::with_random_parameters(graph::inception({{64, 3}, 6}), 1);
  Network network(graph, {.fake_quant = true});
  const torch::NoGradGuard no_gradients;
  network.forward(random_windows(8, {64, 3}), Mode::train);
  const auto ranged = network.graph();
  const auto roots = graph::quantization_roots(graph);
  for (std::size_t n = 0; n < roots.size(); ++n) {
    EXPECT_EQ(ranged.nodes[n].quantization,
              ranged.nodes[static_cast<std::size_t>(roots[n])].quantization);
  }
}

// What reaches a position must come from samples before it: the gradient is zero for later ones.
TEST(Network, CausalConvolutionsSeeNoLaterSample) {
  auto graph = graph::tcn({{64, 3}, 6});
  graph.nodes.resize(graph.nodes.size() - 2);  // without average and dense: [64, 32]
  Network network(graph::with_random_parameters(graph, 1), {});
  auto windows = random_windows(1, {64, 3}).requires_grad_();
  constexpr int kPosition = 40;
  network.forward(windows, Mode::evaluate).view({32, 64}).select(1, kPosition).sum().backward();
  const auto reached = windows.grad()[0].abs().sum(1);
  EXPECT_GT(reached[kPosition].item<float>(), 0);
  EXPECT_GT(reached[0].item<float>(), 0);
  EXPECT_EQ(reached.slice(0, kPosition + 1).sum().item<float>(), 0);
}

TEST(Network, RangesThatAGraphCarriesAreUsedUnchanged) {
  const auto graph = graph::with_random_parameters(graph::cnn({{64, 3}, 6}), 1);
  Network network(graph, {.fake_quant = true});
  const torch::NoGradGuard no_gradients;
  network.forward(random_windows(8, {64, 3}), Mode::train_frozen);
  const auto ranged = network.graph();
  const auto again = Network(ranged, {.fake_quant = true}).graph();
  for (std::size_t n = 0; n < ranged.nodes.size(); ++n) {
    EXPECT_EQ(ranged.nodes[n].quantization, again.nodes[n].quantization);
  }
}

// While statistics move, a batch that has just the running statistics gives what frozen mode
// gives.
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
}  // namespace edgeproof::libtorch
