// edgeproof compress MODEL.onnx --data SOURCE --recipe STEPS -o OUT.onnx

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/model_data.h"
#include "cli/provenance_option.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "edgeproof/version.h"
#include "engine/robustness.h"
#include "engine/steps.h"
#include "experiment/budget.h"
#include "experiment/config_file.h"
#include "formats/onnx.h"
#include "graph/cost.h"
#include "graph/fold.h"
#include "runtime/plan.h"

namespace edgeproof::cli {
namespace {

constexpr int kMostWindows = 4000;  // to judge the models on

struct Options {
  std::string model;
  SourceOptions source;
  std::string recipe = "ptq";
  std::string output;
  std::uint32_t seed = 1;
  formats::ProvenanceDetail provenance = formats::ProvenanceDetail::brief;
};

// Everything that can be known to fail before hours are spent.
void check(const experiment::Materials& m, const experiment::Recipe& recipe,
           const graph::Graph& network) {
  for (const experiment::RecipeStep& step : recipe.steps) {
    for (const std::string& teacher : step.teachers) {
      if (teacher == "fp32") continue;
      fail(ErrorCode::bad_config,
           "recipe '{}': teacher is '{}', expected fp32: the model that is compressed",
           recipe.text(), teacher);
    }
    engine::check_step(m, step);
  }
  engine::check_layers(m, recipe, network);
}

graph::Graph compressed(const experiment::Materials& m, const experiment::Recipe& recipe,
                        std::int64_t seed, const graph::Graph& network) {
  int epochs = 0;
  for (const experiment::RecipeStep& step : recipe.steps) {
    if (step.trains()) epochs += engine::epochs_of(m, step);
  }
  if (epochs > 0) {
    const auto budgets = experiment::budgets_of(m.config, std::ssize(m.dataset.train));
    fmt::print(stderr, "{} training windows in batches of {}; {} epochs in all\n", budgets.windows,
               budgets.finetune.batch_size, epochs);
  }
  Progress progress("compress", epochs);
  graph::Graph graph = network;
  for (const experiment::RecipeStep& step : recipe.steps) {
    graph = engine::apply_step(
        m, step, seed, graph, std::vector(step.teachers.size(), network),
        [&](const train::EpochLog& log) {
          progress.step(fmt::format("epoch {}, loss {:.3f}", log.epoch, log.train_loss));
        });
  }
  return engine::deploy(m, recipe, seed, graph);
}

struct Row {
  std::string name;
  std::int64_t weight_bytes = 0, macs = 0;
  engine::Robustness accuracy;
};

Row judge(const std::string& name, const graph::Graph& graph, const engine::RobustnessTest& test) {
  const runtime::Plan plan(graph);
  return {name, graph::weight_bytes(graph), graph::macs(graph), test.of(plan, available_cores())};
}

std::string table(const std::vector<Row>& rows) {
  std::size_t width = 5;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  std::string text = fmt::format("{:{}}  {:>8}  {:>8}  {:>7}  {:>8}\n", "model", width, "weights",
                                 "kMAC", "clean %", "robust %");
  for (const Row& row : rows) {
    text += fmt::format("{:{}}  {:>8}  {:>8.1f}  {:>7.1f}  {:>8.1f}\n", row.name, width,
                        row.weight_bytes, static_cast<double>(row.macs) / 1000,
                        100 * row.accuracy.clean, 100 * row.accuracy.robust);
  }
  return text;
}

// Where the compressed model comes from: what its parent was made by, and then the recipe.
formats::Deployment made_from(const Options& options, const formats::Deployment& parent,
                              const experiment::Recipe& recipe, const experiment::Config& config,
                              const signal::Dataset& dataset) {
  formats::Deployment made = parent;
  const std::string& before = parent.provenance.recipe;
  const std::string text = experiment::to_toml(experiment::without_folders(config));
  made.provenance = {
      .data_checksum = dataset.source.checksum,
      .config = text,
      .seed = options.seed,
      .version = EDGEPROOF_VERSION,
      .recipe = before.empty() ? recipe.text() : fmt::format("{} > {}", before, recipe.text()),
      .config_checksum = sha256(text),
      .parent_checksum = sha256_of_file(options.model)};
  const formats::TrainedOn here = formats::trained_on(dataset);
  made.trained_on = parent.trained_on ? formats::united(*parent.trained_on, here) : here;
  return formats::with_provenance(std::move(made), options.provenance);
}

void run_command(const Options& options) {
  const experiment::Recipe recipe = experiment::parse_recipe_for_model(options.recipe);
  const InspectedFile file = load_model(options.model, true);
  if (graph::is_int8(file.graph)) {
    fail(ErrorCode::bad_input, "{}: is int8 already; give the FP32 model", options.model);
  }
  const formats::Deployment& deployment = *file.deployment;
  const DataSource source = find_source(options.source);
  const signal::Dataset dataset =
      load_labelled_data(source, options.source, deployment, options.model);
  const experiment::Materials materials{source.config, dataset, deployment.pipeline};
  check(materials, recipe, file.graph);
  OutputFile output(options.output);

  const bool split = !dataset.test.empty();
  const engine::RobustnessTest test(materials, split ? dataset.test : dataset.train, kMostWindows,
                                    available_cores());
  const graph::Graph result = compressed(materials, recipe, options.seed, file.graph);
  const formats::Deployment made = made_from(options, deployment, recipe, source.config, dataset);
  output.write(formats::to_onnx({result, formats::to_metadata(made)}));
  output.commit();
  fmt::print(
      "{}accuracy on {} {} windows; robust: mean over the faults and severities of [faults]\n",
      table({judge(options.model, graph::fold(file.graph), test),
             judge(options.output, result, test)}),
      test.windows(), split ? "test" : "training");
  if (!split) {
    fmt::print("{} has no test part: give [split] keys with --set, or a study's file\n",
               options.source.source);
  }
}

}  // namespace

void add_compress(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("compress", "Make an FP32 model small: prune, fine-tune, quantize");
  command->add_option("MODEL", options->model, "FP32 ONNX file with its pipeline")->required();
  command
      ->add_option("--data", options->source.source,
                   "To calibrate and train on: a source as of 'edgeproof data info', or a study's "
                   "file, whose sections then hold")
      ->required();
  add_source_options(*command, options->source);
  command
      ->add_option("--recipe", options->recipe,
                   "Steps: prune, finetune, qat, ptq (docs/howto/run-a-study.md)")
      ->capture_default_str();
  command->add_option("-o,--output", options->output, "The ONNX file to write")->required();
  command->add_option("--seed", options->seed, "Of training")->capture_default_str();
  add_provenance_option(*command, options->provenance);
  command->footer(
      "Examples:\n"
      "  edgeproof compress fp32.onnx --data walk.csv -o int8.onnx\n"
      "  edgeproof compress fp32.onnx --data study.toml -o small.onnx \\\n"
      "    --recipe 'prune(ratio=0.5, importance=taylor) > finetune(faults=true, teacher=fp32) > "
      "ptq'\n"
      "  edgeproof compress fp32.onnx --data imu --set finetune.epochs=20 -o int4.onnx \\\n"
      "    --recipe 'qat(weight_bits=4 dense:8, faults=true, calibration=min_max)'");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
