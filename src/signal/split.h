#pragma once

// Which part each group's recordings belong to. A step of make_dataset (signal/windows.h).

#include <vector>

#include "signal/dataset.h"
#include "signal/windows.h"

namespace edgeproof::signal {

// The part of every recording. Only groups marked in `in_use` (those with windows) are counted and
// drawn.
std::vector<Part> split_recordings(const RecordingSet& source, const std::vector<bool>& in_use,
                                   const SplitOptions& options);

}  // namespace edgeproof::signal
