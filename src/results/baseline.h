#pragma once

// What a model must beat to be better than nothing: the same answer to every window.

#include <string>

#include "experiment/metric.h"
#include "results/interval.h"
#include "store/store.h"

namespace edgeproof::results {

// The variant name that tables and files give the baseline's row.
inline constexpr const char* kMajorityName = "majority_class";

// Always answers with the class that most test windows have: no other constant answer is more
// accurate. Shares lie in [0, 1]; no fault changes them.
struct Baseline {
  std::string answer;            // the class
  double accuracy = 0;           // its share of the windows
  double balanced_accuracy = 0;  // 1 / K, for K classes that the test part has
  double macro_f1 = 0;           // 1 / K times the class' F1
};

Baseline majority_baseline(const store::TestSet& test);

// What the metric is of the baseline; NaN where it says nothing of it (costs, ratios, flips).
double value_of(const Baseline& baseline, experiment::Metric metric);

// Whether the interval includes the baseline's value or lies below it. False where that is NaN.
bool no_better_than(const Baseline& baseline, experiment::Metric metric, const Interval& estimate);

// Classes are unbalanced if the largest one has more than so many times the test windows of the
// smallest one that has any. Variants are then ranked by balanced accuracy.
inline constexpr double kUnbalanced = 3;
bool is_unbalanced(const store::TestSet& test);

// "'walking' for every window: accuracy 18.2 %, macro-F1 5.1 %, balanced accuracy 16.7 %".
std::string baseline_text(const Baseline& baseline);

}  // namespace edgeproof::results
