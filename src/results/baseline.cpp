// Test: baseline_test.cpp.

#include "results/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;

std::vector<std::int64_t> windows_by_class(const store::TestSet& test) {
  std::vector<std::int64_t> counts(test.classes.size(), 0);
  for (const std::uint8_t label : test.labels) ++counts[label];
  return counts;
}

}  // namespace

Baseline majority_baseline(const store::TestSet& test) {
  const std::vector<std::int64_t> counts = windows_by_class(test);
  const auto most = std::ranges::max_element(counts);
  const auto present =
      static_cast<double>(std::ranges::count_if(counts, [](std::int64_t n) { return n > 0; }));
  Baseline baseline;
  baseline.answer = test.classes[static_cast<std::size_t>(most - counts.begin())];
  baseline.accuracy = static_cast<double>(*most) / static_cast<double>(test.labels.size());
  baseline.balanced_accuracy = 1 / present;
  // Its precision is the accuracy, its recall 1.
  baseline.macro_f1 = 2 * baseline.accuracy / (1 + baseline.accuracy) / present;
  return baseline;
}

double value_of(const Baseline& baseline, Metric metric) {
  switch (metric) {
    case Metric::accuracy:
    case Metric::clean:
    case Metric::robust_accuracy:
    case Metric::worst_fault:
      return baseline.accuracy;
    case Metric::balanced:
    case Metric::robust_balanced:
      return baseline.balanced_accuracy;
    case Metric::f1:
      return baseline.macro_f1;
    case Metric::mfe:
    case Metric::relative_mfe:
    case Metric::flip_rate:
    case Metric::recovery:
    case Metric::ece:
    case Metric::bytes:
    case Metric::ram:
    case Metric::macs:
    case Metric::latency:
      break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

bool no_better_than(const Baseline& baseline, Metric metric, const Interval& estimate) {
  const double value = value_of(baseline, metric);
  return !std::isnan(value) && estimate.lo <= value;
}

bool is_unbalanced(const store::TestSet& test) {
  std::vector<std::int64_t> counts = windows_by_class(test);
  std::erase(counts, 0);
  const auto [least, most] = std::ranges::minmax_element(counts);
  return static_cast<double>(*most) > kUnbalanced * static_cast<double>(*least);
}

std::string baseline_text(const Baseline& baseline) {
  const auto share = [](double value) { return value_text(value, experiment::Quantity::share); };
  return fmt::format("'{}' for every window: accuracy {}, macro-F1 {}, balanced accuracy {}",
                     baseline.answer, share(baseline.accuracy), share(baseline.macro_f1),
                     share(baseline.balanced_accuracy));
}

}  // namespace edgeproof::results
