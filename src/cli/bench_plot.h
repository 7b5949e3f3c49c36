#pragma once

// The picture of `edgeproof bench --plot`: for each model a bar a layer, on one scale for all of
// them, and a mark where its multiply-accumulates would end at the core's peak.

#include <string>
#include <vector>

#include "cli/bench_speed.h"

namespace edgeproof::cli {

// An SVG file, in colours for light and dark. Models have their layers.
std::string plot_speeds(const std::vector<Speed>& speeds);

}  // namespace edgeproof::cli
