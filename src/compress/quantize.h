#pragma once

// Int8 quantization parameters, and the pass that turns a ranged FP32 graph into an int8 one.
//
// The scheme is LiteRT's: activations affine per tensor in [-128, 127] with real zero exactly
// representable; weights symmetric per output channel in [-127, 127]; bias int32 with scale
// input_scale * weight_scale[c].

#include <vector>

#include "compress/weight_bits.h"
#include "compress/weight_rounding.h"
#include "graph/graph.h"

namespace edgeproof::compress {

// The quantization that covers [lo, hi] widened to hold 0. The zero point is rounded to an integer.
graph::Quantization affine_quantization(float lo, float hi, int bits = 8);

// Bits of each node's output, when activations have `bits`: the input and what shares its
// quantization have 8, and so has the output, as is usual where few bits are studied, and what has
// a fixed_quantization().
std::vector<int> activation_bits(const graph::Graph& graph, int bits);

struct QuantizeOptions {
  WeightBits weight_bits = {};
  WeightClip weight_clip = WeightClip::max;
};

// `ranged` is FP32, and every node that computes (all but pooling, concatenation, and sigmoid and
// tanh, whose ranges are known) carries its output quantization, before or after folding. Folds it
// and returns the int8 graph: weights rounded to nearest, pooling and concatenation take their
// inputs' quantization. Error bad_input naming a node without a range, or a concatenation whose
// inputs have different ones; bad_config as check() of the bits.
graph::Graph quantize(const graph::Graph& ranged, const QuantizeOptions& options = {});

}  // namespace edgeproof::compress
