#pragma once

// The one table of metrics: what each is called in claims, in files and in tables, what it
// measures, and where it is read from. Columns, claims, gates, comparisons, help texts and the
// report's page iterate it, so a new metric is a row of it. docs/metrics.md has the definitions.

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace edgeproof::experiment {

// What a number measures. Only numbers of the same quantity can be compared.
enum class Quantity { number, share, ratio, bytes, macs, microseconds };

// "a share", "bytes": for messages.
const char* name_of(Quantity quantity);

// What one (re)sample of test windows says about one variant. Lists of cells have one share for the
// clean windows, and then one for each fault and severity: fault-major, severity-minor.
struct Sample {
  double clean = 0, f1 = 0, robust = 0, worst = 0;
  double balanced = 0, robust_balanced = 0;  // means of the classes' recalls
  double mfe = 0, relative_mfe = 0;          // NaN where they are undefined
  double flip_rate = 0;
  std::size_t worst_fault = 0;
  std::vector<double> cells;           // accuracies
  std::vector<double> balanced_cells;  // balanced accuracies
  std::vector<double> flips;           // of windows whose label is not the variant's own clean one
};

// What one inference of a variant costs; NaN where it was not measured.
struct Costs {
  double weight_bytes = std::numeric_limits<double>::quiet_NaN();
  double arena_bytes = std::numeric_limits<double>::quiet_NaN();
  double macs = std::numeric_limits<double>::quiet_NaN();
  double latency_us = std::numeric_limits<double>::quiet_NaN();
};

// In the order of the tables' columns.
enum class Metric {
  accuracy,
  clean,
  balanced,
  f1,
  robust_accuracy,
  robust_balanced,
  worst_fault,
  mfe,
  relative_mfe,
  flip_rate,
  recovery,
  ece,
  bytes,
  ram,
  macs,
  latency,
};

// What a claim names behind a metric: a variant, and for some more.
enum class Arguments { variant, severity, fault, baseline };

// "VARIANT[, SEVERITY]": those in brackets may be left out.
const char* usage_of(Arguments arguments);

enum class Better { higher, lower };

struct MetricInfo {
  Metric metric;
  const char* name;     // in claims: "RA"
  const char* key;      // in CSV and JSON: "robust_accuracy"
  const char* title;    // in tables: "robust accuracy"
  const char* meaning;  // one line
  Quantity quantity;
  Better better;
  Arguments arguments;
  // One source at most is set. `of` makes it a column of every table and file of results.
  double Sample::*of = nullptr;
  double Costs::*of_costs = nullptr;
  // The cells that it is the mean of under the faults and severities that a claim names.
  std::vector<double> Sample::*cells = nullptr;
  // Of a gate's threshold, behind --min- if higher is better and --max- if lower is; null: a gate
  // knows no threshold of it.
  const char* option = nullptr;
  bool narrow = true;        // it has a column in the table on a terminal too, which is narrow
  bool names_fault = false;  // tables say beside it under which fault it was found
};

// All of them, in the enumeration's order.
std::span<const MetricInfo> all_metrics();

const MetricInfo& info(Metric metric);

// Those that are read from samples.
std::vector<MetricInfo> sampled_metrics();

// What two studies are compared by, in the order of that table.
std::span<const Metric> compared_metrics();

// What the variants of one study are ranked and compared by, and what a gate's largest drop is of.
struct Ranking {
  Metric robust, clean;
  std::array<Metric, 2> both() const { return {robust, clean}; }
};

// By accuracy, or, where classes are unbalanced, by balanced accuracy: there accuracy is little but
// that of the largest class.
constexpr Ranking ranking_of(bool unbalanced) {
  return unbalanced ? Ranking{Metric::robust_balanced, Metric::balanced}
                    : Ranking{Metric::robust_accuracy, Metric::clean};
}

// Whether a difference (one minus another) speaks for the one.
bool is_better(Metric metric, double difference);

// For a command's help: each form of arguments with the metrics that take it, a line each.
std::string metrics_help();

}  // namespace edgeproof::experiment
