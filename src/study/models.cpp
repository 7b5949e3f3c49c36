// A training is a step of a recipe, named by all steps up to it; recipes share what they have in
// common. Each is a task that runs when what it needs has been trained. All trainings of a seed
// share its random seed: they see the same windows in the same order, and differ in nothing but
// what their names say. Test: src/cli/determinism_test.sh, on a whole study.

#include "study/models.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "compress/bias_correction.h"
#include "compress/calibrate.h"
#include "compress/data_rounding.h"
#include "compress/equalize.h"
#include "compress/prune.h"
#include "compress/quantize.h"
#include "compress/smooth.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "graph/zoo.h"
#include "runtime/plan.h"
#include "train/epochs.h"
#include "train/initialize.h"

namespace edgeproof::study {
namespace {

graph::Graph untrained(const Materials& m, const Recipe& recipe) {
  const signal::Dataset& data = m.dataset;
  const std::string& architecture = recipe.steps.front().architecture;
  return graph::build(architecture.empty() ? m.config.architecture : architecture,
                      {{data.window_length, m.pipeline.input_channels()},
                       static_cast<int>(data.source.classes.size())});
}

// Members of an ensemble are far from the seeds of a study.
std::uint64_t random_seed(const RecipeStep& step, std::int64_t seed) {
  return static_cast<std::uint64_t>(seed) + 1000000007u * static_cast<std::uint64_t>(step.member);
}

train::EpochOptions epoch_options(const Materials& m, const RecipeStep& step, int epochs,
                                  std::int64_t seed) {
  return {
      .augment = m.config.augment,
      .faults =
          step.faults
              ? applicable_faults(m.config.fault_training.choice, m.dataset, m.pipeline).applicable
              : std::vector<faults::Fault>(),
      .sampling = m.config.fault_training.sampling,
      .epochs = epochs,
      .clean_share = m.config.fault_training.clean_share,
      .seed = random_seed(step, seed)};
}

train::TrainOptions train_options(const Materials& m, const RecipeStep& step, std::int64_t seed) {
  train::TrainOptions options = m.config.train;
  if (step.kind != StepKind::train) {
    options.epochs = m.config.finetune.epochs;
    options.learning_rate = m.config.finetune.learning_rate;
  }
  options.epochs = step.epochs.value_or(options.epochs);
  options.learning_rate = step.rate.value_or(options.learning_rate);
  options.seed = random_seed(step, seed);
  options.quantization_aware = step.kind == StepKind::qat;
  options.quantizer = {.kind = step.quantizer, .weight_bits = step.weights.weight_bits};
  return options;
}

compress::CalibrationOptions calibration_options(const QuantizeConfig& config,
                                                 const RecipeStep& step) {
  return {.method = compress::calibration_from_name(step.calibration.value_or(config.calibration)),
          .percentile = step.percentile.value_or(config.percentile),
          .windows = config.windows};
}

// A step of a recipe that trains `start`, with the graphs of its teachers.
TrainedModel train_one(const Materials& m, const RecipeStep& step, std::int64_t seed,
                       const graph::Graph& start, std::vector<graph::Graph> teachers,
                       const std::function<void(const train::EpochLog&)>& on_epoch) {
  const train::TrainOptions options = train_options(m, step, seed);
  train::Epochs epochs(m.dataset, m.pipeline, epoch_options(m, step, options.epochs, seed));
  std::optional<train::Distillation> distillation;
  if (!teachers.empty()) {
    distillation = {.teachers = std::move(teachers),
                    .windows = [&](int e) -> const signal::WindowSet& { return epochs.clean(e); },
                    .temperature = step.temperature,
                    .share = step.share};
  }
  std::optional<train::RangeCalibration> ranges;
  if (step.kind == StepKind::qat && step.calibration) {
    ranges = {.options = calibration_options(m.config.quantize, step),
              .windows = signal::prepare(m.pipeline, m.dataset, m.dataset.train)};
  }
  const train::TrainResult result = train::train(
      start, [&](int epoch) -> const signal::WindowSet& { return epochs.training(epoch); },
      epochs.validation(), options,
      [&](const train::EpochLog& log, std::span<const std::int32_t> labels) {
        epochs.learn(labels);
        on_epoch(log);
      },
      distillation, ranges);
  return {formats::to_onnx({result.graph, {}}), result.best_epoch, result.log};
}

graph::Graph stored_graph(const Store& store, const std::string& training, std::int64_t seed) {
  return formats::from_onnx(
             store.trained(training, seed).onnx,
             fmt::format("model '{}' of seed {} in the result store", training, seed))
      .graph;
}

// What the first `count` steps of a recipe make, from the store and what is quickly computed; the
// step that trains last must be there.
graph::Graph made(const Materials& m, const Store& store, const Recipe& recipe, size_t count,
                  std::int64_t seed) {
  if (count == 0) {
    return train::initialized(untrained(m, recipe), random_seed(recipe.steps.front(), seed));
  }
  const RecipeStep& step = recipe.steps[count - 1];
  if (step.trains()) return stored_graph(store, recipe.prefix(count), seed);
  const graph::Graph before = made(m, store, recipe, count - 1, seed);
  return compress::prune_channels(before, {.ratio = step.ratio.value_or(m.config.prune_ratio)});
}

// One training of the study: a step of some recipe, and what must be trained before it.
struct Training {
  Recipe recipe;
  size_t count = 0;  // of the recipe's steps, this one the last
  std::vector<std::string> needs;
  std::string name() const { return recipe.prefix(count); }
  const RecipeStep& step() const { return recipe.steps[count - 1]; }
};

// Everything that the study's variants and their teachers are trained by, by name.
std::map<std::string, Training> trainings_of(const Config& config) {
  const Variants variants = config.all_variants();
  std::map<std::string, Training> all;
  const std::function<std::string(const std::string&)> add = [&](const std::string& variant) {
    const Recipe& recipe = variants.at(variant).recipe;
    std::string last;
    for (size_t count = 1; count <= recipe.trained(); ++count) {
      const RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      Training training{recipe, count, {}};
      if (!last.empty()) training.needs.push_back(last);
      for (const std::string& teacher : step.teachers) training.needs.push_back(add(teacher));
      last = training.name();
      all.emplace(last, std::move(training));
    }
    return last;
  };
  for (const std::string& variant : config.variants) add(variant);
  return all;
}

// Post-training quantization.
graph::Graph quantized(const Materials& m, const RecipeStep& step, std::int64_t seed,
                       const graph::Graph& trained) {
  train::EpochOptions options = epoch_options(m, step, 1, seed);
  options.augment = {};
  train::Epochs epochs(m.dataset, m.pipeline, options);
  const signal::WindowSet& windows = epochs.training(0);
  const int most = m.config.quantize.windows;
  graph::Graph start = step.equalize ? compress::equalize(trained) : trained;
  if (step.smooth) {
    compress::SmoothOptions smoothing{.windows = most};
    smoothing.alpha = step.alpha.value_or(smoothing.alpha);
    start = compress::smooth(start, windows, smoothing);
  }
  const graph::Graph int8 = compress::quantize(
      compress::calibrate(start, windows, calibration_options(m.config.quantize, step)), windows,
      step.weights,
      {.method = step.rounding,
       .windows = most,
       .adaround = {.seed = static_cast<std::uint64_t>(seed)}});
  if (!step.bias_correction) return int8;
  return compress::correct_bias(int8, start, windows, {.windows = most});
}

std::map<std::string, std::string> metadata_of(const Materials& m, std::int64_t seed) {
  const signal::RecordingSet& source = m.dataset.source;
  return formats::to_metadata({.window_length = m.dataset.window_length,
                               .hop = m.dataset.hop,
                               .rate_hz = source.rate_hz,
                               .channels = source.channels,
                               .pipeline = m.pipeline,
                               .labels = source.classes,
                               .provenance = {.data_checksum = source.checksum,
                                              .config = to_toml(m.config),
                                              .seed = static_cast<std::uint64_t>(seed),
                                              .version = EDGEPROOF_VERSION}});
}

DeployedModel deploy(const Materials& m, const Recipe& recipe, std::int64_t seed,
                     const graph::Graph& trained) {
  graph::Graph graph = graph::fold(trained);
  if (recipe.is_quantization_aware()) {
    graph = compress::quantize(trained);
  } else if (recipe.is_integer()) {
    graph = quantized(m, recipe.steps.back(), seed, trained);
  }
  const runtime::Plan plan(graph);
  DeployedModel model;
  model.onnx = formats::to_onnx({graph, metadata_of(m, seed)});
  model.macs = graph::macs(graph);
  model.weight_bytes = graph::weight_bytes(graph);
  model.arena_bytes = static_cast<std::int64_t>(plan.arena_bytes());
  for (const graph::Node& node : graph.nodes) model.nodes.push_back(node.name);
  return model;
}

}  // namespace

void check_models(const Materials& m) {
  std::set<bool> seen;
  for (const auto& [name, training] : trainings_of(m.config)) {
    if (!seen.insert(training.step().faults).second) continue;
    (void)train::Epochs(m.dataset, m.pipeline, epoch_options(m, training.step(), 1, 0));
  }
  const Variants variants = m.config.all_variants();
  for (const std::string& name : m.config.variants) {
    const Recipe& recipe = variants.at(name).recipe;
    graph::Graph graph = untrained(m, recipe);
    for (const RecipeStep& step : recipe.steps) {
      if (step.kind != StepKind::prune) continue;
      graph = compress::prune_channels(graph, {.ratio = step.ratio.value_or(m.config.prune_ratio)});
    }
  }
}

void train_models(const Materials& m, Store& store, int threads) {
  // Jobs in an order in which every one comes after what it needs: dependants only ever need
  // shorter names of the same recipe, or teachers.
  struct Job {
    const Training* training;
    std::int64_t seed;
    std::atomic<int> waits_for{0};
    std::vector<Job*> dependants = {};
  };
  const Variants variants = m.config.all_variants();
  const std::map<std::string, Training> trainings = trainings_of(m.config);
  std::map<std::pair<std::int64_t, std::string>, Job> jobs;
  int epochs_left = 0;
  for (const std::int64_t seed : m.config.seeds) {
    for (const auto& [name, training] : trainings) {
      if (store.has_trained(name, seed)) continue;
      Job& job = jobs[{seed, name}];
      job.training = &training;
      job.seed = seed;
      epochs_left += train_options(m, training.step(), seed).epochs;
    }
  }
  if (jobs.empty()) return;
  for (auto& [key, job] : jobs) {
    for (const std::string& need : job.training->needs) {
      const auto found = jobs.find({key.first, need});
      if (found == jobs.end()) continue;  // the store has it
      found->second.dependants.push_back(&job);
      ++job.waits_for;
    }
  }
  Progress progress("train", epochs_left);
  std::mutex store_mutex;
  tbb::task_group tasks;
  const std::function<void(Job&)> run = [&](Job& job) {
    const Training& training = *job.training;
    const std::string name = training.name();
    graph::Graph start;
    std::vector<graph::Graph> teachers;
    {
      const std::lock_guard lock(store_mutex);
      start = made(m, store, training.recipe, training.count - 1, job.seed);
      for (const std::string& name : training.step().teachers) {
        const Recipe& recipe = variants.at(name).recipe;
        teachers.push_back(made(m, store, recipe, recipe.steps.size(), job.seed));
      }
    }
    const TrainedModel model = train_one(
        m, training.step(), job.seed, start, std::move(teachers),
        [&](const train::EpochLog& epoch) {
          const std::string note = fmt::format("{} seed {}: epoch {}", name, job.seed, epoch.epoch);
          progress.step(
              std::isnan(epoch.validation_accuracy)
                  ? fmt::format("{}, loss {:.3f}", note, epoch.train_loss)
                  : fmt::format("{}, validation {:.1f} %", note, 100 * epoch.validation_accuracy));
        });
    {
      const std::lock_guard lock(store_mutex);
      store.put_trained(name, job.seed, model);
    }
    for (Job* dependant : job.dependants) {
      if (--dependant->waits_for == 0) tasks.run([&run, dependant] { run(*dependant); });
    }
  };
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<size_t>(threads));
  tbb::task_arena arena(threads);
  arena.execute([&] {
    std::vector<Job*> ready;
    for (auto& [key, job] : jobs) {
      if (job.waits_for == 0) ready.push_back(&job);
    }
    for (Job* job : ready) tasks.run([&run, job] { run(*job); });
    tasks.wait();
  });
}

