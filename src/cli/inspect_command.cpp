// edgeproof inspect MODEL.onnx [--data SOURCE [--fault NAME] … [--against FP32.onnx]]

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "cli/commands.h"
#include "cli/data_source.h"
#include "cli/inspect_text.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "formats/onnx.h"
#include "graph/fold.h"
#include "study/data.h"
#include "study/diagnosis.h"
#include "study/faults.h"
#include "study/recordings.h"

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

InspectedFile load(const std::string& path, bool with_pipeline) {
  formats::Model model = formats::from_onnx(read_file(path), path);
  InspectedFile file{path, std::move(model.graph), {}};
  const bool has_pipeline = std::ranges::any_of(
      model.metadata, [](const auto& entry) { return entry.first.starts_with("edgeproof."); });
  if (!has_pipeline && !with_pipeline) return file;
  file.deployment = formats::from_metadata(model.metadata, path);
  formats::expect_fits(*file.deployment, file.graph, path);
  return file;
}

std::string names_of(const std::vector<signal::Channel>& channels) {
  std::vector<std::string> names;
  for (const signal::Channel& channel : channels) names.push_back(channel.name);
  return join(names, ", ");
}

void expect_same_sensors(const signal::RecordingSet& set, const formats::Deployment& d,
                         const Options& options) {
  const std::string& source = options.source.source;
  if (set.channels.size() != d.channels.size()) {
    fail(ErrorCode::bad_input, "channels of {}: {} ({}), {} takes {} ({})", source,
         set.channels.size(), names_of(set.channels), options.model, d.channels.size(),
         names_of(d.channels));
  }
  if (std::abs(set.rate_hz - d.rate_hz) > 0.01 * d.rate_hz) {
    fail(ErrorCode::bad_input,
         "{} has {:.6g} samples a second, {} takes {:.6g}; resample it with --set "
         "resample_hz={:.6g}",
         source, set.rate_hz, options.model, d.rate_hz, d.rate_hz);
  }
  if (names_of(set.channels) != names_of(d.channels)) {
    fmt::print(stderr, "channels {} of {} are taken to be {} of {}\n", names_of(set.channels),
               source, names_of(d.channels), options.model);
  }
}

// Windows are cut as the model has them, whatever the source says.
signal::Dataset load_data(const Options& options, const formats::Deployment& d) {
  const DataSource source = find_source(options.source);
  signal::RecordingSet set = study::load_recordings(source.config.data, source.base);
  expect_same_sensors(set, d, options);
  signal::WindowOptions windows = study::window_options(source.config, set);
  if (!set.cut) {
    windows.length = d.window_length;
    windows.hop = d.hop;
  }
  signal::Dataset dataset = cut_windows(source, std::move(set), windows);
  if (dataset.window_length != d.window_length) {
    fail(ErrorCode::bad_input, "{} has windows of {} samples, {} takes {}", options.source.source,
         dataset.window_length, options.model, d.window_length);
  }
  return dataset;
}

void run_diagnosis(const Options& options) {
  std::vector<faults::Fault> faults;
  for (const std::string& text : options.faults) faults.push_back(faults::parse_fault(text));
  const InspectedFile file = load(options.model, true);
  if (!graph::is_int8(file.graph)) {
    fail(ErrorCode::bad_input,
         "{}: is FP32, nothing is quantized; give an int8 model, and this one with --against",
         options.model);
  }
  const graph::Graph reference = options.against.empty() ? compress::dequantized(file.graph)
                                                         : load(options.against, false).graph;
  const signal::Pipeline& pipeline = file.deployment->pipeline;
  const signal::Dataset dataset = load_data(options, *file.deployment);
  const faults::Context context = study::fault_context(dataset, pipeline, options.seed);
  for (const faults::Fault& fault : faults) {
    if (const auto reason = faults::not_applicable(fault, context)) {
      fail(ErrorCode::bad_config, "fault '{}' does not apply: {}", fault.name, *reason);
    }
  }
  const auto chosen = study::diagnosis_windows(dataset);
  Inspection inspection{options.model,
                        options.against,
                        options.source.source,
                        chosen.validation ? "validation" : "training",
                        {}};
  const auto add = [&](const faults::Fault* fault) {
    throw_if_interrupted();
    const signal::WindowSet windows =
        study::faulty_windows(dataset, pipeline, chosen.windows, fault, options.severity,
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
  const InspectedFile file = load(options.model, false);
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
  command->add_option("--data-dir", options->source.data_dir, "Folder that data is in");
  command
      ->add_option("--set", options->source.settings,
                   "KEY=VALUE of [data], or SECTION.KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
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
