#pragma once

// Structured pruning: whole output channels of convolutions are removed, so that the network that
// stays is smaller and faster on any hardware.

#include "graph/graph.h"

namespace edgeproof::compress {

struct PruneOptions {
  double ratio = 0.5;  // share of each convolution's channels to remove, [0, 1)
};

// Removes the output channels of smallest L1 norm from every ordinary convolution (Li et al. 2017,
// "Pruning Filters for Efficient ConvNets"), and with them what later layers hold for these
// channels: BatchNorm parameters, depthwise filters, input weights. At least one channel stays.
// Depthwise convolutions follow the layer before them; the last dense layer keeps its classes. The
// graph is FP32, not folded, a chain. Error bad_config for a ratio outside [0, 1), unsupported for
// grouped convolutions that are not depthwise, and for a graph with branches.
graph::Graph prune_channels(const graph::Graph& graph, const PruneOptions& options);

}  // namespace edgeproof::compress
