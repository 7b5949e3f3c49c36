#pragma once

// What a finished study says, read from its store.

#include <string>
#include <vector>

#include "experiment/config.h"
#include "results/estimates.h"
#include "results/recommendation.h"
#include "results/statistics.h"
#include "results/training_notes.h"
#include "results/verdict.h"
#include "store/store.h"

namespace edgeproof::results {

struct SummaryRow {
  VariantStatistics statistics;
  store::DeployedModel model;  // of the first seed
  store::Latency latency;      // NaN where there is none yet

  experiment::Costs costs() const { return costs_of(model, latency); }
};

// A fault as the report describes it.
struct FaultInfo {
  std::string name;
  std::string summary;         // y as a function of x, in a line
  std::string parameter;       // what its levels measure
  std::vector<double> levels;  // at severities 1 to 5
  std::string not_applicable;  // why the data set cannot have it; empty if it can
};

struct DeviceRow {
  std::string variant, target;
  store::DeviceCost cost;
};

struct Summary {
  experiment::Config config;
  std::vector<FaultInfo> faults;
  Predictions predictions;
  std::vector<SummaryRow> rows;  // in the order of config.variants
  std::vector<Comparison> comparisons;
  std::vector<JudgedClaim> claims;
  std::vector<DeviceRow> devices = {};              // those that are there, by target
  std::vector<TrainingRuns> trainings = {};         // with the logs that are there
  std::vector<TrainingNote> training_notes = {};    // what they say
  std::vector<std::string> missing = {};            // what the study does not have yet, in words
  std::vector<std::string> error_free_faults = {};  // of Statistics
  Recommendation recommendation = {};
  std::string split = {};                        // how the data was split, in words
  std::vector<std::string> split_findings = {};  // what is wrong with that (signal/split_check.h)

  // Whether the variant may be no more robust than fp32, by the ranking's metric.
  bool ties_with_fp32(const std::string& variant) const;
};

// With its claims. Error bad_input if the store holds no study.
experiment::Config stored_config(const store::Store& store);

// Of the configuration's variants and seeds. Error bad_input if the study is not finished.
Predictions read_predictions(const store::Store& store, const experiment::Config& config);

// Error bad_input if the study is not finished.
Summary summarize(const store::Store& store, int threads);

// Of a study that may be running: of the variants that have been shown clean windows, and of the
// faults that have been shown to them all. Latencies that are not there are NaN. Error bad_input if
// there is nothing to tell yet.
Summary summarize_unfinished(const store::Store& store, int threads);

}  // namespace edgeproof::results
