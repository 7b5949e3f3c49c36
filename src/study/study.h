#pragma once

// A study from its configuration to its result store.

#include <filesystem>

#include "study/config.h"

namespace edgeproof::study {

struct RunOptions {
  std::filesystem::path output;  // folder of the store and everything written from it
  std::filesystem::path base;    // folder that relative paths in [data] and [model] are below
  int threads = 1;
};

// Runs what the store in `output` does not have yet. The same configuration and data give the same
// rows, whatever the threads and however often it was stopped. Error bad_config if the folder holds
// another study.
void run_study(const Config& config, const RunOptions& options);

std::filesystem::path store_path(const std::filesystem::path& output);

}  // namespace edgeproof::study
