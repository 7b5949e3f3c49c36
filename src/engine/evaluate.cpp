// Test: src/cli/determinism_test.sh, on a whole study.

#include "engine/evaluate.h"

#include "core/error.h"
#include "core/parallel.h"
#include "engine/scored_windows.h"
#include "experiment/metrics.h"
#include "runtime/plan.h"
#include "targets/device.h"
#include "targets/host_latency.h"
#include "train/trainer.h"

namespace edgeproof::engine {
// One deployed model, ready to run.
struct Evaluator::Model {
  runtime::Plan plan;
  // The network that quantization-aware training believes in; nothing for other variants.
  std::optional<graph::Graph> fake_quant;
};

namespace {

// The test windows as the condition leaves them, prepared for the network. Realizations differ in
// their seed alone.
signal::WindowSet realize(const experiment::Materials& m, const faults::Fault* fault,
                          const experiment::Condition& condition, int threads) {
  const std::uint64_t seed = static_cast<std::uint64_t>(m.config.faults.seed) +
                             (static_cast<std::uint64_t>(condition.realization) << 32);
  return experiment::faulty_windows(m.dataset, m.pipeline, m.dataset.test, fault,
                                    condition.severity, seed, threads);
}

store::Evaluation evaluation(const runtime::Plan& plan, const signal::WindowSet& windows,
                             const store::TestSet& test) {
  ScoredWindows scored = score_windows(plan, windows, test.labels, 1);
  store::Evaluation result;
  result.labels = std::move(scored.predicted);
  result.ece =
      experiment::expected_calibration_error(scored.run.logits, test.labels, scored.run.classes);
  if (plan.is_int8()) {
    result.clipped = std::move(scored.run.clipped);
    result.values = std::move(scored.run.activations);
  }
  result.correct = scored.correct;
  result.macro_f1 = scored.macro_f1;
  return result;
}

// Compares labels on at most `most` windows (0: all), evenly spread.
store::Agreement agreement(const graph::Graph& fake_quant, const signal::WindowSet& windows,
                           int most, const std::vector<std::uint8_t>& integer_labels) {
  const int count = most == 0 ? windows.count : std::min(most, windows.count);
  signal::WindowSet some{.count = count, .length = windows.length, .channels = windows.channels};
  std::vector<std::size_t> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    chosen.push_back(static_cast<std::size_t>(i * windows.count / count));
    const auto window = windows.window(static_cast<int>(chosen.back()));
    some.values.insert(some.values.end(), window.begin(), window.end());
  }
  const auto labels = train::predict_labels(fake_quant, some, true);
  store::Agreement result{.same = 0, .windows = count};
  for (std::size_t i = 0; i < labels.size(); ++i)
    result.same += labels[i] == integer_labels[chosen[i]];
  return result;
}

}  // namespace

store::TestSet test_set_of(const signal::Dataset& dataset) {
  store::TestSet test;
  test.classes = dataset.source.classes;
  for (const signal::Window& window : dataset.test) {
    test.labels.push_back(static_cast<std::uint8_t>(window.label));
    test.groups.push_back(
        dataset.source.recordings[static_cast<std::size_t>(window.recording)].group);
  }
  return test;
}

Evaluator::Evaluator(const experiment::Materials& materials, ModelSource models)
    : m_(materials),
      source_(std::move(models)),
      faults_(experiment::applicable_faults(m_.config.faults.choice, m_.dataset, m_.pipeline)),
      test_(test_set_of(m_.dataset)) {}

Evaluator::~Evaluator() = default;

const Evaluator::Model& Evaluator::model(const store::JobId& job) {
  std::unique_ptr<Model>& model = models_[{job.name, job.seed}];
  if (model) return *model;
  const experiment::Variants variants = m_.config.all_variants();
  const experiment::Recipe& recipe = variants.at(job.name).recipe;
  model.reset(new Model{runtime::Plan(source_.deployed(job.name, job.seed)), {}});
  if (recipe.is_quantization_aware()) {
    model->fake_quant = source_.trained(recipe.text(), job.seed);
  }
  return *model;
}

std::vector<store::Evaluation> Evaluator::evaluate(std::span<const store::Job> jobs, int threads) {
  const experiment::Condition& on = jobs.front().id.condition();
  std::vector<const Model*> models;
  for (const store::Job& job : jobs) models.push_back(&model(job.id));
  const signal::WindowSet windows = realize(m_, experiment::fault_of(on, faults_), on, threads);
  std::vector<store::Evaluation> results(jobs.size());
  parallel_for(static_cast<int>(jobs.size()), threads, [&](int i) {
    const Model& model = *models[static_cast<std::size_t>(i)];
    store::Evaluation& result = results[static_cast<std::size_t>(i)];
    result = evaluation(model.plan, windows, test_);
    if (model.fake_quant)
      result.agreement =
          agreement(*model.fake_quant, windows, m_.config.agreement_windows, result.labels);
  });
  return results;
}

std::vector<store::Latency> measure_latencies(const experiment::Materials& m,
                                              const ModelSource& models,
                                              std::span<const store::Job> jobs) {
  const auto some =
      std::span(m.dataset.test).first(std::min<std::size_t>(m.dataset.test.size(), 1000));
  const signal::WindowSet windows = signal::prepare(m.pipeline, m.dataset, some);
  std::vector<runtime::Plan> plans;
  for (const store::Job& job : jobs) plans.emplace_back(models.deployed(job.id.name, job.id.seed));
  std::vector<store::Latency> latencies;
  for (const targets::HostLatency& latency :
       targets::measure_host_latencies(plans, windows.values, m.config.latency_runs)) {
    latencies.push_back({latency.median_us, latency.p99_us, latency.runs, latency.disturbed});
  }
  return latencies;
}

store::DeviceCost measure_device(const ModelSource& models, const store::JobId& job) {
  const targets::DeviceMeasurement measured =
      targets::measure_on_device(models.deployed(job.name, job.seed), job.device());
  return {.instructions = measured.instructions,
          .cycles = measured.cycles,
          .flash_bytes = measured.flash_bytes(),
          .ram_bytes = measured.ram_bytes()};
}

}  // namespace edgeproof::engine
