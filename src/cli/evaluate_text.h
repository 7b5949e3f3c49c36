#pragma once

// The text of `edgeproof evaluate`: what a deployed model gets right, as tables for people, as
// JSON, or as CSV with one row per condition.

#include <string>
#include <vector>

#include "engine/model_evaluation.h"

namespace edgeproof::cli {

// Of one fault: the mean over its severities.
struct FaultAccuracy {
  std::string fault;
  double accuracy = 0;
};
std::vector<FaultAccuracy> fault_accuracies(const engine::ModelEvaluation& evaluation);

// One line: how many windows are of recordings that the model was trained on, and its accuracy with
// and without them. Empty if none are, or the model's file does not say.
std::string trained_on_warning(const engine::ModelEvaluation& evaluation);

std::string evaluation_table(const engine::ModelEvaluation& evaluation);
std::string evaluation_json(const engine::ModelEvaluation& evaluation);
std::string evaluation_csv(const engine::ModelEvaluation& evaluation);

}  // namespace edgeproof::cli
