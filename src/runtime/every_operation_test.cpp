// Every alternative of Op, run.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "graph/graph_testing.h"
#include "graph/operation_samples_testing.h"
#include "runtime/evaluate.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/networks_testing.h"
#include "runtime/plain_evaluator_testing.h"

namespace edgeproof::runtime {
namespace {

std::vector<float> logits_of(const graph::Graph& graph, const PlanOptions& options,
                             std::span<const float> window) {
  return evaluate(Plan(graph, options), window, 1, 1).logits;
}

TEST(EveryOperationEquivalence, FloatAgreesWithThePlainEvaluator) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
    const graph::Graph graph = graph::with_random_parameters(sample.graph, 1);
    const auto window = random_values(static_cast<std::size_t>(graph.input_shape().size()), 3);
    const PlainEvaluator<double> expected(graph, window);
    double largest = 0;
    for (const double v : expected.output()) largest = std::max(largest, std::abs(v));
    EXPECT_GT(largest, 0.1);
    for (const Kernels& kernels : available_kernels()) {
      for (const bool keep_all : {false, true}) {
        const auto logits = logits_of(graph, {.keep_all = keep_all, .isa = kernels.name}, window);
        ASSERT_EQ(logits.size(), expected.output().size());
        for (std::size_t i = 0; i < logits.size(); ++i) {
          EXPECT_NEAR(logits[i], expected.output()[i], 1e-5 * largest) << kernels.name;
        }
      }
    }
  }
}

TEST(EveryOperationEquivalence, Int8GivesThePlainEvaluatorsLevels) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
    const graph::Graph graph = quantized(graph::with_random_parameters(sample.graph, 1));
    const auto window = random_values(static_cast<std::size_t>(graph.input_shape().size()), 3, 2);
    const PlainEvaluator<int> expected(graph, window);
    const graph::Quantization q = *graph.nodes.back().quantization;
    for (const Kernels& kernels : available_kernels()) {
      for (const bool keep_all : {false, true}) {
        const auto logits = logits_of(graph, {.keep_all = keep_all, .isa = kernels.name}, window);
        ASSERT_EQ(logits.size(), expected.output().size());
        for (std::size_t i = 0; i < logits.size(); ++i) {
          EXPECT_EQ(logits[i], q.scale * static_cast<float>(expected.output()[i] - q.zero_point))
              << kernels.name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace edgeproof::runtime
