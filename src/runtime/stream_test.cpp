#include "runtime/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "graph/cost.h"
#include "graph/graph_testing.h"
#include "graph/operation_samples_testing.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/kernels.h"
#include "runtime/networks_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::runtime {
namespace {

using testing::HasSubstr;

constexpr int kLength = 128, kChannels = 3;

// Twenty hops through one long signal, every window compared with a run of the whole of it, in FP32
// one that sums tap by tap.
void expect_the_windows(const graph::Graph& graph, int hop, const std::string& isa = {}) {
  constexpr int kHops = 20;
  const Plan plan(graph, {.float_sums = FloatSums::by_tap, .isa = isa});
  const StreamPlan stream_plan(graph, hop, isa);
  const graph::Shape shape = plan.shapes().front();
  const auto samples =
      random_values(static_cast<std::size_t>((shape.length + kHops * hop) * shape.channels), 7);
  Workspace workspace(plan);
  Stream stream(stream_plan);
  std::vector<float> expected(plan.output_size()), streamed(plan.output_size());
  for (int i = 0; i <= kHops; ++i) {
    const auto window = std::span(samples).subspan(
        static_cast<std::size_t>(i * hop * shape.channels), plan.input_size());
    run(plan, workspace, window, expected);
    if (i == 0) {
      stream.start(window, streamed);
    } else {
      stream.advance(window.last(stream_plan.hop_size()), streamed);
    }
    ASSERT_EQ(streamed, expected) << graph.name << ", hop " << hop << ", window " << i;
  }
}

TEST(StreamEquivalence, EveryOperationGivesTheWindowsBits) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
    const graph::Graph fp32 = graph::with_random_parameters(sample.graph, 1);
    for (const int hop : {1, 2, 4}) {
      expect_the_windows(fp32, hop);
      expect_the_windows(quantized(fp32), hop);
    }
  }
}

TEST(StreamEquivalence, EveryNetworkAndHopGivesTheWindowsBits) {
  for (const std::string& name : graph::architectures()) {
    const auto fp32 = random_network(name, {kLength, kChannels}, 5, 3);
    for (const int hop : {1, 4, 6, 16, 64, 127, 128}) {
      expect_the_windows(fp32, hop);
      expect_the_windows(quantized(fp32), hop);
    }
  }
}

TEST(StreamEquivalence, EveryInstructionSet) {
  for (const auto& fp32 : {random_network("resnet1d", {kLength, kChannels}, 5, 4),
                           random_network("ds_cnn", {kLength, 9}, 5, 4)}) {
    for (const Kernels& kernels : available_kernels()) {
      expect_the_windows(fp32, 16, kernels.name);
      expect_the_windows(quantized(fp32), 16, kernels.name);
    }
  }
}

// By winograd.h where 16 bits are multiplied, whatever part of a stride a hop's inputs end with.
TEST(StreamEquivalence, StridedConvolutionsOfManyChannels) {
  struct Case {
    int kernel, stride, padding, hop;
  };
  for (const Case c : {Case{5, 2, 2, 16}, {5, 2, 0, 120}, {7, 3, 3, 6}, {9, 2, 4, 4}}) {
    const int length = c.stride == 3 ? 126 : kLength;
    const int out_length = (length + 2 * c.padding - c.kernel) / c.stride + 1;
    graph::Graph fp32{"strided",
                      {{"input", graph::Input{{length, 16}}, {}},
                       {"conv",
                        graph::Conv1d{.out_channels = 16,
                                      .kernel = c.kernel,
                                      .stride = c.stride,
                                      .pad_left = c.padding,
                                      .pad_right = c.padding},
                        {0}},
                       {"logits", graph::Dense{2}, {1}}}};
    const auto weights = [](int count) {
      return random_values(static_cast<std::size_t>(count), 1);
    };
    *graph::weights_of(fp32.nodes[1].op) =
        graph::FloatWeights{weights(16 * 16 * c.kernel), weights(16)};
    *graph::weights_of(fp32.nodes[2].op) =
        graph::FloatWeights{weights(2 * 16 * out_length), {0, 0}};
    for (const Kernels& kernels : available_kernels()) {
      expect_the_windows(fp32, c.hop, kernels.name);
      expect_the_windows(quantized(fp32), c.hop, kernels.name);
    }
  }
}

// input [8, 1] -> convolution of 3, padding 1 -> logits of everything.
graph::Graph one_convolution() {
  graph::Graph graph{
      "one",
      {{"input", graph::Input{{8, 1}}, {}},
       {"conv", graph::Conv1d{.out_channels = 1, .kernel = 3, .pad_left = 1, .pad_right = 1}, {0}},
       {"logits", graph::Dense{2}, {1}}}};
  *graph::weights_of(graph.nodes[1].op) = graph::FloatWeights{{1, 2, 3}, {0}};
  *graph::weights_of(graph.nodes[2].op) = graph::FloatWeights{random_values(16, 1), {0, 0}};
  return graph;
}

TEST(StreamPlan, CountsWhatAHopComputes) {
  const auto graph = one_convolution();
  // Both ends see the padding, and two positions see new samples; the dense layer sees all.
  EXPECT_EQ(StreamPlan(graph, 2).macs_per_hop(), (2 + 2) * 3 + 16);
  EXPECT_EQ(StreamPlan(graph, 8).macs_per_hop(), graph::macs(graph));
  EXPECT_EQ(StreamPlan(graph, 2).state_bytes(), (8 + 8) * sizeof(float));
  EXPECT_EQ(StreamPlan(graph, 8).state_bytes(), 0U);
  expect_the_windows(graph, 2);
}

TEST(StreamPlan, WhatDoesNotFitTheStridesIsComputedAnew) {
  const auto graph = random_network("cnn", {kLength, kChannels}, 5, 1);  // pools by 2, twice
  const auto macs = [&](int hop) { return StreamPlan(graph, hop).macs_per_hop(); };
  EXPECT_LT(macs(4), graph::macs(graph) / 5);
  EXPECT_GT(macs(2), macs(4));
  EXPECT_GT(macs(1), macs(2));
}

TEST(StreamPlan, RefusesHopsOutOfRange) {
  for (const int hop : {-1, 0, 9}) {
    try {
      StreamPlan(one_convolution(), hop);
      ADD_FAILURE() << hop;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("expected 1 to the window's 8"));
    }
  }
}

}  // namespace
}  // namespace edgeproof::runtime
