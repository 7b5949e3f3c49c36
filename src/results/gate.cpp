// Test: compare_test.cpp.

#include "results/gate.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::results {
namespace {

constexpr double kRounding = 1e-9;  // of sums of shares, which may miss 1 by as much

const SummaryRow& row_of(const Summary& summary, const std::string& name) {
  for (const SummaryRow& row : summary.rows) {
    if (row.statistics.variant == name) return row;
  }
  fail(ErrorCode::bad_config, "the study has no variant '{}'{}", name,
       did_you_mean(name, summary.config.variants));
}

// Of the layer that saturates most, over all seeds.
double largest_clip_rate(const Summary& summary, const store::Store& store,
                         const std::string& variant) {
  std::vector<double> clipped, values;
  for (const std::int64_t seed : summary.config.seeds) {
    const store::Evaluation clean = store.evaluation(variant, seed, {});
    clipped.resize(std::max(clipped.size(), clean.clipped.size()));
    values.resize(clipped.size());
    for (size_t n = 0; n < clean.clipped.size(); ++n) {
      clipped[n] += static_cast<double>(clean.clipped[n]);
      values[n] += static_cast<double>(clean.values[n]);
    }
  }
  if (clipped.empty()) {
    fail(ErrorCode::bad_config, "variant '{}' is FP32, which has no clip rate", variant);
  }
  double largest = 0;
  for (size_t n = 0; n < clipped.size(); ++n) {
    if (values[n] > 0) largest = std::max(largest, clipped[n] / values[n]);
  }
  return largest;
}

// The checks of one variant.
class Gate {
 public:
  explicit Gate(std::string variant) : variant_(std::move(variant)) {}

  void at_least(const std::string& what, const Interval& found, std::optional<double> wanted) {
    if (!wanted) return;
    checks_.push_back(
        {variant_, what, Unit::share, found, true, true, *wanted, found.lo >= *wanted - kRounding});
  }
  void at_most(const std::string& what, const Interval& found, std::optional<double> wanted) {
    if (!wanted) return;
    checks_.push_back({variant_, what, Unit::share, found, true, false, *wanted,
                       found.hi <= *wanted + kRounding});
  }
  void at_most(const std::string& what, Unit unit, double found, std::optional<double> wanted) {
    if (!wanted) return;
    checks_.push_back(
        {variant_, what, unit, {found, found, found}, false, false, *wanted, found <= *wanted});
  }
  const std::vector<Check>& checks() const { return checks_; }

 private:
  std::string variant_;
  std::vector<Check> checks_;
};

}  // namespace

bool Thresholds::empty() const {
  return !robust_accuracy && !clean_accuracy && !worst_fault && !macro_f1 && !drop &&
         !weight_bytes && !arena_bytes && !latency_us && !clip_rate;
}

std::vector<std::string> shipped_variants(const experiment::Config& config) {
  const experiment::Variants all = config.all_variants();
  std::vector<std::string> names;
  for (const std::string& name : config.variants) {
    const experiment::Variant& variant = all.at(name);
    if (variant.recipe.is_integer() && !variant.control && !variant.recipe.is_simulated()) {
      names.push_back(name);
    }
  }
  return names;
}

std::vector<Check> gate(const Summary& summary, const store::Store& store,
                        const std::vector<std::string>& variants, const Thresholds& thresholds,
                        const std::vector<Change>& changes) {
  std::vector<Check> all;
  for (const std::string& name : variants) {
    const SummaryRow& row = row_of(summary, name);
    const VariantStatistics& s = row.statistics;
    Gate gate(name);
    gate.at_least("clean accuracy", s.clean_accuracy, thresholds.clean_accuracy);
    gate.at_least("macro-F1", s.macro_f1, thresholds.macro_f1);
    gate.at_least("robust accuracy", s.robust_accuracy, thresholds.robust_accuracy);
    gate.at_least("worst fault (" + s.worst_fault + ")", s.worst_fault_accuracy,
                  thresholds.worst_fault);
    for (const Change& change : changes) {
      const bool judged = change.metric == "clean accuracy" || change.metric == "robust accuracy";
      if (change.after_variant != name || !judged) continue;
      const Interval& d = change.difference;
      gate.at_most(change.metric + ", drop from " + change.before_variant, {-d.value, -d.hi, -d.lo},
                   thresholds.drop);
    }
    gate.at_most("weights", Unit::bytes, static_cast<double>(row.model.weight_bytes),
                 thresholds.weight_bytes);
    gate.at_most("arena", Unit::bytes, static_cast<double>(row.model.arena_bytes),
                 thresholds.arena_bytes);
    gate.at_most("latency", Unit::microseconds, row.latency.median_us, thresholds.latency_us);
    if (thresholds.clip_rate) {
      gate.at_most("clip rate", Unit::share, largest_clip_rate(summary, store, name),
                   thresholds.clip_rate);
    }
    all.insert(all.end(), gate.checks().begin(), gate.checks().end());
  }
  return all;
}

}  // namespace edgeproof::results
