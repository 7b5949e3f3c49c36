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

// "resnet1d": Conv 32 k7 stride 2, three residual blocks (32; 48 and 64 with stride 2) of two
// convolutions k3 and a 1x1 projection where the shape changes, global average, dense (He et al.
// 2016; for series Wang et al. 2017).
Graph resnet1d(const ZooOptions& options);

// "tcn": five residual blocks of two causal convolutions, 32 k3, dilated by 1, 2, 4, 8 and 16 (the
// last position sees 125 samples), global average, dense (Bai et al. 2018; they classify by the
// last position alone).
Graph tcn(const ZooOptions& options);

// "inception": three modules, each a 1x1 bottleneck of 16 that convolutions of 16 with k19, k9 and
// k5 share, beside a max pool k3 with a 1x1 convolution, all joined by channels; a residual over
// the three; global average, dense (InceptionTime, Fawaz et al. 2020, at half its kernels and
// filters; BatchNorm and ReLU come before joining, which is the same function).
Graph inception(const ZooOptions& options);

// By the name in quotes above. Error bad_config for an unknown name, or for an input too short for
// it.
Graph build(const std::string& architecture, const ZooOptions& options);
std::span<const std::string> architectures();

}  // namespace edgeproof::graph
