#pragma once

// The data set that a configuration names.

#include <filesystem>

#include "experiment/config.h"
#include "signal/dataset.h"
#include "signal/windows.h"

namespace edgeproof::experiment {

// `base` is the folder that relative paths in [data] are below.
signal::Dataset load_dataset(const Config& config, const std::filesystem::path& base);

// [window] in samples of `source`.
signal::WindowOptions window_options(const Config& config, const signal::RecordingSet& source);

}  // namespace edgeproof::experiment
