// Test: src/cli/determinism_test.sh, on a whole study.

#include "study/evaluate.h"

#include <memory>
#include <mutex>

#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "formats/onnx.h"
#include "runtime/evaluate.h"
#include "runtime/plan.h"
#include "study/metrics.h"
#include "targets/host_latency.h"
#include "train/trainer.h"

namespace edgeproof::study {
namespace {

// One deployed model, ready to run.
struct Model {
  std::string variant;
  std::int64_t seed = 0;
  runtime::Plan plan;
  // The network that quantization-aware training believes in; nothing for other variants.
  std::optional<graph::Graph> fake_quant;
};

std::vector<Model> load_models(const Config& config, const Store& store) {
  std::vector<Model> models;
  const Variants variants = config.all_variants();
  for (const std::string& name : config.variants) {
    const Recipe& recipe = variants.at(name).recipe;
    for (const std::int64_t seed : config.seeds) {
      const std::string label =
          fmt::format("variant '{}' of seed {} in the result store", name, seed);
      Model model{name,
                  seed,
                  runtime::Plan(formats::from_onnx(store.deployed(name, seed).onnx, label).graph),
                  {}};
      if (recipe.is_quantization_aware()) {
        const TrainedModel trained = store.trained(recipe.text(), seed);
        model.fake_quant = formats::from_onnx(trained.onnx, label).graph;
      }
      models.push_back(std::move(model));
    }
  }
  return models;
}

// The test windows as the condition leaves them, prepared for the network. Realizations differ in
// their seed alone.
signal::WindowSet realize(const Materials& m, const faults::Fault* fault,
                          const Condition& condition, int threads) {
  const std::uint64_t seed = static_cast<std::uint64_t>(m.config.faults.seed) +
                             (static_cast<std::uint64_t>(condition.realization) << 32);
  return faulty_windows(m.dataset, m.pipeline, m.dataset.test, fault, condition.severity, seed,
                        threads);
}

Evaluation evaluate(const Model& model, const signal::WindowSet& windows, const TestSet& test) {
  const runtime::Evaluation run = runtime::evaluate(model.plan, windows.values, windows.count, 1);
  Evaluation result;
  result.labels = argmax(run.logits, run.classes);
  result.ece = expected_calibration_error(run.logits, test.labels, run.classes);
  if (model.plan.is_int8()) {
    result.clipped = run.clipped;
    result.values = run.activations;
  }
  return result;
}

// Of at most `most` windows (0: all), evenly spread.
Agreement agreement(const Model& model, const signal::WindowSet& windows, int most,
                    const std::vector<std::uint8_t>& integer_labels) {
  const int count = most == 0 ? windows.count : std::min(most, windows.count);
  signal::WindowSet some{.count = count, .length = windows.length, .channels = windows.channels};
  std::vector<size_t> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    chosen.push_back(static_cast<size_t>(i * windows.count / count));
    const auto window = windows.window(static_cast<int>(chosen.back()));
    some.values.insert(some.values.end(), window.begin(), window.end());
  }
  const auto labels = train::predict_labels(*model.fake_quant, some, true);
  Agreement result{.same = 0, .windows = count};
  for (size_t i = 0; i < labels.size(); ++i) result.same += labels[i] == integer_labels[chosen[i]];
  return result;
}

// Nothing for the clean condition.
const faults::Fault* fault_of(const Condition& condition, const FaultList& list) {
  const auto found = std::ranges::find(list.applicable, condition.fault, &faults::Fault::name);
  return found == list.applicable.end() ? nullptr : &*found;
}

}  // namespace

TestSet test_set_of(const signal::Dataset& dataset) {
  TestSet test;
  test.classes = dataset.source.classes;
  for (const signal::Window& window : dataset.test) {
    test.labels.push_back(static_cast<std::uint8_t>(window.label));
    test.groups.push_back(dataset.source.recordings[static_cast<size_t>(window.recording)].group);
  }
  return test;
}

void evaluate_models(const Materials& m, Store& store, int threads) {
  std::vector<Condition> missing;
  const Config& config = m.config;
  const FaultList list = applicable_faults(config.faults.choice, m.dataset, m.pipeline);
  std::vector<std::string> names;
  for (const faults::Fault& fault : list.applicable) names.push_back(fault.name);
  for (const Condition& condition :
       all_conditions(names, config.faults.severities, config.faults.realizations)) {
    bool complete = true;
    for (const std::string& name : config.variants) {
      for (const std::int64_t seed : config.seeds) {
        complete = complete && store.has_evaluation(name, seed, condition);
      }
    }
    if (!complete) missing.push_back(condition);
  }
  if (missing.empty()) return;
  const std::vector<Model> models = load_models(m.config, store);
  const TestSet test = test_set_of(m.dataset);
  Progress progress("evaluate", static_cast<int>(missing.size()));
  for (const Condition& condition : missing) {
    throw_if_interrupted();
    const signal::WindowSet windows = realize(m, fault_of(condition, list), condition, threads);
    std::vector<Store::Evaluated> results(models.size());
    parallel_for(static_cast<int>(models.size()), threads, [&](int i) {
      const Model& model = models[static_cast<size_t>(i)];
      Store::Evaluated& result = results[static_cast<size_t>(i)];
      result = {model.variant, model.seed, evaluate(model, windows, test), {}};
      if (model.fake_quant) {
        result.agreement =
            agreement(model, windows, config.agreement_windows, result.result.labels);
      }
    });
    store.put_evaluations(condition, results);
    progress.step(condition.severity == 0
                      ? condition.fault
                      : fmt::format("{} severity {}", condition.fault, condition.severity));
  }
}

void measure_latencies(const Materials& m, Store& store) {
  const std::int64_t seed = m.config.seeds.front();
  signal::WindowSet windows;
  for (const std::string& name : m.config.variants) {
    if (store.latency(name)) continue;
    throw_if_interrupted();
    if (windows.count == 0) windows = signal::prepare(m.pipeline, m.dataset, m.dataset.test);
    const auto model = formats::from_onnx(store.deployed(name, seed).onnx, name);
    const targets::HostLatency latency = targets::measure_host_latency(
        runtime::Plan(model.graph), windows.values, m.config.latency_runs);
    store.put_latency(name, {latency.median_us, latency.p99_us, latency.runs});
  }
}

}  // namespace edgeproof::study
