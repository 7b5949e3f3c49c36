#pragma once

// Weights and biases of convolutions and dense layers in a .tflite file. Internal to formats.

#include <string>
#include <vector>

#include "formats/tflite_file.h"
#include "graph/graph.h"

namespace edgeproof::formats::tflite {

// What a weight takes in the file: 32, 8 or 4 bits. LiteRT has no convolution with 2.
int bits_of(const graph::Weights& weights);

struct Filter {
  std::string name;        // of the layer
  std::vector<int> shape;  // as LiteRT has it
  // A depthwise convolution's: LiteRT wants the output channels last, not first as ours are.
  bool channels_last = false;
  float input_scale = 0;  // of the layer's input, if the weights are int8
};

// The indices of both tensors.
std::vector<int> add_weights(File& file, const graph::Weights& weights, const Filter& filter);

}  // namespace edgeproof::formats::tflite
