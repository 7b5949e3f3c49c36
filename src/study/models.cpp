// Trainings of one seed depend on its base alone, so that each seed is a task that spawns the
// others. All further trainings of a seed share its random seed: they see the same windows in the
// same order, and differ in nothing but what their names say. Test: src/cli/determinism_test.sh, on
// a whole study.

#include "study/models.h"

#include <tbb/global_control.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include <functional>
#include <mutex>

#include "compress/calibrate.h"
#include "compress/prune.h"
#include "compress/quantize.h"
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

graph::Graph untrained(const Materials& m) {
  const signal::Dataset& data = m.dataset;
  return graph::build(m.config.architecture, {{data.window_length, m.pipeline.input_channels()},
                                              static_cast<int>(data.source.classes.size())});
}

train::EpochOptions epoch_options(const Materials& m, Training training, std::int64_t seed) {
  return {.rotation_deg = m.config.rotation_deg,
          .fault_suite = trains_on_faults(training) ? m.config.fault_training.suite : "",
          .clean_share = m.config.fault_training.clean_share,
          .seed = static_cast<std::uint64_t>(seed)};
}

// From what, and how, a training is done; `base` is the trained base model's graph, if it needs it.
TrainedModel train_one(const Materials& m, Training training, std::int64_t seed,
                       const graph::Graph& base,
                       const std::function<void(const train::EpochLog&)>& on_epoch) {
  train::TrainOptions options = m.config.train;
  options.seed = static_cast<std::uint64_t>(seed);
  options.quantization_aware = is_quantization_aware(training);
  graph::Graph start;
  if (training == Training::base) {
    start = train::initialized(untrained(m), options.seed);
  } else {
    start = training == Training::pruned
                ? compress::prune_channels(base, {.ratio = m.config.prune_ratio})
                : base;
    options.epochs = m.config.finetune.epochs;
    options.learning_rate = m.config.finetune.learning_rate;
  }
  train::Epochs epochs(m.dataset, m.pipeline, epoch_options(m, training, seed));
  const train::TrainResult result = train::train(
      start, [&](int epoch) -> const signal::WindowSet& { return epochs.training(epoch); },
      epochs.validation(), options, on_epoch);
  return {formats::to_onnx({result.graph, {}}), result.best_epoch, result.log};
}

graph::Graph graph_of(const TrainedModel& model, Training training, std::int64_t seed) {
  return formats::from_onnx(model.onnx, fmt::format("model '{}' of seed {} in the result store",
                                                    training_name(training), seed))
      .graph;
}

compress::CalibrationOptions calibration_options(const QuantizeConfig& config) {
  return {.method = config.calibration == "percentile" ? compress::CalibrationMethod::percentile
                                                       : compress::CalibrationMethod::min_max,
          .percentile = config.percentile,
          .windows = config.windows};
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

DeployedModel deploy(const Materials& m, const Variant& variant, std::int64_t seed,
                     const graph::Graph& trained, const signal::WindowSet& calibration) {
  graph::Graph graph = graph::fold(trained);
  if (variant.deployment == Deployment::int8) {
    graph = compress::quantize(
        is_quantization_aware(variant.training)
            ? trained
            : compress::calibrate(trained, calibration, calibration_options(m.config.quantize)));
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
  (void)untrained(m);
  train::check(m.dataset, epoch_options(m, Training::base, 0));
}

void train_models(const Materials& m, Store& store, int threads) {
  const std::vector<Training> trainings = trainings_for(m.config.variants);
  int epochs_left = 0;
  for (const std::int64_t seed : m.config.seeds) {
    for (const Training training : trainings) {
      if (store.has_trained(training_name(training), seed)) continue;
      epochs_left += training == Training::base ? m.config.train.epochs : m.config.finetune.epochs;
    }
  }
  if (epochs_left == 0) return;
  Progress progress("train", epochs_left);
  std::mutex store_mutex;
  tbb::task_group tasks;
  const auto ensure = [&](Training training, std::int64_t seed, const graph::Graph& base) {
    const std::string name = training_name(training);
    {
      const std::lock_guard lock(store_mutex);
      if (store.has_trained(name, seed)) return graph_of(store.trained(name, seed), training, seed);
    }
    const TrainedModel model =
        train_one(m, training, seed, base, [&](const train::EpochLog& epoch) {
          progress.step(fmt::format("{} seed {}: epoch {}, validation {:.1f} %", name, seed,
                                    epoch.epoch, 100 * epoch.validation_accuracy));
        });
    const std::lock_guard lock(store_mutex);
    store.put_trained(name, seed, model);
    return graph_of(model, training, seed);
  };
  const auto seed_task = [&](std::int64_t seed) {
    const auto base = std::make_shared<graph::Graph>(ensure(Training::base, seed, {}));
    for (const Training training : trainings) {
      if (training == Training::base) continue;
      tasks.run([&ensure, training, seed, base] { ensure(training, seed, *base); });
    }
  };
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<size_t>(threads));
  tbb::task_arena arena(threads);
  arena.execute([&] {
    for (const std::int64_t seed : m.config.seeds)
      tasks.run([&seed_task, seed] { seed_task(seed); });
    tasks.wait();
  });
}

void deploy_models(const Materials& m, Store& store, int threads) {
  struct Job {
    const Variant* variant;
    std::int64_t seed;
    graph::Graph trained;
  };
  std::vector<Job> jobs;
  for (const std::string& name : m.config.variants) {
    const Variant& v = variant(name);
    for (const std::int64_t seed : m.config.seeds) {
      if (store.has_deployed(name, seed)) continue;
      jobs.push_back(
          {&v, seed, graph_of(store.trained(training_name(v.training), seed), v.training, seed)});
    }
  }
  if (jobs.empty()) return;
  const signal::WindowSet calibration = signal::prepare(m.pipeline, m.dataset, m.dataset.train);
  std::mutex store_mutex;
  parallel_for(static_cast<int>(jobs.size()), threads, [&](int i) {
    const Job& job = jobs[static_cast<size_t>(i)];
    const DeployedModel model = deploy(m, *job.variant, job.seed, job.trained, calibration);
    const std::lock_guard lock(store_mutex);
    store.put_deployed(job.variant->name, job.seed, model);
  });
}

}  // namespace edgeproof::study
