#include "experiment/metric.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace edgeproof::experiment {
namespace {

using testing::HasSubstr;

TEST(Metric, EveryMetricIsFoundByItsOwnNameAndKey) {
  std::set<std::string> names, keys;
  for (const MetricInfo& metric : all_metrics()) {
    EXPECT_EQ(&info(metric.metric), &metric);
    EXPECT_TRUE(names.insert(metric.name).second) << metric.name;
    EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
    EXPECT_FALSE(metric.of != nullptr && metric.of_costs != nullptr) << metric.name;
  }
}

// Files and scripts have these names: a change of one is a change of a format.
TEST(Metric, ColumnsHaveTheNamesThatFilesHave) {
  std::vector<std::string> keys;
  for (const MetricInfo& metric : sampled_metrics()) keys.emplace_back(metric.key);
  EXPECT_THAT(keys,
              testing::ElementsAre("clean_accuracy", "balanced_accuracy", "macro_f1",
                                   "robust_accuracy", "robust_balanced_accuracy",
                                   "worst_fault_accuracy", "mfe", "relative_mfe", "flip_rate"));
}

// A claim that names fewer faults than all needs cells to take the mean of.
TEST(Metric, WhatCanBeComparedOrNarrowedHasASource) {
  for (const Metric metric : compared_metrics()) EXPECT_NE(info(metric).of, nullptr);
  for (const bool unbalanced : {false, true}) {
    for (const Metric metric : ranking_of(unbalanced).both()) EXPECT_NE(info(metric).of, nullptr);
  }
  for (const MetricInfo& metric : all_metrics()) {
    if (metric.arguments != Arguments::severity) continue;
    EXPECT_NE(metric.cells, nullptr) << metric.name;
  }
}

TEST(Metric, BetterIsHigherOrLower) {
  EXPECT_TRUE(is_better(Metric::clean, 0.1));
  EXPECT_FALSE(is_better(Metric::clean, -0.1));
  EXPECT_TRUE(is_better(Metric::mfe, -0.1));
  EXPECT_FALSE(is_better(Metric::mfe, 0.1));
}

TEST(Metric, HelpNamesEveryMetricWithItsArguments) {
  const std::string help = metrics_help();
  for (const MetricInfo& metric : all_metrics()) EXPECT_THAT(help, HasSubstr(metric.name));
  EXPECT_THAT(help, HasSubstr("(VARIANT[, SEVERITY]): RA, balanced_RA\n"));
  EXPECT_THAT(help, HasSubstr("(VARIANT, BASELINE): recovery\n"));
}

}  // namespace
}  // namespace edgeproof::experiment
