#pragma once

// Quantization with weights rounded on data: up or down as the layer's output on real windows asks,
// not each to nearest. It matters below 8 bits.
//
// Layers are rounded in order, on the inputs that the integer network so far gives them; scales are
// found beforehand from the weights alone (WeightClip), and biases are quantize()'s.

#include <string>
#include <vector>

#include "compress/adaround.h"
#include "compress/gptq.h"
#include "compress/quantize.h"
#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

enum class WeightRounding {
  nearest,   // without data
  adaround,  // up or down as learnt by gradient descent (adaround.h)
  gptq,      // errors made good by later weights (gptq.h)
};

// In the order of WeightRounding: the words of a configuration.
const std::vector<std::string>& weight_rounding_names();

struct DataRounding {
  WeightRounding method = WeightRounding::nearest;
  int windows = 512;  // evenly spread over the set; fewer if it has fewer
  AdaroundOptions adaround = {};
  GptqOptions gptq = {};
};

// quantize(ranged, options) with other weight levels, still in +-largest_weight_level(), and 0
// where the weight is 0; all else is the same. Memory holds the inputs and outputs of one layer for
// all windows. To nearest, windows are not looked at. Errors as quantize()'s; bad_input for an
// empty set, windows that do not fit or hold values that are not finite, and, for adaround, FP32
// activations that overflow; bad_config for options out of range.
graph::Graph quantize(const graph::Graph& ranged, const signal::WindowSet& windows,
                      const QuantizeOptions& options, const DataRounding& rounding);

}  // namespace edgeproof::compress
