#include "runtime/evaluate.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "runtime/networks_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::runtime {
namespace {

TEST(Evaluate, IsRunForEveryWindow) {
  const Plan plan(quantized(r1()));
  const int count = 40;
  const auto windows = random_values(plan.input_size() * count, 1, 3.0);
  const Evaluation evaluation = evaluate(plan, windows, count, 1);
  ASSERT_EQ(evaluation.classes, 6);

  Workspace workspace(plan);
  std::vector<std::int64_t> clipped(plan.shapes().size(), 0);
  std::vector<float> logits;
  for (int i = 0; i < count; ++i) {
    std::vector<float> one(6);
    run(plan, workspace, std::span(windows).subspan(i * plan.input_size(), plan.input_size()), one);
    logits.insert(logits.end(), one.begin(), one.end());
    for (std::size_t n = 0; n < clipped.size(); ++n) clipped[n] += workspace.clipped()[n];
  }
  EXPECT_EQ(evaluation.logits, logits);
  EXPECT_EQ(evaluation.clipped, clipped);
  EXPECT_GT(evaluation.clipped[0], 0);
  EXPECT_EQ(evaluation.activations[1], std::int64_t{count} * 128 * 32);
}

TEST(Evaluate, DoesNotDependOnTheNumberOfThreads) {
  for (const graph::Graph& graph : {r1(), quantized(r1())}) {
    const Plan plan(graph);
    const int count = 150;
    const auto windows = random_values(plan.input_size() * count, 2, 3.0);
    const Evaluation one = evaluate(plan, windows, count, 1);
    const Evaluation four = evaluate(plan, windows, count, 4);
    EXPECT_EQ(one.logits, four.logits);
    EXPECT_EQ(one.clipped, four.clipped);
    EXPECT_EQ(one.activations, four.activations);
  }
}

TEST(Evaluate, NoWindowsGiveNothing) {
  const Evaluation evaluation = evaluate(Plan(r1()), {}, 0, 2);
  EXPECT_TRUE(evaluation.logits.empty());
  EXPECT_EQ(evaluation.activations, std::vector<std::int64_t>(r1().nodes.size(), 0));
}

TEST(Evaluate, WindowsOfAnotherSizeAreAnError) {
  const std::vector<float> windows(100);
  EXPECT_THROW(evaluate(Plan(r1()), windows, 1, 1), Error);
}

}  // namespace
}  // namespace edgeproof::runtime
