#pragma once

// The picture of `edgeproof data plot`: some windows of each class. A row a class, a column a
// window; in each a lane for every three-axis sensor, and for further channels of one unit. A lane
// has one scale in the whole picture.

#include <string>

#include "signal/dataset.h"

namespace edgeproof::cli {

std::string plot_dataset(const signal::Dataset& dataset);

}  // namespace edgeproof::cli
