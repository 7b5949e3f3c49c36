#include "results/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

namespace edgeproof::results {
namespace {

using experiment::Metric;

// scikit-learn 1.7: DummyClassifier("most_frequent") on these labels has accuracy 0.6, macro F1
// 0.25 and balanced accuracy 1/3.
TEST(Baseline, AlwaysAnswersWithTheClassOfMostTestWindows) {
  const Baseline baseline =
      majority_baseline({{2, 2, 2, 0, 1, 2, 2, 0, 1, 2}, {}, {"a", "b", "c", "never"}});
  EXPECT_EQ(baseline.answer, "c");
  EXPECT_NEAR(baseline.accuracy, 0.6, 1e-12);
  EXPECT_NEAR(baseline.balanced_accuracy, 1 / 3.0, 1e-12);
  EXPECT_NEAR(baseline.macro_f1, 0.25, 1e-12);
  EXPECT_EQ(value_of(baseline, Metric::robust_accuracy), baseline.accuracy);
  EXPECT_EQ(value_of(baseline, Metric::robust_balanced), baseline.balanced_accuracy);
  EXPECT_TRUE(std::isnan(value_of(baseline, Metric::flip_rate)));
}

TEST(Baseline, IsNotBeatenByAnIntervalThatIncludesIt) {
  const Baseline baseline{.answer = "a", .accuracy = 0.6};
  EXPECT_TRUE(no_better_than(baseline, Metric::clean, {0.7, 0.6, 0.8}));
  EXPECT_TRUE(no_better_than(baseline, Metric::clean, {0.2, 0.1, 0.3}));
  EXPECT_FALSE(no_better_than(baseline, Metric::clean, {0.7, 0.61, 0.8}));
  EXPECT_FALSE(no_better_than(baseline, Metric::bytes, {0.1, 0.1, 0.1}));
}

TEST(Baseline, ClassesAreUnbalancedBeyondThreeToOne) {
  EXPECT_FALSE(is_unbalanced({{0, 0, 0, 1}, {}, {"a", "b", "absent"}}));
  EXPECT_TRUE(is_unbalanced({{0, 0, 0, 0, 1}, {}, {"a", "b", "absent"}}));
}

}  // namespace
}  // namespace edgeproof::results
