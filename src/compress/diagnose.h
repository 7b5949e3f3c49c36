#pragma once

// Why an int8 model fails: what each layer's quantization does to it, on given windows.
//
// The int8 graph runs as it ships, beside a reference that computes the same in floating point.
// A layer's SQNR, the signal-to-quantization-noise ratio of its output over all windows, is
//   10 log10(sum x^2 / sum (x - s (q - z))^2) dB
// with x from the reference and q from the int8 graph: the noise of this layer and of all before
// it. Infinite where the two are equal.
//
// A layer alone is the reference in which that layer only is quantized: its rounded weights and
// bias, and its output rounded and clipped to int8. Pooling that keeps its input's quantization
// counts to the layer it has it from. The layer most to blame is the one that alone gives the
// lowest SQNR of the class probabilities (softmax of the logits); of equal ones, the first.
// Probabilities and not logits: a logit of a sure answer may clip without any harm. Effects that
// need several layers are not seen.
//
// Pure functions, thread-safe; sums are in the windows' order.

#include <string>
#include <vector>

#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

struct Range {
  float min = 0, max = 0;
};

struct LayerDiagnosis {
  std::string name;
  std::string op;      // graph::op_name
  double sqnr_db = 0;  // of its output
  // With this layer alone quantized: the class probabilities' SQNR, and the share of windows that
  // keep the reference's label. NaN: pooling.
  double alone_db = 0;
  double alone_agreement = 0;
  double clip_rate = 0;     // runtime/evaluate.h: values that saturated, of all
  Range seen;               // of the reference's output
  Range representable;      // by the output's int8
  double weight_db = 0;     // SQNR of the weights; NaN if it has none, as what follows
  Range weights;            // the reference's
  double scale_spread = 0;  // largest over smallest weight scale, of channels that are not all zero
};

struct Diagnosis {
  int windows = 0;
  std::vector<LayerDiagnosis> layers;  // one a node, in the graph's order; the last: the logits
  double output_db = 0;                // of the class probabilities
  double agreement = 0;                // share of windows with the reference's label
  int blamed = 0;                      // index of the layer most to blame
};

// The graph in floating point with the weights and biases that its integers stand for. As a
// reference it shows what the rounding of activations costs, and nothing of that of weights.
graph::Graph dequantized(const graph::Graph& int8);

// At most `most` windows, evenly spread. `reference` is the FP32 model that `int8` was made from,
// folded or not, or dequantized(int8); after equalization, what that gave. Error bad_input if the
// graphs are not FP32 and int8, their layers have other types, inputs or shapes, or they do not
// take the windows; for no windows, and for values that are not finite.
Diagnosis diagnose(const graph::Graph& reference, const graph::Graph& int8,
                   const signal::WindowSet& windows, int most = 256);

}  // namespace edgeproof::compress
