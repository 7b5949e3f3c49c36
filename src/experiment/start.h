#pragma once

// What a study's networks start from: random weights of the zoo's, or the network of [model] onnx.

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "experiment/config.h"
#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::experiment {

struct Start {
  signal::Pipeline pipeline;                 // a network's own statistics, if its file has them
  std::optional<graph::Graph> network = {};  // of [model] onnx: FP32, as it was trained
  bool has_statistics = false;               // its file does
  // Of the network's file, for the result store: model_checksum (SHA-256 of the file) and
  // network_checksum (SHA-256 of what was read, weights in other files included).
  std::map<std::string, std::string> facts = {};

  const graph::Graph* trained_network() const { return network ? &*network : nullptr; }
};

// A relative path of a network is below `base`. Error io or bad_input naming the key unless it is
// FP32, takes the data set's windows, and has an output for each class; what its metadata says of
// channels, rate, imputation and labels must be as in the study.
Start find_start(const Config& config, const signal::Dataset& dataset,
                 const std::filesystem::path& base);

}  // namespace edgeproof::experiment
