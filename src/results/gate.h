#pragma once

// Whether the variants of a finished study hold thresholds: what a build may be made to depend on.
//
// A minimum of an accuracy must be held by the lower end of its 95 % interval, a largest drop by
// the upper end of the paired difference's: a small test set is no excuse.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/compare.h"
#include "results/summary.h"
#include "store/store.h"

namespace edgeproof::results {

struct Thresholds {
  std::optional<double> robust_accuracy, clean_accuracy, worst_fault, macro_f1;  // at least
  std::optional<double> drop;  // of clean and of robust accuracy, at most
  std::optional<double> weight_bytes, arena_bytes, latency_us;  // at most
  // At most, by the layer that saturates most, of the values it computes on clean test windows.
  std::optional<double> clip_rate;

  bool empty() const;
};

enum class Unit { share, bytes, microseconds };

struct Check {
  std::string variant;
  std::string what;
  Unit unit = Unit::share;
  Interval found;
  bool has_interval = false;
  bool at_least = false;  // else at most
  double wanted = 0;
  bool ok = false;
};

// Those to be shipped: the integer variants that are neither controls nor simulated.
std::vector<std::string> shipped_variants(const experiment::Config& config);

// Every threshold of every named variant, variant by variant. `changes` are those that drops are
// judged by (their after_variant is the gated one). Error bad_config for a variant that is not
// there, or for a clip rate of an FP32 one.
std::vector<Check> gate(const Summary& summary, const store::Store& store,
                        const std::vector<std::string>& variants, const Thresholds& thresholds,
                        const std::vector<Change>& changes);

}  // namespace edgeproof::results
