#include "runtime/workspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/kernels/kernel_list.h"
#include "runtime/networks_testing.h"

namespace edgeproof::runtime {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

struct Outcome {
  std::vector<float> logits;
  std::vector<std::int64_t> clipped;
  bool operator==(const Outcome&) const = default;
};

Outcome run_once(const Plan& plan, std::span<const float> window) {
  Workspace workspace(plan);
  Outcome outcome;
  outcome.logits.resize(plan.output_size());
  run(plan, workspace, window, outcome.logits);
  outcome.clipped.assign(workspace.clipped().begin(), workspace.clipped().end());
  return outcome;
}

// input [2, 1] -> dense to 2 -> logits, all scales 0.5.
graph::Graph tiny() {
  const graph::Quantization q{0.5F, 1};
  const graph::Int8Weights weights{{2, 0, 0, -2}, {0.5F, 0.5F}, {4, 0}};
  return {"tiny",
          {{"input", graph::Input{{2, 1}}, {}, q},
           {"dense", graph::Dense{2, graph::Activation::none, weights}, {0}, q}}};
}

TEST(Run, QuantizesComputesAndDequantizes) {
  // 1.0 -> 3 (2 above zero), 100 -> 127 (126 above), clipped. (2 * 2 + 4) * 0.5 = 4 -> 2.0;
  // 126 * -2 * 0.5 = -126 -> -125 -> -63.0.
  const Outcome outcome = run_once(Plan(tiny()), std::vector<float>{1.0F, 100.0F});
  EXPECT_THAT(outcome.logits, ElementsAre(2.0F, -63.0F));
  EXPECT_THAT(outcome.clipped, ElementsAre(1, 0));
}

TEST(Run, CountsClippedValuesOfFusedConvolutionsTooAndOnlyIfAsked) {
  const graph::Graph graph = quantized(r1(), 1.0F);
  const auto window = random_values(Plan(graph).input_size(), 1);
  const Outcome reference = run_once(Plan(graph, {.keep_all = true, .isa = "scalar"}), window);
  EXPECT_GT(reference.clipped[1], 0);
  for (const Kernels& kernels : available_kernels()) {
    const Plan plan(graph, {.isa = kernels.name});
    EXPECT_EQ(run_once(plan, window), reference) << kernels.name;
    Workspace uncounted(plan, false);
    std::vector<float> logits(plan.output_size());
    run(plan, uncounted, window, logits);
    EXPECT_EQ(logits, reference.logits) << kernels.name;
    if (kernels.name != "scalar") {
      EXPECT_EQ(uncounted.clipped()[1], 0) << kernels.name;
    }
  }
}

TEST(Run, DoesNotDependOnWhatTheWorkspaceHeldBefore) {
  for (const graph::Graph& graph : {r2(), quantized(r2())}) {
    const Plan plan(graph);
    Workspace workspace(plan);
    const auto window = random_values(plan.input_size(), 1);
    const auto other = random_values(plan.input_size(), 2, 50.0);
    std::vector<float> first(plan.output_size()), again(plan.output_size());
    run(plan, workspace, window, first);
    run(plan, workspace, other, again);
    EXPECT_NE(first, again);
    run(plan, workspace, window, again);
    EXPECT_EQ(first, again);
  }
}

TEST(Run, FoldingKeepsTheFunction) {
  for (const graph::Graph& graph : {r1(), r2(), r3()}) {
    const auto window = random_values(Plan(graph).input_size(), 3);
    EXPECT_THAT(run_once(Plan(graph::fold(graph)), window).logits,
                Pointwise(FloatNear(1e-4F), run_once(Plan(graph), window).logits));
  }
}

TEST(Run, QuantizedNetworkFollowsItsFloatParent) {
  const auto window = random_values(128 * 9, 4);
  const auto expected = run_once(Plan(graph::fold(r1())), window).logits;
  EXPECT_THAT(run_once(Plan(quantized(r1(), 8.0F)), window).logits,
              Pointwise(FloatNear(0.25F), expected));
}

TEST(Run, KeepingAllGivesTheSameLogitsAndEveryOutput) {
  const graph::Graph graph = r1();
  const Plan plan(graph, {.keep_all = true});
  Workspace workspace(plan);
  const auto window = random_values(plan.input_size(), 6);
  std::vector<float> logits(plan.output_size());
  run(plan, workspace, window, logits);
  EXPECT_EQ(run_once(Plan(graph), window).logits, logits);
  const graph::Graph int8 = quantized(graph);
  EXPECT_EQ(run_once(Plan(int8, {.keep_all = true}), window).logits,
            run_once(Plan(int8), window).logits);

  const auto output = [&](int node) { return node_output<float>(plan, workspace, node); };
  EXPECT_THAT(output(0), testing::ElementsAreArray(window));
  EXPECT_THAT(output(static_cast<int>(graph.nodes.size()) - 1), testing::ElementsAreArray(logits));
  ASSERT_TRUE(std::holds_alternative<graph::Relu>(graph.nodes[3].op));
  for (std::size_t i = 0; i < output(3).size(); ++i) {
    EXPECT_EQ(output(3)[i], std::max(output(2)[i], 0.0F));
  }
}

TEST(Run, SumsByTapAreTheSameWhateverIsKeptAndFastOnesAreNear) {
  const graph::Graph graph = graph::fold(r1());
  const auto window = random_values(Plan(graph).input_size(), 6);
  const auto logits_of = [&](const PlanOptions& options) {
    return run_once(Plan(graph, options), window).logits;
  };
  const auto by_tap = logits_of({.float_sums = FloatSums::by_tap});
  EXPECT_EQ(logits_of({.keep_all = true, .float_sums = FloatSums::by_tap}), by_tap);
  EXPECT_THAT(logits_of({.keep_all = true}), testing::Pointwise(testing::FloatNear(1e-5F), by_tap));
}

TEST(Run, KeepingAllShowsTheIntegersOfAnInt8Plan) {
  const Plan plan(tiny(), {.keep_all = true});
  Workspace workspace(plan);
  std::vector<float> logits(2);
  run(plan, workspace, std::vector<float>{1.0F, 100.0F}, logits);
  EXPECT_THAT(node_output<std::int8_t>(plan, workspace, 0), ElementsAre(3, 127));
  EXPECT_THAT(node_output<std::int8_t>(plan, workspace, 1), ElementsAre(5, -125));
}

TEST(NetworkEquivalence, EveryInstructionSetGivesTheReferencesInt8Bits) {
  for (const graph::Graph& graph : {quantized(r1()), quantized(r2()), quantized(r3())}) {
    const Plan reference(graph, {.isa = "scalar"});
    for (const double sd : {1.0, 8.0}) {
      const auto window = random_values(reference.input_size(), 7, sd);
      const Outcome expected = run_once(reference, window);
      for (const Kernels& kernels : available_kernels()) {
        EXPECT_EQ(run_once(Plan(graph, {.isa = kernels.name}), window), expected) << kernels.name;
      }
      if (sd > 1) {
        EXPECT_GT(expected.clipped[0], 0);
      }
    }
  }
}

TEST(NetworkEquivalence, EveryInstructionSetAgreesInFloat) {
  for (const graph::Graph& graph : {r1(), graph::fold(r2()), graph::fold(r3())}) {
    const auto window = random_values(Plan(graph).input_size(), 8);
    const auto expected = run_once(Plan(graph, {.isa = "scalar"}), window).logits;
    for (const Kernels& kernels : available_kernels()) {
      EXPECT_THAT(run_once(Plan(graph, {.isa = kernels.name}), window).logits,
                  Pointwise(FloatNear(2e-5F), expected))
          << kernels.name;
    }
  }
}

TEST(RunNodes, GoesOnFromValuesThatWereChanged) {
  const graph::Graph graph = graph::fold(r1());
  const Plan plan(graph, {.keep_all = true});
  Workspace workspace(plan), other(plan);
  std::vector<float> logits(plan.output_size());
  run(plan, workspace, random_values(plan.input_size(), 1), logits);
  run(plan, other, random_values(plan.input_size(), 2), logits);
  const int end = static_cast<int>(graph.nodes.size());
  std::ranges::copy(node_output<float>(plan, other, 3),
                    node_values<float>(plan, workspace, 3).begin());
  run_nodes(plan, workspace, 4, end);
  const auto result = node_output<float>(plan, workspace, end - 1);
  EXPECT_THAT(logits, testing::ElementsAreArray(result));
}

}  // namespace
}  // namespace edgeproof::runtime
