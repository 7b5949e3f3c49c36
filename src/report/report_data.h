#pragma once

// Everything the report page shows, as plain values; docs/metrics.md defines the terms.
//
// Variants, faults and layers are named by strings, and the order of the lists is the order on the
// page. A number that was not measured is NaN (floating point), negative (counts and bytes) or an
// empty list, and the page then says "not measured" or leaves the column out. Shares lie in [0, 1].

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "experiment/metric.h"
#include "results/interval.h"

namespace edgeproof::report {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

using results::Interval;

struct Dataset {
  std::string name;
  std::string checksum;  // of the files as read, SHA-256
  std::int64_t train_windows = -1;
  std::int64_t validation_windows = -1;
  std::int64_t test_windows = -1;
  std::int64_t subjects = -1;
  std::int64_t window_samples = -1;
  double rate_hz = kNotMeasured;
  std::vector<std::string> channels;
  std::vector<std::string> classes;
  std::string split;  // how it was made, in words
};

struct Fault {
  std::string name;
  std::string description;     // one line
  std::string parameter;       // what `levels` measures, with its unit
  std::vector<double> levels;  // of severities 1, 2, ...
  std::string not_applicable;  // why the data set cannot have this fault; empty if it can
};

struct Variant {
  std::string name;
  std::string description;  // one line: how it was made
  bool control = false;
  bool simulated = false;  // activations of fewer bits than its time and memory are of
  std::map<experiment::Metric, Interval> metrics;  // those that are read from samples
  std::vector<Interval> robust_accuracy_at;  // of the results' severities, ascending, without 0
  std::string worst_fault;
  double latency_us = kNotMeasured;  // median
  double latency_us_p99 = kNotMeasured;
  bool latency_disturbed = false;  // the machine was busy
  std::int64_t weight_bytes = -1;
  std::int64_t coded_weight_bytes = -1;  // after entropy coding
  std::int64_t arena_bytes = -1;
  std::int64_t macs = -1;
  std::vector<std::string> layers;  // that can clip; empty for floating point
  // The keys of those metrics that are no better than the baseline's.
  std::vector<std::string> no_better;
};

// The answer that is the same for every window: results/baseline.h.
struct Baseline {
  std::string name;                       // of its row
  std::string answer;                     // empty: there are no results
  std::map<std::string, double> metrics;  // by key; only those that say something of it
};

// One variant under one condition, over all seeds and realizations.
struct Result {
  std::string variant;
  std::string fault;  // empty: clean
  int severity = 0;   // 0: clean
  Interval accuracy;
  Interval macro_f1;
  double ece = kNotMeasured;
  double flip_rate = kNotMeasured;
  std::vector<std::vector<std::int64_t>> confusion;  // [true class][predicted class], windows
  std::vector<double> clip_rates;                    // one for each of the variant's layers
};

// What each layer's quantization does to an integer variant under one condition. Lists are by the
// variant's layers; a number that a layer does not have is NaN.
struct Diagnosis {
  std::string variant;
  std::string fault;             // empty: clean
  int severity = 0;              // 0: clean
  double agreement = 0;          // share of windows with the label of the FP32 counterpart
  std::vector<double> sqnr_db;   // of the layers' outputs
  std::vector<double> alone_db;  // of the class probabilities, if this layer alone is quantized
  std::vector<double> alone_agreement;
  int blamed = 0;  // index of the layer most to blame
};

struct FaultSummary {
  std::string variant;
  std::string fault;
  Interval mean_accuracy;   // over the severities
  Interval breaking_point;  // a severity
};

// A paired difference, a minus b.
struct Comparison {
  std::string a;
  std::string b;
  std::string metric;
  Interval difference;
  double p_value = kNotMeasured;  // after Holm's correction over this list
  std::string verdict;            // "tie", "qat_int8 is better", ...
};

// A claim held against the results; numbers are texts with their units.
struct Claim {
  std::string text;  // in words; may be empty
  std::string check;
  std::string source;   // may be empty
  std::string verdict;  // "supported", "contradicted", "undecided", "not applicable"
  std::string left, right;
  std::string difference;         // with its interval
  double p_value = kNotMeasured;  // after Holm's correction over this list
  std::string reason;             // why it does not apply
};

// Test windows to which simulated quantization and the integer runtime give the same label.
struct Agreement {
  std::string variant;
  std::int64_t windows = 0;
  std::int64_t agreeing = 0;
};

struct TargetCost {
  std::string variant;
  std::string target;
  std::int64_t instructions = -1;  // per inference
  std::int64_t flash_bytes = -1;
  std::int64_t ram_bytes = -1;
};

// What a training said of its epochs; lists are by epoch. NaN where nothing validates.
struct TrainingCurve {
  std::uint64_t seed = 0;
  int kept_epoch = 0;  // from 1
  std::vector<double> train_loss;
  std::vector<double> validation_loss;
  std::vector<double> validation_accuracy;
};

// A training that variants have in common, with all its seeds.
struct Training {
  std::string recipe;  // up to it
  std::vector<std::string> variants;
  std::vector<TrainingCurve> curves;
  std::vector<std::string> marks;  // "not converged", in words as short
  std::vector<std::string> notes;  // the same as sentences
};

// A candidate of a search, judged on validation windows after a short training.
struct Trial {
  std::string strategy;
  std::string recipe;
  std::int64_t weight_bytes = -1;
  std::int64_t arena_bytes = -1;
  std::int64_t macs = -1;
  double clean = kNotMeasured;
  double robust = kNotMeasured;
  bool front = false;  // no other one of its strategy is both smaller and more robust
};

struct JobCount {
  std::string kind;
  std::int64_t done = 0, total = 0;
};

// Of a study that was being run when the page was written, which then reloads itself.
struct RunProgress {
  double as_of = 0;  // seconds since 1970
  std::vector<JobCount> jobs;
  std::vector<std::string> running;    // jobs, in words
  double seconds_left = kNotMeasured;  // of all
};

struct ReportData {
  std::string study;
  std::optional<RunProgress> progress;  // of a finished study: none
  std::vector<std::string> verdict;     // plain sentences, the most important first
  Dataset dataset;
  std::vector<Variant> variants;
  Baseline baseline;
  std::vector<std::string> error_free_faults;  // left out of mFE: fp32 makes no error under them
  std::vector<Fault> faults;
  std::vector<Result> results;
  std::vector<FaultSummary> fault_summaries;
  std::vector<Diagnosis> diagnoses;
  std::string diagnosis_windows;  // on which the diagnoses were made: "204 validation windows"
  std::vector<Comparison> comparisons;
  std::vector<Claim> claims;
  std::vector<Agreement> agreements;
  std::vector<TargetCost> target_costs;
  std::vector<Training> trainings;
  std::string training_lengths;  // a sentence
  std::vector<Trial> trials;     // empty: the study does not come from a search
  std::string search_budget;     // "at most 8192 bytes of flash"

  std::vector<std::uint64_t> seeds;
  std::string interval_method;  // a sentence
  std::string latency_method;   // a sentence: target, threads, runs
  std::vector<std::pair<std::string, std::string>> machine;
  std::string version;  // of edgeproof
  std::string config_toml;
  std::string reproduce;  // commands
};

}  // namespace edgeproof::report
