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
#include <utility>

#include "compress/coded_weights.h"
#include "compress/equalize.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "runtime/plan.h"
#include "study/steps.h"

namespace edgeproof::study {
namespace {

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
    return initial_network(m, recipe, seed);
  }
  const RecipeStep& step = recipe.steps[count - 1];
  if (step.trains()) return stored_graph(store, recipe.prefix(count), seed);
  return pruned(m, step, made(m, store, recipe, count - 1, seed), seed);
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
  const graph::Graph graph = finished(m, recipe, seed, trained);
  const runtime::Plan plan(graph);
  DeployedModel model;
  model.onnx = formats::to_onnx({graph, metadata_of(m, seed)});
  model.macs = graph::macs(graph);
  model.weight_bytes = graph::weight_bytes(graph);
  model.coded_weight_bytes = compress::coded_weight_bytes(graph);
  model.arena_bytes = static_cast<std::int64_t>(plan.arena_bytes());
  for (const graph::Node& node : graph.nodes) model.nodes.push_back(node.name);
  return model;
}

}  // namespace

void check_models(const Materials& m) {
  std::set<bool> seen;  // with faults or without: what the check of a step depends on
  for (const auto& [name, training] : trainings_of(m.config)) {
    if (seen.insert(training.step().faults).second) check_step(m, training.step());
  }
  const Variants variants = m.config.all_variants();
  for (const std::string& name : m.config.variants) {
    const Recipe& recipe = variants.at(name).recipe;
    for (const RecipeStep& step : recipe.steps) {
      if (seen.insert(step.faults).second) check_step(m, step);
    }
    try {
      check_layers(m, recipe, layers_of(m, recipe));
    } catch (const Error& error) {
      fail(error.code(), "variant '{}': {}", name, error.what());
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
      epochs_left += epochs_of(m, training.step());
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
      for (const std::string& teacher : training.step().teachers) {
        const Recipe& recipe = variants.at(teacher).recipe;
        teachers.push_back(made(m, store, recipe, recipe.steps.size(), job.seed));
      }
    }
    const TrainedModel model = trained(
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
