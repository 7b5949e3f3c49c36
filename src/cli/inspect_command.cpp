// edgeproof inspect MODEL.onnx [--data SOURCE [--fault NAME] … [--against FP32.onnx]]

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/inspect_text.h"
#include "cli/model_data.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "engine/diagnosis.h"
#include "experiment/fault_choice.h"
#include "graph/fold.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model;
  SourceOptions source;
  std::vector<std::string> faults;
  int severity = 3;
  std::uint64_t seed = 1;
  std::string against;
  std::string format = "table";
};

void run_diagnosis(const Options& options) {
  std::vector<faults::Fault> faults;
  for (const std::string& text : options.faults) faults.push_back(faults::parse_fault(text));
  const InspectedFile file = load_model(options.model, true);
  if (!graph::is_int8(file.graph)) {
    fail(ErrorCode::bad_input,
         "{}: is FP32, nothing is quantized; give an int8 model, and this one with --against",
         options.model);
  }
  const graph::Graph reference = options.against.empty() ? compress::dequantized(file.graph)
                                                         : load_model(options.against, false).graph;
  const signal::Pipeline& pipeline = file.deployment->pipeline;
  const signal::Dataset dataset =
      load_data(find_source(options.source), options.source, *file.deployment, options.model);
  const faults::Context context = experiment::fault_context(dataset, pipeline, options.seed);
  for (const faults::Fault& fault : faults) {
    if (const auto reason = faults::not_applicable(fault, context)) {
      fail(ErrorCode::bad_config, "fault '{}' does not apply: {}", fault.name, *reason);
    }
  }
  const auto chosen = engine::diagnosis_windows(dataset);
  Inspection inspection{options.model,
                        options.against,
                        options.source.source,
                        chosen.validation ? "validation" : "training",
                        {}};
  const auto add = [&](const faults::Fault* fault) {
    throw_if_interrupted();
    const signal::WindowSet windows =
        experiment::faulty_windows(dataset, pipeline, chosen.windows, fault, options.severity,
                                   options.seed, available_cores());
    inspection.conditions.push_back({fault == nullptr ? "" : fault->name,
                                     fault == nullptr ? 0 : options.severity,
                                     compress::diagnose(reference, file.graph, windows)});
  };
  add(nullptr);
  for (const faults::Fault& fault : faults) add(&fault);
  fmt::print("{}",
             options.format == "json" ? inspection_json(inspection) : inspection_table(inspection));
}

void run_command(const Options& options) {
  if (!options.source.source.empty()) return run_diagnosis(options);
  if (!options.faults.empty() || !options.against.empty()) {
    fail(ErrorCode::bad_config, "--fault and --against need --data: on what to diagnose the model");
  }
  const InspectedFile file = load_model(options.model, false);
  fmt::print("{}", options.format == "json" ? file_json(file) : file_table(file));
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "inspect", "What a model holds and costs, and which layer an int8 model fails by");
  command->add_option("MODEL", options->model, "ONNX file, FP32 or int8")->required();
  command->add_option("--data", options->source.source,
                      "Diagnose an int8 model on this: a source as of 'edgeproof data info'");
  add_source_options(*command, options->source);
  command
      ->add_option("--fault", options->faults,
                   "Diagnose it under this fault too, NAME or NAME(parameter=value, …); may be "
                   "repeated")
      ->allow_extra_args(false);
  command->add_option("--severity", options->severity, "Of the faults, 1 to 5")
      ->check(CLI::Range(1, faults::kMaxSeverity))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Of the faults' draws")->capture_default_str();
  command->add_option("--against", options->against,
                      "The FP32 model that it was quantized from; default: its own weights, "
                      "without rounding of activations");
  command->add_option("--format", options->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  edgeproof inspect out/models/ptq_int8-seed1.onnx\n"
      "  edgeproof inspect out/models/ptq_int8-seed1.onnx --data study.toml \\\n"
      "    --against out/models/fp32-seed1.onnx --fault drift --fault saturation --severity 5");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
