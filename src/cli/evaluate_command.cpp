// edgeproof evaluate MODEL.onnx --data SOURCE [--faults SUITE] [--fault FAULT] …

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/evaluate_text.h"
#include "cli/model_data.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "engine/model_evaluation.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model;
  SourceOptions source;
  experiment::FaultChoice faults{.suite = "none", .list = {}};
  std::vector<int> severities;
  std::uint64_t seed = 1;
  std::string format = "table";
  std::string outputs;
};

// Label and logits of every window under every condition, as CSV.
class OutputsFile {
 public:
  OutputsFile(const std::string& path, const signal::Dataset& dataset)
      : file_(path), source_(dataset.source), windows_(engine::evaluated_windows(dataset)) {
    std::string header = "fault,severity,recording,start,label,predicted";
    for (const std::string& label : source_.classes) header += "," + csv_field("logit " + label);
    file_.write(header + "\n");
  }

  void add(const engine::EvaluatedCondition& c, std::span<const std::uint8_t> predicted,
           std::span<const float> logits) {
    const std::vector<std::string>& labels = source_.classes;
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      const signal::Window& window = windows_[i];
      std::string row = fmt::format(
          "{},{},{},{},{},{}", csv_field(c.fault), c.severity,
          csv_field(source_.recordings[static_cast<std::size_t>(window.recording)].name),
          window.start, csv_field(labels[static_cast<std::size_t>(window.label)]),
          csv_field(labels[predicted[i]]));
      for (std::size_t k = 0; k < labels.size(); ++k) {
        row += fmt::format(",{}", logits[i * labels.size() + k]);
      }
      file_.write(row + "\n");
    }
  }

  void finish() { file_.commit(); }

 private:
  OutputFile file_;
  const signal::RecordingSet& source_;
  std::span<const signal::Window> windows_;
};

void run_command(const Options& options) {
  for (const std::string& text : options.faults.list) (void)faults::parse_fault(text);
  if (options.faults.suite != "none") (void)faults::suite(options.faults.suite);
  const InspectedFile file = load_model(options.model, true);
  const signal::Dataset dataset = load_labelled_data(find_source(options.source), options.source,
                                                     *file.deployment, options.model);
  std::optional<OutputsFile> outputs;
  engine::OutputsObserver observer;
  if (!options.outputs.empty()) {
    outputs.emplace(options.outputs, dataset);
    observer = [&](const engine::EvaluatedCondition& condition, auto predicted, auto logits) {
      outputs->add(condition, predicted, logits);
    };
  }
  const engine::ModelEvaluation result =
      engine::evaluate_model(file.graph, *file.deployment, dataset,
                             {.model = options.model,
                              .data = options.source.source,
                              .faults = options.faults,
                              .severities = options.severities,
                              .seed = options.seed,
                              .threads = available_cores()},
                             observer);
  if (outputs) outputs->finish();
  // Tables have it in them.
  if (options.format != "table") fmt::print(stderr, "{}", trained_on_warning(result));
  fmt::print("{}", options.format == "json"  ? evaluation_json(result)
                   : options.format == "csv" ? evaluation_csv(result)
                                             : evaluation_table(result));
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("evaluate", "What a model gets right on data, clean and under faults");
  command->add_option("MODEL", options->model, "ONNX file with its pipeline, FP32 or int8")
      ->required();
  command
      ->add_option("--data", options->source.source,
                   "A source as of 'edgeproof data info', or a study's file; its test part, if it "
                   "has one")
      ->required();
  add_source_options(*command, options->source);
  command->add_option("--faults", options->faults.suite, "Suite of faults: core or full");
  command
      ->add_option("--fault", options->faults.list,
                   "This fault (too), NAME or NAME(parameter=value, …); may be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--severity", options->severities,
                   "Of the faults, 1 to 5; may be repeated; default: all")
      ->allow_extra_args(false)
      ->check(CLI::Range(1, faults::kMaxSeverity));
  command->add_option("--seed", options->seed, "Of the faults' draws")->capture_default_str();
  command->add_option("--format", options->format, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  command->add_option("--outputs", options->outputs,
                      "Write the label and logits of every window to this CSV file");
  command->footer(
      "Window, channels, z-score, imputation and labels are those that the model carries; an int8\n"
      "model is run in integers, as on a device.\n"
      "Examples:\n"
      "  edgeproof evaluate out/models/ptq_int8-seed1.onnx --data study.toml --faults core\n"
      "  edgeproof evaluate int8.onnx --data walk.csv --fault 'drift(sd=2)' --fault hum \\\n"
      "    --severity 3 --format json\n"
      "  edgeproof evaluate int8.onnx --data imu --outputs logits.csv");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
