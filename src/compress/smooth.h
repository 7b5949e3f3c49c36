#pragma once

// Scale migration: the same FP32 function with activations that are easier to quantize per tensor.
//
// Xiao et al. 2023, "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large
// Language Models", equation 4. Where layer 1 feeds layer 2 alone through functions with
// f(s x) = s f(x) for s > 0, output channel j of layer 1, weights and bias, is divided by
//   s_j = max|X_j|^alpha / max|W_j|^(1 - alpha)
// and the weights of layer 2 that read it multiplied: X_j is what layer 2 reads of the channel over
// real windows, W_j its weights there. With alpha 1 all channels get the same range; with alpha 0
// all weights do; with 1/2 each channel's range is that of its weights.
//
// equalize() does the like from weights alone; both compose, in any order.

#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

struct SmoothOptions {
  double alpha = 0.5;
  int windows = 512;  // evenly spread over the set; fewer if it has fewer
};

// The graph folded (graph/fold.h) and smoothed; ranges that nodes carried are gone, for activations
// have changed: calibrate after it. Channels that are all but silent, or that layer 2 all but
// ignores (below 1e-6 of the largest), stay as they are. Error bad_input for an int8 or invalid
// graph, an empty set, windows that do not fit or hold values that are not finite, and a network
// whose activations overflow; bad_config for alpha outside 0 to 1 or fewer than one window.
graph::Graph smooth(const graph::Graph& fp32, const signal::WindowSet& windows,
                    const SmoothOptions& options = {});

}  // namespace edgeproof::compress
