#pragma once

// What one deployed model, wherever it comes from, gets right on a data set, clean and under
// faults; evaluate.h is a study's own evaluation, whose results are kept.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiment/fault_choice.h"
#include "formats/metadata.h"
#include "graph/graph.h"
#include "signal/dataset.h"

namespace edgeproof::engine {

// One model on all windows, clean or under one fault at one severity.
struct EvaluatedCondition {
  std::string fault;  // "clean"
  int severity = 0;
  std::vector<std::int64_t> confusion;  // counts[truth * classes + predicted]
  double accuracy = 0, macro_f1 = 0;
  // On windows of recordings that the model was trained on, and on the others; NaN where there are
  // none.
  double accuracy_trained_on = std::numeric_limits<double>::quiet_NaN();
  double accuracy_others = std::numeric_limits<double>::quiet_NaN();
};

struct ModelEvaluation {
  std::string model, type;  // type: "int8" or "fp32"
  std::string data, part;   // part: "test" or "all"
  int windows = 0;
  // Of them, those of recordings that the model was trained on (formats/trained_on.h); nothing: the
  // model's file does not say.
  std::optional<int> trained_on_windows;
  std::vector<std::string> labels;
  std::vector<EvaluatedCondition> conditions;  // the first is clean; those of a fault in a row
  // Faults of the suite that this data cannot have, and why.
  std::vector<std::pair<std::string, std::string>> left_out;
};

struct ModelEvaluationOptions {
  std::string model, data;  // their names, for messages and the result
  experiment::FaultChoice faults{.suite = "none", .list = {}};  // none at all: clean only
  std::vector<int> severities;  // 1 to 5; empty: all. A fault with a value of its own has one: 1
  std::uint64_t seed = 1;       // of the faults' draws
  int threads = 1;              // the result does not depend on it
};

// The windows that a model is evaluated on: the test part or, of data without one, `train`, which
// then holds all.
std::span<const signal::Window> evaluated_windows(const signal::Dataset& dataset);

// Told what the model said under each condition, in their order: a label and the logits,
// [windows, classes], of each of the evaluated windows.
using OutputsObserver =
    std::function<void(const EvaluatedCondition& condition, std::span<const std::uint8_t> predicted,
                       std::span<const float> logits)>;

// The network is shown the data as its deployment prepares it; int8 runs in integers. The data set
// fits the model and has its labels (deployment.h). Says on standard error how far it is. Errors:
// bad_input if there is no window, interrupted, as experiment::applicable_faults(), and of the
// observer.
ModelEvaluation evaluate_model(const graph::Graph& network, const formats::Deployment& deployment,
                               const signal::Dataset& dataset,
                               const ModelEvaluationOptions& options,
                               const OutputsObserver& observer = {});

}  // namespace edgeproof::engine
