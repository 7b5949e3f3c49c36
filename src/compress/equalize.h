#pragma once

// Cross-layer equalization: the same FP32 function with weights that are easier to quantize.
//
// Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
// section 4.1. Where layer 1 feeds layer 2 alone through functions with f(s x) = s f(x) for s > 0
// (ReLU, max pooling, average), channel i of layer 1, weights and bias, can be divided by
//   s_i = sqrt(r1_i r2_i) / r2_i
// and the weights of layer 2 that read it multiplied: r1_i, r2_i, the largest weight of the channel
// in each, become equal. Sweeps over all pairs repeat until no scale is far from 1. Layers whose
// output an addition or concatenation takes, or several layers, stay as they are.
//
// The gain is in layer 2's weights and in the activations between, whose quantization is per
// tensor; layer 1's own weights have a scale per channel and do not need it.

#include "graph/graph.h"

namespace edgeproof::compress {

struct EqualizeOptions {
  int sweeps = 100;          // at most
  double tolerance = 0.001;  // settled: every scale within this of 1
};

// The graph folded (graph/fold.h) and equalized; ranges that nodes carried are gone, for
// activations have changed: calibrate after it. Channels that a layer all but ignores (weights
// below 1e-6 of the layer's largest) stay as they are. Error bad_input for an int8 or invalid
// graph, bad_config for options out of range.
graph::Graph equalize(const graph::Graph& fp32, const EqualizeOptions& options = {});

}  // namespace edgeproof::compress
