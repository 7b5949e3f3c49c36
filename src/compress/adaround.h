#pragma once

// AdaRound: whether each weight is rounded up or down is learnt from the layer's output on data.
//
// Nagel et al. 2020, "Up or Down? Adaptive Rounding for Post-Training Quantization", equations 21
// to 25. Weight w of scale s becomes s * clamp(floor(w / s) + h(V)) with h(V) in [0, 1], a
// rectified sigmoid, and V minimizes by Adam
//   |f(W x) - f(W~ x~)|^2 + lambda * sum(1 - |2 h(V) - 1|^beta)
// over random batches: x is what the FP32 network gives the layer, x~ what the integer network
// does, f the layer's ReLU if it has one. The second term, without which the first fifth of the
// iterations goes, drives every h to 0 or 1 as beta falls from 20 to 2.
//
// Here output errors are taken in units of the channel's weight scale times the root mean square of
// its group's inputs, so that lambda means the same in every layer, however it is scaled.

#include <cstdint>
#include <vector>

#include "compress/layer_data.h"
#include "graph/graph.h"

namespace edgeproof::compress {

struct AdaroundOptions {
  int iterations = 4000;      // of Adam, in each layer
  int batch = 128;            // rows of the layer's data (layer_data.h) in an iteration
  double rate = 0.01;         // of Adam
  double regularization = 1;  // lambda
  std::uint64_t seed = 0;     // of the batches
};

// The levels of a layer, whose data has targets, each weight rounded down or up and within
// +-largest_level. An output channel that is no better for it on all of the data than rounded to
// nearest, as it is in `nearest`, stays so. Weights that are zero, as pruning leaves them, stay so,
// too. Error bad_config for options out of range.
std::vector<std::int8_t> adaround(LayerData layer, const graph::Int8Weights& nearest,
                                  int largest_level, const AdaroundOptions& options);

}  // namespace edgeproof::compress
