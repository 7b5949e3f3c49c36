#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::cli {

struct NamedModel {
  std::string name;
  graph::Graph graph;
};

// Prints what int8 models cost on an emulated microcontroller (targets/device.h), per layer too if
// `layers`, and writes the figures to the file `json` unless that is empty.
void bench_on_device(const std::vector<NamedModel>& models, const std::string& target, bool layers,
                     const std::string& json);

}  // namespace edgeproof::cli
