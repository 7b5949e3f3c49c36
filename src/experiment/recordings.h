#pragma once

// The recordings that [data] of a configuration names, and the folder of downloaded data sets.

#include <filesystem>

#include "experiment/config.h"
#include "signal/dataset.h"

namespace edgeproof::experiment {

// `base` is the folder that relative paths are below. A data set known by name that is not there,
// and whose path is not given, is taken from data_cache().
signal::RecordingSet load_recordings(const DataConfig& data, const std::filesystem::path& base);

// $XDG_CACHE_HOME/edgeproof, or ~/.cache/edgeproof: where `edgeproof data fetch` puts data sets.
// Empty if neither variable is set.
std::filesystem::path data_cache();

}  // namespace edgeproof::experiment
