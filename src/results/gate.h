#pragma once

// Whether the variants of a finished study hold thresholds: what a build may be made to depend on.
//
// A minimum must be held by the lower end of the metric's 95 % interval, a maximum, or a largest
// drop, by the upper end: a small test set is no excuse. What is undefined holds no threshold.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/compare.h"
#include "results/summary.h"
#include "store/store.h"

namespace edgeproof::results {

struct Thresholds {
  // At least, where higher is better, else at most. Of metrics that have an `option` alone.
  std::map<experiment::Metric, double> metrics;
  std::optional<double> drop;  // of clean and of robust accuracy, at most
  // At most, by the layer that saturates most, of the values it computes on clean test windows.
  std::optional<double> clip_rate;

  bool empty() const { return metrics.empty() && !drop && !clip_rate; }
};

struct Check {
  std::string variant;
  std::string what;
  experiment::Quantity quantity = experiment::Quantity::share;
  Interval found;
  bool has_interval = false;
  bool at_least = false;  // else at most
  double wanted = 0;
  bool ok = false;

  // What is held against the threshold: the unfavourable end.
  double judged() const { return at_least ? found.lo : found.hi; }
};

// Every threshold of every named variant, variant by variant. `changes` are those that drops are
// judged by (their after_variant is the gated one). Error bad_config for a variant that is not
// there, or for a clip rate of an FP32 one.
std::vector<Check> gate(const Summary& summary, const store::Store& store,
                        const std::vector<std::string>& variants, const Thresholds& thresholds,
                        const std::vector<Change>& changes);

}  // namespace edgeproof::results
