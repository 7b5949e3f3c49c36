// Test: inspect_test.sh, compress_test.sh.

#include "cli/model_data.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "experiment/data.h"
#include "experiment/recordings.h"
#include "formats/onnx.h"

namespace edgeproof::cli {
namespace {

std::string names_of(const std::vector<signal::Channel>& channels) {
  std::vector<std::string> names;
  for (const signal::Channel& channel : channels) names.push_back(channel.name);
  return join(names, ", ");
}

void expect_same_sensors(const signal::RecordingSet& set, const formats::Deployment& d,
                         const std::string& source, const std::string& path) {
  if (set.channels.size() != d.channels.size()) {
    fail(ErrorCode::bad_input, "channels of {}: {} ({}), {} takes {} ({})", source,
         set.channels.size(), names_of(set.channels), path, d.channels.size(),
         names_of(d.channels));
  }
  if (std::abs(set.rate_hz - d.rate_hz) > 0.01 * d.rate_hz) {
    fail(ErrorCode::bad_input,
         "{} has {:.6g} samples a second, {} takes {:.6g}; resample it with --set "
         "resample_hz={:.6g}",
         source, set.rate_hz, path, d.rate_hz, d.rate_hz);
  }
  if (names_of(set.channels) != names_of(d.channels)) {
    fmt::print(stderr, "channels {} of {} are taken to be {} of {}\n", names_of(set.channels),
               source, names_of(d.channels), path);
  }
}

}  // namespace

formats::Model read_model(const std::string& path) {
  formats::Model model =
      formats::from_onnx(read_file(path), path, std::filesystem::absolute(path).parent_path());
  if (!model.left_out.empty()) {
    fmt::print(stderr, "{}: left out at the end: {}; the outputs are logits\n", path,
               join(model.left_out, ", "));
  }
  return model;
}

void add_source_options(CLI::App& command, SourceOptions& source) {
  command.add_option("--data-dir", source.data_dir, "Folder that data is in");
  command
      .add_option("--set", source.settings,
                  "KEY=VALUE of [data], or SECTION.KEY=VALUE; may be repeated")
      ->allow_extra_args(false);
}

InspectedFile load_model(const std::string& path, bool with_pipeline) {
  formats::Model model = read_model(path);
  InspectedFile file{path, std::move(model.graph), {}};
  const bool has_pipeline = std::ranges::any_of(
      model.metadata, [](const auto& entry) { return entry.first.starts_with("edgeproof."); });
  if (!has_pipeline && !with_pipeline) return file;
  file.deployment = formats::from_metadata(model.metadata, path);
  formats::expect_fits(*file.deployment, file.graph, path);
  return file;
}

signal::Dataset load_data(const DataSource& source, const SourceOptions& options,
                          const formats::Deployment& d, const std::string& path) {
  signal::RecordingSet set = experiment::load_recordings(source.config.data, source.base);
  expect_same_sensors(set, d, options.source, path);
  signal::WindowOptions windows = experiment::window_options(source.config, set);
  if (!set.cut) {
    windows.length = d.window_length;
    windows.hop = d.hop;
  }
  signal::Dataset dataset = cut_windows(source, std::move(set), windows);
  if (dataset.window_length != d.window_length) {
    fail(ErrorCode::bad_input, "{} has windows of {} samples, {} takes {}", options.source,
         dataset.window_length, path, d.window_length);
  }
  return dataset;
}

void use_labels(signal::Dataset& dataset, const std::vector<std::string>& labels,
                const std::string& source, const std::string& path) {
  std::vector<int> number;
  for (const std::string& name : dataset.source.classes) {
    const auto found = std::ranges::find(labels, name);
    if (found == labels.end()) {
      fail(ErrorCode::bad_input, "{} has the class '{}', {} knows {}", source, name, path,
           join(labels, ", "));
    }
    number.push_back(static_cast<int>(found - labels.begin()));
  }
  for (auto* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    for (signal::Window& window : *part) window.label = number[static_cast<size_t>(window.label)];
  }
  dataset.source.classes = labels;
}

}  // namespace edgeproof::cli
