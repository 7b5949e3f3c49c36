#pragma once

// The data set that a configuration names.

#include <filesystem>

#include "signal/dataset.h"
#include "study/config.h"

namespace edgeproof::study {

// `base` is the folder that relative paths in [data] are below.
signal::Dataset load_dataset(const Config& config, const std::filesystem::path& base);

}  // namespace edgeproof::study
