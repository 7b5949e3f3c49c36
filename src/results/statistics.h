#pragma once

// The statistics of METRICS (docs/metrics.md): what a table prints about variants, with 95 %
// bootstrap intervals.
//
// Resampling is two-way: training seeds with replacement, and, independently, test windows as
// subjects with replacement and windows within each. One draw of windows serves all seeds and all
// variants: the same windows are hard for every seed, so drawing them apart for each would make
// intervals too narrow; and differences between variants are paired
// (docs/decisions/0002-bootstrap.md).

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiment/metric.h"
#include "results/interval.h"
#include "results/predictions.h"

namespace edgeproof::results {

struct VariantStatistics {
  std::string variant;
  std::map<experiment::Metric, Interval> metrics;  // all that are read from samples
  std::string worst_fault;
  std::vector<Interval> robust_accuracy_at;  // [severity index]
  // [fault][severity index], means over seeds and realizations.
  std::vector<std::vector<Interval>> accuracy;
  std::vector<Interval> fault_accuracy;  // [fault], means over severities
  // [fault]: the interpolated severity where accuracy is 5 points below clean; infinite if it never
  // is.
  std::vector<Interval> breaking_point;
};

// A metric of a minus that of b, paired, with Holm's correction over all comparisons of that metric
// made together.
struct Comparison {
  experiment::Metric metric;
  std::string a, b;
  Interval difference;
  double p_adjusted = 1;
  bool tie = true;  // the difference may be nothing, at the 95 % level
};

struct Statistics {
  std::vector<VariantStatistics> variants;  // in the order of predictions.variants
  // Of the ranking's metrics, robust first, each in the order of `pairs`.
  std::vector<Comparison> comparisons;
  // Those under which fp32 makes no error at any severity: mFE leaves them out.
  std::vector<std::string> error_free_faults;
};

class Bootstrap;

// Variant a against b in one metric.
struct Pairing {
  experiment::Metric metric;
  std::string a, b;
};

// Comparisons that are read together: Holm's correction is over all of them.
std::vector<Comparison> compare(const Bootstrap& bootstrap, const std::vector<Pairing>& pairings);

// Of all the predictions' variants, which the bootstrap is of. `pairs` are names of variants.
Statistics statistics(const Predictions& predictions, const Bootstrap& bootstrap,
                      const std::vector<std::pair<std::string, std::string>>& pairs);

// Holm's step-down correction: p-values in, adjusted p-values out, in the same order.
std::vector<double> holm(const std::vector<double>& p);

// The first severity (interpolated between 0 and the grid's) where `accuracy` has fallen to clean -
// drop; infinity if it never does.
double breaking_point(double clean, const std::vector<std::int64_t>& severities,
                      const std::vector<double>& accuracy, double drop = 0.05);

}  // namespace edgeproof::results
