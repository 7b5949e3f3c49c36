#pragma once

// What `edgeproof data` works on: a data set known by name, a file of its own, or what a study's
// configuration names.

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "signal/dataset.h"
#include "signal/windows.h"

namespace edgeproof::cli {

struct SourceOptions {
  std::string source;  // "mitbih", "imu", "walk.csv", "study.toml"
  std::filesystem::path data_dir;
  std::vector<std::string> settings;  // "rate_hz=50", "window.length=256"
};

struct DataSource {
  experiment::Config config;
  std::filesystem::path base;
  bool split = false;  // whether training and test parts are known
};

// Error bad_config, with a suggestion, for what is none of these.
DataSource find_source(const SourceOptions& options);

// What SOURCE may be, for help and messages.
std::string sources_help();

// Its windows: in their parts, or all in `train` if the source has no split.
signal::Dataset load_windows(const DataSource& source);
// The same of recordings that are loaded.
signal::Dataset cut_windows(const DataSource& source, signal::RecordingSet set,
                            const signal::WindowOptions& windows);

}  // namespace edgeproof::cli
