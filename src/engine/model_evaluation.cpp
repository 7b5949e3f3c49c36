// Test: model_evaluation_test.cpp, and src/cli/evaluate_test.sh on files.

#include "engine/model_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/progress.h"
#include "engine/scored_windows.h"

namespace edgeproof::engine {
namespace {

std::vector<int> severities_of(const faults::Fault& fault, const std::vector<int>& chosen) {
  if (fault.fixed()) return {1};
  if (!chosen.empty()) return chosen;
  std::vector<int> all;
  for (int severity = 1; severity <= fault.severities(); ++severity) all.push_back(severity);
  return all;
}

// Of each window: whether the model was trained on its recording. Empty if its file does not say.
std::vector<bool> trained_on(const formats::Deployment& deployment, const signal::Dataset& dataset,
                             std::span<const signal::Window> windows) {
  if (!deployment.trained_on) return {};
  const auto recordings = formats::was_trained_on(*deployment.trained_on, dataset.source);
  std::vector<bool> of_windows;
  for (const signal::Window& window : windows) {
    of_windows.push_back(recordings[static_cast<std::size_t>(window.recording)]);
  }
  return of_windows;
}

// The share of right labels among the windows of which `known` is `is`; NaN if there is none.
double accuracy_where(const std::vector<bool>& known, bool is,
                      std::span<const std::uint8_t> predicted,
                      std::span<const std::uint8_t> truth) {
  int windows = 0, right = 0;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i] != is) continue;
    ++windows;
    right += predicted[i] == truth[i];
  }
  return windows == 0 ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(right) / windows;
}

}  // namespace

std::span<const signal::Window> evaluated_windows(const signal::Dataset& dataset) {
  return dataset.test.empty() ? dataset.train : dataset.test;
}

ModelEvaluation evaluate_model(const graph::Graph& network, const formats::Deployment& deployment,
                               const signal::Dataset& dataset,
                               const ModelEvaluationOptions& options,
                               const OutputsObserver& observer) {
  const std::span<const signal::Window> windows = evaluated_windows(dataset);
  if (windows.empty()) {
    fail(ErrorCode::bad_input, "{} has no window to evaluate {} on", options.data, options.model);
  }
  std::vector<std::uint8_t> truth;
  for (const signal::Window& window : windows) {
    truth.push_back(static_cast<std::uint8_t>(window.label));
  }
  const runtime::Plan plan(network);
  ModelEvaluation result{.model = options.model,
                         .type = plan.is_int8() ? "int8" : "fp32",
                         .data = options.data,
                         .part = dataset.test.empty() ? "all" : "test",
                         .windows = static_cast<int>(windows.size()),
                         .trained_on_windows = {},
                         .labels = deployment.labels,
                         .conditions = {},
                         .left_out = {}};
  const std::vector<bool> known = trained_on(deployment, dataset, windows);
  if (deployment.trained_on) {
    result.trained_on_windows = static_cast<int>(std::ranges::count(known, true));
  }
  std::vector<faults::Fault> faults;
  if (options.faults.suite != "none" || !options.faults.list.empty()) {
    auto list = experiment::applicable_faults(options.faults, dataset, deployment.pipeline);
    faults = std::move(list.applicable);
    result.left_out = std::move(list.others);
  }
  int count = 1;
  for (const faults::Fault& fault : faults) {
    count += static_cast<int>(severities_of(fault, options.severities).size());
  }
  Progress progress("evaluate", count);
  const auto add = [&](const faults::Fault* fault, int severity) {
    const signal::WindowSet set = experiment::faulty_windows(
        dataset, deployment.pipeline, windows, fault, severity, options.seed, options.threads);
    ScoredWindows scored = score_windows(plan, set, truth, options.threads);
    const EvaluatedCondition& condition = result.conditions.emplace_back(EvaluatedCondition{
        .fault = fault == nullptr ? "clean" : fault->name,
        .severity = severity,
        .confusion = std::move(scored.confusion),
        .accuracy = static_cast<double>(scored.correct) / static_cast<double>(windows.size()),
        .macro_f1 = scored.macro_f1,
        .accuracy_trained_on = accuracy_where(known, true, scored.predicted, truth),
        .accuracy_others = accuracy_where(known, false, scored.predicted, truth)});
    if (observer) observer(condition, scored.predicted, scored.run.logits);
  };
  add(nullptr, 0);
  progress.step("clean");
  for (const faults::Fault& fault : faults) {
    for (const int severity : severities_of(fault, options.severities)) {
      throw_if_interrupted();
      add(&fault, severity);
      progress.step(fmt::format("{} severity {}", fault.name, severity));
    }
  }
  return result;
}

}  // namespace edgeproof::engine
