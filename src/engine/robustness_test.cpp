#include "engine/robustness.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "experiment/data.h"
#include "experiment/fault_choice.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"
#include "runtime/evaluate.h"

namespace edgeproof::engine {
namespace {

struct Bench {
  experiment::Config config;
  signal::Dataset dataset;
  signal::Pipeline pipeline;
  experiment::Materials materials() const { return {config, dataset, pipeline}; }
};

Bench motion() {
  Bench bench;
  bench.config.faults.choice = {"none", {"bias", "gaussian"}};
  bench.config.faults.severities = {2, 4};
  bench.dataset = experiment::load_dataset(bench.config, {});
  bench.pipeline = {bench.config.imputation, signal::training_statistics(bench.dataset)};
  return bench;
}

runtime::Plan any_network(const Bench& bench) {
  return runtime::Plan(graph::with_random_parameters(
      graph::cnn({{bench.dataset.window_length, bench.pipeline.input_channels()},
                  static_cast<int>(bench.dataset.source.classes.size())}),
      1));
}

// Share of the windows whose largest logit is their label's.
double plain_accuracy(const runtime::Plan& plan, const signal::WindowSet& set) {
  const auto run = runtime::evaluate(plan, set.values, set.count, 1);
  int right = 0;
  for (int w = 0; w < set.count; ++w) {
    const float* row = run.logits.data() + w * run.classes;
    right += std::max_element(row, row + run.classes) - row == set.labels[w];
  }
  return right / static_cast<double>(set.count);
}

TEST(RobustnessTest, IsTheMeanOverFaultsAndSeverities) {
  const Bench bench = motion();
  const runtime::Plan plan = any_network(bench);
  const auto& windows = bench.dataset.validation;
  double robust = 0;
  const auto list =
      experiment::applicable_faults(bench.config.faults.choice, bench.dataset, bench.pipeline);
  for (const auto& fault : list.applicable) {
    for (const int severity : {2, 4}) {
      robust += plain_accuracy(plan, experiment::faulty_windows(bench.dataset, bench.pipeline,
                                                                windows, &fault, severity, 1, 1));
    }
  }
  const RobustnessTest test(bench.materials(), windows, 1 << 20, 2);
  EXPECT_EQ(test.windows(), static_cast<int>(windows.size()));
  EXPECT_DOUBLE_EQ(test.of(plan, 2).robust, robust / 4);
  EXPECT_DOUBLE_EQ(test.of(plan, 1).clean,
                   plain_accuracy(plan, experiment::faulty_windows(bench.dataset, bench.pipeline,
                                                                   windows, nullptr, 0, 1, 1)));
}

TEST(RobustnessTest, LooksAtNoMoreWindowsThanAsked) {
  const Bench bench = motion();
  const auto& windows = bench.dataset.validation;
  EXPECT_EQ(RobustnessTest(bench.materials(), windows, 7, 1).windows(), 7);
  EXPECT_THROW(RobustnessTest(bench.materials(), {}, 7, 1), Error);
}

}  // namespace
}  // namespace edgeproof::engine
