#pragma once

// Bias correction: rounding weights (and activations) shifts the mean of every channel, and the
// shift is known from real windows, so it can be taken off the bias at no cost on the device.
//
// Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction",
// section 4.2, in the empirical variant of its appendix: for every output channel c,
//   bias[c] -= E[(W_q x_q)[c]] - E[(W x)[c]]
// before the activation function, the expectation over windows and positions; x is what the FP32
// network gives the layer, x_q what the integer network does. Layers are corrected in order, so
// that x_q comes from layers that are quantized and corrected already.

#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

struct BiasCorrectionOptions {
  int windows = 512;  // evenly spread over the set; fewer if it has fewer
};

// `int8` is what quantize() made of `fp32` (ranged or not, before or after folding). Returns it
// with new int32 biases, computed from those of `fp32`, so that correcting twice is correcting
// once; all else stays. Memory does not grow with the windows. Errors: bad_input if the graphs do
// not belong together, for an empty set, windows that do not fit or hold values that are not
// finite; bad_config for fewer than one window.
graph::Graph correct_bias(const graph::Graph& int8, const graph::Graph& fp32,
                          const signal::WindowSet& windows,
                          const BiasCorrectionOptions& options = {});

}  // namespace edgeproof::compress
