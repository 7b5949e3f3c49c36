#pragma once

// The architecture zoo. Each function returns a valid FP32 graph with a BatchNorm after each
// convolution; weights and biases are zero, BatchNorm is the identity: training fills them
// (train/initialize).

#include <span>
#include <string>

#include "graph/graph.h"

namespace edgeproof::graph {

struct ZooOptions {
  Shape input;
  int classes = 0;
};

// R1, "cnn": Conv 32 k5, pool 2, Conv 64 k5, pool 2, Conv 64 k3, global average, dense.
Graph cnn(const ZooOptions& options);

// R2, "ds_cnn": Conv 64 k9 stride 2, four depthwise-separable blocks of 64, global average, dense.
Graph ds_cnn(const ZooOptions& options);

// R3, "wdcnn": Conv 16 k64 stride 8, pool 2, Conv 32 k3, pool 2, Conv 64 k3, pool 2, Conv 64 k3,
// global average, dense (a narrow form of the wide-first-kernel network of Zhang et al. 2017).
Graph wdcnn(const ZooOptions& options);

// By the name in quotes above. Error bad_config for an unknown name, or for an input too short for
// it.
Graph build(const std::string& architecture, const ZooOptions& options);
std::span<const std::string> architectures();

}  // namespace edgeproof::graph
