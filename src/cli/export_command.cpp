// edgeproof export MODEL.onnx --format tflite|onnx -o FILE, or --format c -o DIR.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/export_c.h"
#include "cli/model_data.h"
#include "cli/provenance_option.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "formats/onnx.h"
#include "formats/tflite.h"
#include "graph/shapes.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model;
  std::string format;
  std::string output;
  formats::CExportOptions c;
  CBudget budget;
  formats::ProvenanceDetail provenance = formats::ProvenanceDetail::brief;
  bool says_provenance = false;  // --provenance is given
};

// Of one file; a C module is a folder.
struct Format {
  std::string name;
  std::string (*write)(const formats::Model&);
};

const std::vector<Format>& known_formats() {
  static const std::vector<Format> formats = {{"tflite", formats::to_tflite},
                                              {"onnx", formats::to_onnx}};
  return formats;
}

const Format& find_format(const std::string& name) {
  std::vector<std::string> names = {"c"};
  for (const Format& format : known_formats()) {
    if (format.name == name) return format;
    names.push_back(format.name);
  }
  fail(ErrorCode::bad_config, "unknown format '{}'{}", name, did_you_mean(name, names));
}

std::string tensor_text(const graph::Shape& shape, const graph::Node& node, bool int8) {
  const std::string size = shape.length == 1 ? std::to_string(shape.channels)
                                             : fmt::format("{} x {}", shape.length, shape.channels);
  if (!int8) return size + " float32";
  return fmt::format("{} int8, real = {:.9g} * (q - {})", size, node.quantization->scale,
                     node.quantization->zero_point);
}

// "4 conv1d, 1 dense": in the order in which they first occur.
std::string operations(const graph::Graph& graph) {
  std::vector<std::pair<std::string, int>> counts;
  for (const graph::Node& node : graph.nodes) {
    const std::string name(graph::op_name(node.op));
    if (name == "input") continue;
    const auto found = std::ranges::find(counts, name, &std::pair<std::string, int>::first);
    if (found == counts.end()) {
      counts.emplace_back(name, 1);
    } else {
      ++found->second;
    }
  }
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(fmt::format("{} {}", count, name));
  return join(parts, ", ");
}

// Takes the folders out of a configuration that was written with them, by version 0.1.0.
void remove_folders(formats::Provenance& provenance, const std::string& path) {
  if (provenance.config.empty()) {
    fail(ErrorCode::bad_input,
         "{}: has no configuration's text in its metadata, which --provenance full asks for; its "
         "study has it: 'edgeproof study --provenance full'",
         path);
  }
  if (!provenance.config_checksum.empty()) return;
  const std::string name = path + ": metadata 'edgeproof.provenance', 'config'";
  try {
    provenance.config = experiment::to_toml(
        experiment::without_folders(experiment::parse_config(provenance.config, name)));
  } catch (const Error& error) {
    fail(ErrorCode::bad_input,
         "{} (folders cannot be taken out of it; --provenance short leaves it out)", error.what());
  }
  provenance.config_checksum = sha256(provenance.config);
}

// Says of the model what --provenance asks for. What other tools wrote into the file travels along,
// unless it is `none`.
formats::Model with_provenance(formats::Model model, const std::string& path,
                               formats::ProvenanceDetail detail) {
  const auto is_ours = [](const auto& entry) { return entry.first.starts_with("edgeproof."); };
  if (std::ranges::any_of(model.metadata, is_ours)) {
    formats::Deployment deployment = formats::from_metadata(model.metadata, path);
    if (detail == formats::ProvenanceDetail::full) remove_folders(deployment.provenance, path);
    deployment = formats::with_provenance(std::move(deployment), detail);
    std::erase_if(model.metadata, is_ours);
    model.metadata.merge(formats::to_metadata(deployment));
  }
  if (detail == formats::ProvenanceDetail::none) {
    std::erase_if(model.metadata, [&](const auto& entry) { return !is_ours(entry); });
  }
  return model;
}

