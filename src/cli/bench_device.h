#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::cli {

struct NamedModel {
  std::string name;
  graph::Graph graph;
};

struct DeviceBench {
  std::string target;
  int hop = 0;          // not 0: a hop of a streaming module, too
  bool layers = false;  // show each layer, too
  std::string json;     // a file for the figures; empty: none
  // Bytes that the module's flash (code and tables) and RAM (arena and stack) may take; 0: any.
  std::uint64_t max_flash = 0, max_ram = 0;
};

// Prints what int8 models cost on an emulated microcontroller (targets/device.h). Error bad_input
// if one takes more than it may.
void bench_on_device(const std::vector<NamedModel>& models, const DeviceBench& options);

}  // namespace edgeproof::cli
