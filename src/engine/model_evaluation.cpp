// Test: model_evaluation_test.cpp, and src/cli/evaluate_test.sh on files.

#include "engine/model_evaluation.h"

#include <fmt/format.h>

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
                         .labels = deployment.labels,
                         .conditions = {},
                         .left_out = {}};
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
        .macro_f1 = scored.macro_f1});
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
