#pragma once

// Unstructured pruning: single weights become zero. The network keeps its shape and its latency,
// since dense kernels multiply by zeros as by anything else; what shrinks is the size of the
// weights when they are coded (coded_weights.h).

#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::compress {

enum class SparsifyScope {
  global,  // one threshold for all layers: those with many small weights lose more
  uniform  // the same share of every layer
};

// In the order of SparsifyScope: the words of a configuration.
const std::vector<std::string>& sparsify_scope_names();

struct SparsifyOptions {
  double ratio = 0.8;  // share of the weights that become zero, [0, 1)
  SparsifyScope scope = SparsifyScope::global;
};

// Sets the weights of smallest magnitude of convolutions, depthwise ones too, and dense layers to
// zero (Han et al. 2015, "Learning both Weights and Connections for Efficient Neural Networks");
// biases and BatchNorm stay, ranges and weight grids of earlier quantization go. Magnitudes are
// those of the weights as folded with BatchNorm, in which training's arbitrary scale of a channel
// is no more: they can be compared across channels and layers. Weights that are zero count to the
// share. Of equal ones the earlier goes first. The largest weight of every output channel stays, so
// that no threshold empties a layer; layers with few weights a channel (depthwise) can therefore
// stay below a high share. Train further with TrainOptions::keep_zeros.
// The graph is FP32. Error bad_config for a ratio outside [0, 1), unsupported if it cannot be
// folded.
graph::Graph sparsify(const graph::Graph& graph, const SparsifyOptions& options);

}  // namespace edgeproof::compress
