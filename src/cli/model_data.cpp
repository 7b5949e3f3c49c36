// Test: inspect_test.sh, compress_test.sh.

#include "cli/model_data.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/files.h"
#include "core/text.h"
#include "engine/deployment.h"
#include "experiment/recordings.h"
#include "formats/onnx.h"

namespace edgeproof::cli {

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
                          const formats::Deployment& deployment, const std::string& path) {
  signal::RecordingSet set = experiment::load_recordings(source.config.data, source.base);
  if (const auto note = engine::expect_same_sensors(set, deployment, options.source, path)) {
    fmt::print(stderr, "{}\n", *note);
  }
  const signal::WindowOptions windows = engine::window_options(source.config, set, deployment);
  signal::Dataset dataset = cut_windows(source, std::move(set), windows);
  engine::expect_same_length(dataset, deployment, options.source, path);
  return dataset;
}

signal::Dataset load_labelled_data(const DataSource& source, const SourceOptions& options,
                                   const formats::Deployment& deployment, const std::string& path) {
  return engine::with_labels(load_data(source, options, deployment, path), deployment.labels,
                             options.source, path);
}

}  // namespace edgeproof::cli
