#include "experiment/start.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "graph/shapes.h"

namespace edgeproof::experiment {
namespace {

using Names = std::vector<std::string>;

// `what` of the model's metadata: the same names in the same order as the data's.
void expect_same(const char* what, const Names& model, const Names& data) {
  if (model == data) return;
  const bool reordered = std::ranges::is_permutation(model, data);
  fail(ErrorCode::bad_input, "the model's {} are {}, the data's are {}{}", what, join(model, ", "),
       join(data, ", "), reordered ? ": the same in another order" : "");
}

Names names_of(const std::vector<signal::Channel>& channels) {
  Names names;
  for (const signal::Channel& channel : channels) names.push_back(channel.name);
  return names;
}

void expect_same_pipeline(const formats::Deployment& model, const Config& config,
                          const signal::RecordingSet& data) {
  expect_same("channels", names_of(model.channels), names_of(data.channels));
  for (std::size_t c = 0; c < data.channels.size(); ++c) {
    const std::string &ours = data.channels[c].unit, &its = model.channels[c].unit;
    if (ours.empty() || its.empty() || ours == its) continue;
    fail(ErrorCode::bad_input, "the model takes channel '{}' in {}, the data has it in {}",
         data.channels[c].name, its, ours);
  }
  expect_same("labels", model.labels, data.classes);
  if (std::abs(data.rate_hz - model.rate_hz) > 0.01 * model.rate_hz) {
    fail(ErrorCode::bad_input,
         "the model takes {:.6g} samples a second, the data has {:.6g}; 'resample_hz' in [data] "
         "changes that",
         model.rate_hz, data.rate_hz);
  }
  if (model.pipeline.imputation != config.imputation) {
    fail(ErrorCode::bad_input, "the model's imputation is '{}', 'imputation' in [pipeline] is '{}'",
         signal::imputation_name(model.pipeline.imputation),
         signal::imputation_name(config.imputation));
  }
}

void expect_fits(const graph::Graph& network, const signal::Pipeline& pipeline,
                 const signal::Dataset& dataset) {
  const graph::Shape in = network.input_shape();
  if (in != graph::Shape{dataset.window_length, pipeline.input_channels()}) {
    fail(ErrorCode::bad_input,
         "the model takes windows of {} samples x {} channels, the study's are {} x {} ([window], "
         "and channels of the data{})",
         in.length, in.channels, dataset.window_length, pipeline.input_channels(),
         pipeline.imputation == signal::Imputation::mask ? " and the mask" : "");
  }
  const int outputs = graph::infer_shapes(network).back().size();
  if (const auto classes = static_cast<int>(dataset.source.classes.size()); outputs != classes) {
    fail(ErrorCode::bad_input, "the model has {} outputs, the data has {} classes ({})", outputs,
         classes, join(dataset.source.classes, ", "));
  }
}

// Replaces what the network's file knows better.
void import_network(Start& start, const Config& config, const signal::Dataset& dataset,
                    const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  formats::Model model =
      formats::from_onnx(bytes, path.string(), std::filesystem::absolute(path).parent_path());
  if (graph::is_int8(model.graph)) {
    fail(ErrorCode::bad_input, "{} is int8, expected FP32: the study quantizes it", path.string());
  }
  const bool has_pipeline = std::ranges::any_of(
      model.metadata, [](const auto& entry) { return entry.first.starts_with("edgeproof."); });
  if (has_pipeline) {
    const auto deployment = formats::from_metadata(model.metadata, path.string());
    expect_same_pipeline(deployment, config, dataset.source);
    start.pipeline = deployment.pipeline;
  }
  expect_fits(model.graph, start.pipeline, dataset);
  start.facts = {{"model_checksum", sha256(bytes)},
                 {"network_checksum", sha256(formats::to_onnx({model.graph, {}}))}};
  start.has_statistics = has_pipeline;
  start.network = std::move(model.graph);
}

}  // namespace

Start find_start(const Config& config, const signal::Dataset& dataset,
                 const std::filesystem::path& base) {
  Start start{{config.imputation, signal::training_statistics(dataset)}};
  if (config.onnx.empty()) return start;
  try {
    import_network(start, config, dataset, base / config.onnx);
  } catch (const Error& error) {
    fail(error.code(), "'onnx' in [model]: {}", error.what());
  }
  return start;
}

}  // namespace edgeproof::experiment
