// Test: src/cli/determinism_test.sh, on a whole study.

#include "engine/steps.h"

#include <utility>

#include "compress/bias_correction.h"
#include "compress/calibrate.h"
#include "compress/data_rounding.h"
#include "compress/equalize.h"
#include "compress/importance.h"
#include "compress/prune.h"
#include "compress/smooth.h"
#include "compress/sparsify.h"
#include "experiment/budget.h"
#include "graph/fold.h"
#include "graph/zoo.h"
#include "train/epochs.h"
#include "train/initialize.h"

namespace edgeproof::engine {
namespace {

// Members of an ensemble are far from the seeds of a study.
std::uint64_t random_seed(const experiment::RecipeStep& step, std::int64_t seed) {
  return static_cast<std::uint64_t>(seed) + 1000000007U * static_cast<std::uint64_t>(step.member);
}

train::EpochOptions epoch_options(const experiment::Materials& m,
                                  const experiment::RecipeStep& step, int epochs,
                                  std::int64_t seed) {
  return {.augment = m.config.augment,
          .faults = step.faults ? experiment::applicable_faults(m.config.fault_training.choice,
                                                                m.dataset, m.pipeline)
                                      .applicable
                                : std::vector<faults::Fault>(),
          .sampling = m.config.fault_training.sampling,
          .epochs = epochs,
          .clean_share = step.consistency > 0 ? 0 : m.config.fault_training.clean_share,
          .seed = random_seed(step, seed)};
}

compress::CalibrationOptions calibration_options(const experiment::QuantizeConfig& config,
                                                 const experiment::RecipeStep& step) {
  return {.method = compress::calibration_from_name(step.calibration.value_or(config.calibration)),
          .percentile = step.percentile.value_or(config.percentile),
          .windows = config.windows,
          .activation_bits = step.activation_bits};
}

// Training windows that are looked at but not trained on; faulty ones, if the step says so.
signal::WindowSet calibration_windows(const experiment::Materials& m,
                                      const experiment::RecipeStep& step, std::int64_t seed) {
  train::EpochOptions options = epoch_options(m, step, 1, seed);
  options.augment = {};
  return train::Epochs(m.dataset, m.pipeline, options).training(0);
}

compress::PruneOptions prune_options(const experiment::Materials& m,
                                     const experiment::RecipeStep& step) {
  return {.ratio = step.ratio.value_or(m.config.prune_ratio),
          .scope = step.prune_scope,
          .keep = step.keep};
}

// Post-training quantization.
graph::Graph quantized(const experiment::Materials& m, const experiment::RecipeStep& step,
                       std::int64_t seed, const graph::Graph& trained) {
  const signal::WindowSet windows = calibration_windows(m, step, seed);
  const int most = m.config.quantize.windows;
  graph::Graph start = step.equalize ? compress::equalize(trained) : trained;
  if (step.smooth) {
    compress::SmoothOptions smoothing{.windows = most};
    smoothing.alpha = step.alpha.value_or(smoothing.alpha);
    start = compress::smooth(start, windows, smoothing);
  }
  graph::Graph int8 = compress::quantize(
      compress::calibrate(start, windows, calibration_options(m.config.quantize, step)), windows,
      step.weights,
      {.method = step.rounding,
       .windows = most,
       .adaround = {.seed = static_cast<std::uint64_t>(seed)}});
  if (!step.bias_correction) return int8;
  return compress::correct_bias(int8, start, windows, {.windows = most});
}

graph::Graph pruned_without_data(const experiment::Materials& m, const experiment::RecipeStep& step,
                                 const graph::Graph& fp32) {
  const compress::ChannelGroups groups = compress::channel_groups(fp32);
  if (step.importance == compress::Importance::batch_norm) {
    (void)compress::weight_importance(fp32, groups, step.importance);
  }
  return compress::prune_channels(fp32, groups, std::vector<double>(groups.units(), 1),
                                  prune_options(m, step));
}

bool is_trained_already(const experiment::Materials& m, const experiment::RecipeStep& step) {
  return m.network != nullptr && step.kind == experiment::StepKind::train;
}

}  // namespace

graph::Graph initial_layers(const experiment::Materials& m, const experiment::Recipe& recipe) {
  if (m.network != nullptr) return *m.network;
  const signal::Dataset& data = m.dataset;
  const std::string& architecture = recipe.steps.front().architecture;
  return graph::build(architecture.empty() ? m.config.architecture : architecture,
                      {{data.window_length, m.pipeline.input_channels()},
                       static_cast<int>(data.source.classes.size())});
}

graph::Graph initial_network(const experiment::Materials& m, const experiment::Recipe& recipe,
                             std::int64_t seed) {
  if (m.network != nullptr) return *m.network;
  return train::initialized(initial_layers(m, recipe), random_seed(recipe.steps.front(), seed));
}

void check_step(const experiment::Materials& m, const experiment::RecipeStep& step) {
  (void)train::Epochs(m.dataset, m.pipeline, epoch_options(m, step, 1, 0));
}

train::TrainOptions train_options(const experiment::Materials& m,
                                  const experiment::RecipeStep& step, std::int64_t seed) {
  train::TrainOptions options = m.config.train;
  const experiment::Budgets budgets = experiment::budgets_of(m.config, std::ssize(m.dataset.train));
  const bool further = step.kind != experiment::StepKind::train;
  const experiment::Budget& budget = further ? budgets.finetune : budgets.train;
  if (further) options.learning_rate = m.config.finetune.learning_rate;
  options.epochs = step.epochs.value_or(budget.epochs);
  options.batch_size = budget.batch_size;
  options.learning_rate = step.rate.value_or(options.learning_rate);
  options.seed = random_seed(step, seed);
  options.keep_zeros = step.keep_zeros;
  options.quantization_aware = step.kind == experiment::StepKind::qat;
  options.quantizer = {.kind = step.quantizer,
                       .weight_bits = step.weights.weight_bits,
                       .activation_bits = step.activation_bits};
  return options;
}

int epochs_of(const experiment::Materials& m, const experiment::RecipeStep& step) {
  return is_trained_already(m, step) ? 0 : train_options(m, step, 0).epochs;
}

train::TrainResult train_step(const experiment::Materials& m, const experiment::RecipeStep& step,
                              std::int64_t seed, const graph::Graph& start,
                              std::vector<graph::Graph> teachers, const OnEpoch& on_epoch) {
  if (is_trained_already(m, step)) return {.graph = start};
  const train::TrainOptions options = train_options(m, step, seed);
  train::Epochs epochs(m.dataset, m.pipeline, epoch_options(m, step, options.epochs, seed));
  const auto clean = [&](int e) -> const signal::WindowSet& { return epochs.clean(e); };
  train::TrainWith with;
  with.on_epoch = [&](const train::EpochLog& log, std::span<const std::int32_t> labels) {
    epochs.learn(labels);
    on_epoch(log);
  };
  if (!teachers.empty()) {
    with.distillation = {.teachers = std::move(teachers),
                         .windows = clean,
                         .temperature = step.temperature,
                         .share = step.share,
                         .divergence = step.divergence};
  }
  if (step.kind == experiment::StepKind::qat && step.calibration) {
    with.ranges = {.options = calibration_options(m.config.quantize, step),
                   .windows = signal::prepare(m.pipeline, m.dataset, m.dataset.train)};
  }
  if (step.consistency > 0) with.consistency = {.clean = clean, .weight = step.consistency};
  return train::train(
      start, [&](int epoch) -> const signal::WindowSet& { return epochs.training(epoch); },
      epochs.validation(), options, with);
}

graph::Graph prune_step(const experiment::Materials& m, const experiment::RecipeStep& step,
                        const graph::Graph& fp32, std::int64_t seed) {
  if (step.kind == experiment::StepKind::sparsify) {
    compress::SparsifyOptions options{.scope = step.sparsify_scope};
    options.ratio = step.ratio.value_or(options.ratio);
    return compress::sparsify(fp32, options);
  }
  const compress::ChannelGroups groups = compress::channel_groups(fp32);
  const auto scores = [&] {
    const int most = m.config.quantize.windows;
    switch (step.importance) {
      case compress::Importance::taylor:
        return compress::unit_scores(
            groups, train::taylor_scores(fp32, calibration_windows(m, step, seed), most));
      case compress::Importance::wanda:
        return compress::activation_importance(fp32, groups, calibration_windows(m, step, seed),
                                               most);
      default:
        return compress::weight_importance(fp32, groups, step.importance);
    }
  };
  return compress::prune_channels(fp32, groups, scores(), prune_options(m, step),
                                  step.importance == compress::Importance::taylor);
}

graph::Graph apply_step(const experiment::Materials& m, const experiment::RecipeStep& step,
                        std::int64_t seed, const graph::Graph& network,
                        std::vector<graph::Graph> teachers, const OnEpoch& on_epoch) {
  if (step.prunes()) return prune_step(m, step, network, seed);
  if (!step.trains()) return network;
  return train_step(m, step, seed, network, std::move(teachers), on_epoch).graph;
}

void check_layers(const experiment::Materials& m, const experiment::Recipe& recipe,
                  const graph::Graph& network) {
  graph::Graph graph = network;
  for (const experiment::RecipeStep& step : recipe.steps) {
    compress::check(step.weights.weight_bits, network);
    if (step.kind == experiment::StepKind::prune) graph = pruned_without_data(m, step, graph);
  }
}

graph::Graph deploy(const experiment::Materials& m, const experiment::Recipe& recipe,
                    std::int64_t seed, const graph::Graph& trained) {
  if (recipe.is_quantization_aware()) return compress::quantize(trained);
  if (recipe.is_integer()) return quantized(m, recipe.steps.back(), seed, trained);
  return graph::fold(trained);
}

}  // namespace edgeproof::engine
