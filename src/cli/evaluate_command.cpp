// edgeproof evaluate MODEL.onnx --data SOURCE [--faults SUITE] [--fault FAULT] …

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/evaluate_text.h"
#include "cli/model_data.h"
#include "core/error.h"
#include "core/files.h"
#include "core/interrupt.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "core/text.h"
#include "engine/evaluate.h"
#include "experiment/fault_choice.h"
#include "runtime/evaluate.h"

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

// The model on data: one condition after the other.
class Evaluator {
 public:
  Evaluator(const Options& options, const InspectedFile& file, const signal::Dataset& dataset)
      : options_(options),
        pipeline_(file.deployment->pipeline),
        dataset_(dataset),
        windows_(dataset.test.empty() ? dataset.train : dataset.test),
        plan_(file.graph),
        result_{.model = options.model,
                .type = plan_.is_int8() ? "int8" : "fp32",
                .data = options.source.source,
                .part = dataset.test.empty() ? "all" : "test",
                .windows = static_cast<int>(windows_.size()),
                .labels = file.deployment->labels,
                .conditions = {},
                .left_out = {}} {
    for (const signal::Window& window : windows_) {
      truth_.push_back(static_cast<std::uint8_t>(window.label));
    }
    if (options.outputs.empty()) return;
    outputs_.emplace(options.outputs);
    std::string header = "fault,severity,recording,start,label,predicted";
    for (const std::string& label : result_.labels) header += "," + csv_field("logit " + label);
    outputs_->write(header + "\n");
  }

  ModelEvaluation run() {
    std::vector<faults::Fault> faults;
    if (options_.faults.suite != "none" || !options_.faults.list.empty()) {
      auto list = experiment::applicable_faults(options_.faults, dataset_, pipeline_);
      faults = std::move(list.applicable);
      result_.left_out = std::move(list.others);
    }
    int count = 1;
    for (const faults::Fault& fault : faults) count += static_cast<int>(severities(fault).size());
    Progress progress("evaluate", count);
    evaluate(nullptr, 0);
    progress.step("clean");
    for (const faults::Fault& fault : faults) {
      for (const int severity : severities(fault)) {
        throw_if_interrupted();
        evaluate(&fault, severity);
        progress.step(fmt::format("{} severity {}", fault.name, severity));
      }
    }
    if (outputs_) outputs_->commit();
    return std::move(result_);
  }

 private:
  std::vector<int> severities(const faults::Fault& fault) const {
    if (fault.fixed()) return {1};
    if (!options_.severities.empty()) return options_.severities;
    std::vector<int> all;
    for (int severity = 1; severity <= fault.severities(); ++severity) all.push_back(severity);
    return all;
  }

  void evaluate(const faults::Fault* fault, int severity) {
    const signal::WindowSet set = experiment::faulty_windows(
        dataset_, pipeline_, windows_, fault, severity, options_.seed, available_cores());
    const runtime::Evaluation run =
        runtime::evaluate(plan_, set.values, set.count, available_cores());
    const std::vector<std::uint8_t> predicted = experiment::argmax(run.logits, run.classes);
    EvaluatedCondition c{.fault = fault == nullptr ? "clean" : fault->name,
                         .severity = severity,
                         .confusion = experiment::confusion_matrix(truth_, predicted, run.classes)};
    c.accuracy = experiment::accuracy(c.confusion, run.classes);
    c.macro_f1 = experiment::macro_f1(c.confusion, run.classes);
    if (outputs_) write_outputs(c, predicted, run.logits);
    result_.conditions.push_back(std::move(c));
  }

  void write_outputs(const EvaluatedCondition& c, const std::vector<std::uint8_t>& predicted,
                     const std::vector<float>& logits) {
    const size_t classes = result_.labels.size();
    for (size_t i = 0; i < windows_.size(); ++i) {
      const signal::Window& window = windows_[i];
      std::string row = fmt::format(
          "{},{},{},{},{},{}", csv_field(c.fault), c.severity,
          csv_field(dataset_.source.recordings[static_cast<size_t>(window.recording)].name),
          window.start, csv_field(result_.labels[truth_[i]]),
          csv_field(result_.labels[predicted[i]]));
      for (size_t k = 0; k < classes; ++k) row += fmt::format(",{}", logits[i * classes + k]);
      outputs_->write(row + "\n");
    }
  }

  const Options& options_;
  const signal::Pipeline& pipeline_;
  const signal::Dataset& dataset_;
  const std::vector<signal::Window>& windows_;
  runtime::Plan plan_;
  ModelEvaluation result_;
  std::vector<std::uint8_t> truth_;
  std::optional<OutputFile> outputs_;
};

void run_command(const Options& options) {
  for (const std::string& text : options.faults.list) (void)faults::parse_fault(text);
  if (options.faults.suite != "none") (void)faults::suite(options.faults.suite);
  const InspectedFile file = load_model(options.model, true);
  signal::Dataset dataset =
      load_data(find_source(options.source), options.source, *file.deployment, options.model);
  use_labels(dataset, file.deployment->labels, options.source.source, options.model);
  if (dataset.test.empty() && dataset.train.empty()) {
    fail(ErrorCode::bad_input, "{} has no window to evaluate {} on", options.source.source,
         options.model);
  }
  const ModelEvaluation result = Evaluator(options, file, dataset).run();
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
