// edgeproof export MODEL.onnx --format tflite|onnx -o FILE

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "formats/onnx.h"
#include "formats/tflite.h"
#include "graph/shapes.h"

namespace edgeproof::cli {
namespace {

struct Options {
  std::string model;
  std::string format;
  std::string output;
};

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
  std::vector<std::string> names;
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

void run_command(const Options& options) {
  const Format& format = find_format(options.format);
  const formats::Model model = formats::from_onnx(read_file(options.model), options.model);
  const std::string bytes = format.write(model);
  write_file(options.output, bytes);
  const graph::Graph& graph = model.graph;
  const bool int8 = graph::is_int8(graph);
  fmt::print("{}: {}, {} bytes\n", options.output, format.name, bytes.size());
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
      ->add_option("--format", options->format,
                   "tflite (LiteRT, also for Microcontrollers) or onnx")
      ->required();
  command->add_option("-o,--output", options->output, "The file to write")->required();
  command->footer(
      "Labels and the pipeline before the network (rate, window, z-score, imputation) travel "
      "along.\n"
      "Examples:\n"
      "  edgeproof export out/models/ptq_int8-seed1.onnx --format tflite -o walk.tflite\n"
      "  edgeproof export fp32.onnx --format tflite -o walk_fp32.tflite");
  command->callback([options] { run_command(*options); });
}

}  // namespace edgeproof::cli
