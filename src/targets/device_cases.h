#pragma once

#include <string>

#include "graph/graph.h"

namespace edgeproof::targets {

inline constexpr int kDeviceCases = 4;

// The header cases.h of measure/main.c: windows of normal noise of unit variance, and what the host
// makes of them. With a hop, in samples: windows of one signal, the first one whole, of the others
// their new samples.
std::string device_cases(const graph::Graph& graph, int hop);

}  // namespace edgeproof::targets
