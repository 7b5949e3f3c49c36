#include "experiment/config.h"

#include <filesystem>

#include "signal/readers/keys.h"

namespace edgeproof::experiment {
namespace {

std::string last_part(const std::string& path) {
  const std::filesystem::path whole = path;
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

Config::Config() {
  variants.assign(variant_names().begin(), variant_names().end());
  train.epochs = 0;
  train.batch_size = 0;
}

Config without_folders(Config config) {
  signal::Settings& data = config.data.settings;
  data.set(signal::kPath, last_part(data.get(signal::kPath)));
  for (const auto& key : {signal::kPaths, signal::kFiles}) {
    signal::Names names = data.get(key);
    for (std::string& name : names) name = last_part(name);
    data.set(key, std::move(names));
  }
  config.onnx = last_part(config.onnx);
  return config;
}

}  // namespace edgeproof::experiment
