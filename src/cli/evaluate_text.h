#pragma once

// The text of `edgeproof evaluate`: what a deployed model gets right, as tables for people, as
// JSON, or as CSV with one row per condition.

#include <string>
#include <vector>

#include "experiment/metrics.h"

namespace edgeproof::cli {

// One model on all windows, clean or under one fault at one severity.
struct EvaluatedCondition {
  std::string fault;  // "clean"
  int severity = 0;
  std::vector<std::int64_t> confusion;  // counts[truth * classes + predicted]
  double accuracy = 0, macro_f1 = 0;
};

struct ModelEvaluation {
  std::string model, type;  // type: "int8" or "fp32"
  std::string data, part;   // part: "test" or "all"
  int windows = 0;
  std::vector<std::string> labels;
  std::vector<EvaluatedCondition> conditions;  // the first is clean; those of a fault in a row
  // Faults of the suite that this data cannot have, and why.
  std::vector<std::pair<std::string, std::string>> left_out;
};

// Of one fault: the mean over its severities.
struct FaultAccuracy {
  std::string fault;
  double accuracy = 0;
};
std::vector<FaultAccuracy> fault_accuracies(const ModelEvaluation& evaluation);

std::string evaluation_table(const ModelEvaluation& evaluation);
std::string evaluation_json(const ModelEvaluation& evaluation);
std::string evaluation_csv(const ModelEvaluation& evaluation);

}  // namespace edgeproof::cli