void run_command(const Options& options) {
  const bool is_c = options.format == "c";
  const bool has_budget = options.budget.flash > 0 || options.budget.ram > 0;
  const bool has_stream =
      !options.c.units_per_count.empty() || options.c.look_ahead != 0 || options.c.stream_hop != 0;
  if (!is_c && (has_budget || has_stream)) {
    fail(ErrorCode::bad_config,
         "export: --units-per-count, --look-ahead, --stream, --max-flash and --max-ram are of "
         "--format c");
  }
  if (is_c && options.says_provenance) {
    fail(ErrorCode::bad_config,
         "export: --provenance is of --format tflite and onnx; a C module says nothing of it");
  }
  if (options.c.look_ahead != 0 && options.c.units_per_count.empty()) {
    fail(ErrorCode::bad_config, "export: --look-ahead needs --units-per-count");
  }
  const Format* format = is_c ? nullptr : &find_format(options.format);
  const formats::Model model = read_model(options.model);
  if (format == nullptr) return export_c(model, options.output, options.c, options.budget);
  const std::string bytes =
      format->write(with_provenance(model, options.model, options.provenance));
  write_file(options.output, bytes);
  const graph::Graph& graph = model.graph;
  const bool int8 = graph::is_int8(graph);
  fmt::print("{}: {}, {} bytes\n", options.output, format->name, bytes.size());
  fmt::print("operations: {}\n", operations(graph));
  fmt::print("input:  {}\n", tensor_text(graph.input_shape(), graph.nodes.front(), int8));
  fmt::print("output: {}, logits\n",
             tensor_text(graph::infer_shapes(graph).back(), graph.nodes.back(), int8));
}

}  // namespace

void add_export(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("export", "Write a model for the device it runs on");
  command->add_option("MODEL", options->model, "ONNX file, FP32 or int8")->required();
  command
      ->add_option(
          "--format", options->format,
          "tflite (LiteRT, also for Microcontrollers), onnx, or c (a C99 module of an int8 "
          "model)")
      ->required();
  command->add_option("-o,--output", options->output, "The file to write; of c, the folder")
      ->required();
  command
      ->add_option("--units-per-count", options->c.units_per_count,
                   "c: physical units of a sensor's integer count, one for all channels or one "
                   "each: adds ep_push(), from raw samples to a label")
      ->delimiter(',');
  command->add_option("--look-ahead", options->c.look_ahead,
                      "c, with linear imputation: samples that ep_push() waits behind a window for "
                      "gaps to end; those that last longer hold the last sample");
  command
      ->add_option("--stream", options->c.stream_hop,
                   "c: windows that start this many samples apart: ep_advance(), and with it "
                   "ep_push(), compute only what changed; takes more RAM")
      ->type_name("HOP")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--max-flash", options->budget.flash,
                   "c: write nothing if tables (weights, biases, multipliers; code apart) take "
                   "more, such as 32KB (of 1024)")
      ->transform(CLI::AsSizeValue(false));
  command
      ->add_option("--max-ram", options->budget.ram,
                   "c: write nothing if the arena and what ep_push() keeps (stack apart) take more")
      ->transform(CLI::AsSizeValue(false));
  const CLI::Option* provenance = add_provenance_option(*command, options->provenance);
  command->footer(
      "Labels and the pipeline before the network (rate, window, z-score, imputation) travel "
      "along.\n"
      "Examples:\n"
      "  edgeproof export out/models/ptq_int8-seed1.onnx --format tflite -o walk.tflite\n"
      "  edgeproof export fp32.onnx --format tflite -o walk_fp32.tflite\n"
      "  edgeproof export out/models/ptq_int8-seed1.onnx --format c -o firmware/model "
      "--units-per-count 0.00061\n"
      "  edgeproof export out/models/ptq_int8-seed1.onnx --format c -o firmware/model --stream 16 "
      "--units-per-count 0.00061");
  command->callback([options, provenance] {
    options->says_provenance = provenance->count() > 0;
    run_command(*options);
  });
}

}  // namespace edgeproof::cli
