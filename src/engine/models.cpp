// All trainings of a seed share its random seed: they see the same windows in the same order, and
// differ in nothing but what their names say. Test: models_test.cpp; src/cli/determinism_test.sh,
// on a whole study.

#include "engine/models.h"

#include <set>
#include <utility>

#include "compress/coded_weights.h"
#include "compress/equalize.h"
#include "compress/quantize.h"
#include "core/error.h"
#include "edgeproof/version.h"
#include "engine/plan.h"
#include "engine/steps.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "runtime/plan.h"
#include "targets/device.h"

namespace edgeproof::engine {
namespace {

// What the first `count` steps of a recipe make. Trainings come from `models`, prunings are
// computed anew: they take no time.
graph::Graph network_after(const experiment::Materials& m, const ModelSource& models,
                           const experiment::Recipe& recipe, std::size_t count, std::int64_t seed) {
  if (count == 0) return initial_network(m, recipe, seed);
  const experiment::RecipeStep& step = recipe.steps[count - 1];
  if (step.trains()) return models.trained(recipe.prefix(count), seed);
  return prune_step(m, step, network_after(m, models, recipe, count - 1, seed), seed);
}

// What all steps but a last ptq make.
graph::Graph network_before_ptq(const experiment::Materials& m, const ModelSource& models,
                                const experiment::Recipe& recipe, std::int64_t seed) {
  const bool ptq = recipe.steps.back().kind == experiment::StepKind::ptq;
  return network_after(m, models, recipe, recipe.steps.size() - (ptq ? 1 : 0), seed);
}

}  // namespace

std::map<std::string, std::string> metadata_of(const experiment::Materials& m,
                                               const std::string& parent_checksum) {
  const signal::RecordingSet& source = m.dataset.source;
  return formats::to_metadata({.window_length = m.dataset.window_length,
                               .hop = m.dataset.hop,
                               .rate_hz = source.rate_hz,
                               .channels = source.channels,
                               .pipeline = m.pipeline,
                               .labels = source.classes,
                               .provenance = {.data_checksum = source.checksum,
                                              .version = EDGEPROOF_VERSION,
                                              .parent_checksum = parent_checksum},
                               .trained_on = formats::trained_on(m.dataset)});
}

void check_models(const experiment::Materials& m) {
  std::set<bool> seen;  // with faults or without: what the check of a step depends on
  for (const auto& [name, training] : trainings_of(m.config)) {
    if (seen.insert(training.step().faults).second) check_step(m, training.step());
  }
  for (const std::string& target : m.config.device_targets) targets::check_device(target);
  const experiment::Variants variants = m.config.all_variants();
  for (const std::string& name : m.config.variants) {
    const experiment::Recipe& recipe = variants.at(name).recipe;
    for (const experiment::RecipeStep& step : recipe.steps) {
      if (seen.insert(step.faults).second) check_step(m, step);
    }
    try {
      check_layers(m, recipe, initial_layers(m, recipe));
    } catch (const Error& error) {
      fail(error.code(), "variant '{}': {}", name, error.what());
    }
  }
}

store::TrainedModel train_model(const experiment::Materials& m, const ModelSource& models,
                                const store::JobId& job, const OnEpoch& on_epoch) {
  const experiment::Variants variants = m.config.all_variants();
  const Training training = trainings_of(m.config).at(job.name);
  std::vector<graph::Graph> teachers;
  for (const std::string& teacher : training.step().teachers) {
    const experiment::Recipe& recipe = variants.at(teacher).recipe;
    teachers.push_back(network_after(m, models, recipe, recipe.steps.size(), job.seed));
  }
  train::TrainResult result =
      train_step(m, training.step(), job.seed,
                 network_after(m, models, training.recipe, training.count - 1, job.seed),
                 std::move(teachers), on_epoch);
  return {formats::to_onnx({std::move(result.graph), {}}), result.best_epoch,
          std::move(result.log)};
}

store::DeployedModel deploy_model(const experiment::Materials& m, const ModelSource& models,
                                  const store::JobId& job) {
  const experiment::Variants variants = m.config.all_variants();
  const experiment::Recipe& recipe = variants.at(job.name).recipe;
  const graph::Graph graph =
      deploy(m, recipe, job.seed, network_before_ptq(m, models, recipe, job.seed));
  const runtime::Plan plan(graph);
  store::DeployedModel model;
  model.onnx = formats::to_onnx({graph, {}});
  model.macs = graph::macs(graph);
  model.weight_bytes = graph::weight_bytes(graph);
  model.coded_weight_bytes = compress::coded_weight_bytes(graph);
  model.arena_bytes = static_cast<std::int64_t>(plan.arena_bytes());
  for (const graph::Node& node : graph.nodes) model.nodes.push_back(node.name);
  return model;
}

graph::Graph fp32_counterpart(const experiment::Materials& m, const ModelSource& models,
                              const experiment::Variant& variant, std::int64_t seed) {
  const experiment::RecipeStep& last = variant.recipe.steps.back();
  const graph::Graph trained = network_before_ptq(m, models, variant.recipe, seed);
  return last.kind == experiment::StepKind::ptq && last.equalize ? compress::equalize(trained)
                                                                 : graph::fold(trained);
}

}  // namespace edgeproof::engine
