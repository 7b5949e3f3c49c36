// Every alternative of Op, as LibTorch computes it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "compress/quantize.h"
#include "core/random.h"
#include "graph/graph_testing.h"
#include "graph/operation_samples_testing.h"
#include "libtorch/network.h"
#include "runtime/evaluate.h"

namespace edgeproof::libtorch {
namespace {

constexpr int kWindows = 32;

struct Sample {
  explicit Sample(const graph::OperationSample& sample)
      : graph(graph::with_random_parameters(sample.graph, 1)) {
    const graph::Shape in = graph.input_shape();
    const CounterRng rng(5, "windows");
    for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(kWindows * in.size()); ++i) {
      values.push_back(static_cast<float>(rng.normal(i)));
    }
    windows = torch::from_blob(values.data(), {kWindows, in.length, in.channels});
  }
  std::vector<float> by_runtime(const graph::Graph& of) const {
    return runtime::evaluate(runtime::Plan(of), values, kWindows, 1).logits;
  }

  graph::Graph graph;
  std::vector<float> values;
  torch::Tensor windows;
};

// Positions and channels, as the runtime has them: forward() gives [N, channels * length].
std::vector<float> as_runtime(const torch::Tensor& logits, graph::Shape shape) {
  const torch::Tensor ours = logits.detach()
                                 .view({kWindows, shape.channels, shape.length})
                                 .permute({0, 2, 1})
                                 .contiguous();
  return {ours.data_ptr<float>(), ours.data_ptr<float>() + ours.numel()};
}

graph::Shape output_shape(const graph::OperationSample& sample) {
  return sample.node == 0 ? graph::Shape{1, 2} : sample.shape;
}

std::string name_of(const graph::OperationSample& sample) {
  return std::string(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
}

TEST(EveryOperationEquivalence, EvaluationEqualsTheRuntime) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(name_of(sample));
    const Sample s(sample);
    const torch::NoGradGuard no_gradients;
    const auto theirs = Network(s.graph, {}).forward(s.windows, Mode::evaluate);
    EXPECT_THAT(as_runtime(theirs, output_shape(sample)),
                testing::Pointwise(testing::FloatNear(2e-5F), s.by_runtime(s.graph)));
  }
}

// But for roundings of sums beside a step (and those of hard_swish in int8), by single steps.
TEST(EveryOperationEquivalence, FakeQuantizationIsTheIntegerProgram) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(name_of(sample));
    const Sample s(sample);
    const torch::NoGradGuard no_gradients;
    Network network(s.graph, {.fake_quant = true});
    network.forward(s.windows, Mode::train_frozen);  // ranges
    const auto fake = as_runtime(network.forward(s.windows, Mode::evaluate), output_shape(sample));
    const graph::Graph int8 = compress::quantize(network.graph());
    const auto integer = s.by_runtime(int8);
    ASSERT_EQ(fake.size(), integer.size());
    const float step = int8.nodes.back().quantization->scale;
    std::size_t apart = 0;
    for (std::size_t i = 0; i < fake.size(); ++i) {
      const float steps = std::abs(fake[i] - integer[i]) / step;
      EXPECT_LT(steps, 3.5F);
      apart += steps > 0.5F;
    }
    EXPECT_LE(apart, fake.size() / 10);
  }
}

TEST(EveryOperation, LearnsAndGivesItsParametersBack) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    for (const bool fake_quant : {false, true}) {
      SCOPED_TRACE(name_of(sample));
      const Sample s(sample);
      Network network(s.graph, {.fake_quant = fake_quant});
      const auto before = s.by_runtime(network.graph());
      EXPECT_EQ(before, s.by_runtime(s.graph));
      auto parameters = network.weights();
      network.forward(s.windows, Mode::train).pow(2).mean().backward();
      torch::optim::SGD(parameters, 0.1).step();
      for (const torch::Tensor& weight : parameters) {
        EXPECT_TRUE(weight.grad().isfinite().all().item<bool>());
        EXPECT_GT(weight.grad().abs().max().item<float>(), 0);
      }
      EXPECT_NE(s.by_runtime(network.graph()), before);
    }
  }
}

}  // namespace
}  // namespace edgeproof::libtorch