void deploy_models(const Materials& m, Store& store, int threads) {
  const Variants variants = m.config.all_variants();
  struct Job {
    const Variant* variant;
    std::int64_t seed;
    graph::Graph trained;
  };
  std::vector<Job> jobs;
  for (const std::string& name : m.config.variants) {
    const Variant& v = variants.at(name);
    const bool ptq = v.recipe.steps.back().kind == StepKind::ptq;
    for (const std::int64_t seed : m.config.seeds) {
      if (store.has_deployed(name, seed)) continue;
      jobs.push_back(
          {&v, seed, made(m, store, v.recipe, v.recipe.steps.size() - (ptq ? 1 : 0), seed)});
    }
  }
  if (jobs.empty()) return;
  std::mutex store_mutex;
  parallel_for(static_cast<int>(jobs.size()), threads, [&](int i) {
    const Job& job = jobs[static_cast<size_t>(i)];
    const DeployedModel model = deploy(m, job.variant->recipe, job.seed, job.trained);
    const std::lock_guard lock(store_mutex);
    store.put_deployed(job.variant->name, job.seed, model);
  });
}

graph::Graph fp32_counterpart(const Materials& m, const Store& store, const Variant& variant,
                              std::int64_t seed) {
  const Recipe& recipe = variant.recipe;
  const RecipeStep& last = recipe.steps.back();
  const bool ptq = last.kind == StepKind::ptq;
  const graph::Graph trained = made(m, store, recipe, recipe.steps.size() - (ptq ? 1 : 0), seed);
  return ptq && last.equalize ? compress::equalize(trained) : graph::fold(trained);
}

}  // namespace edgeproof::study
