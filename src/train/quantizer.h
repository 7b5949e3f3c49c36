#pragma once

// How quantization-aware training chooses the grids of weights and activations.

#include <string>
#include <vector>

#include "compress/weight_bits.h"

namespace edgeproof::train {

enum class Quantizer {
  ema,  // weight scales from the largest weight, activation ranges by moving average (Jacob 2018)
  lsq,  // learned: weight scales and, after a ReLU, activation scales (Esser et al. 2020)
  pact  // learned: where activations are clipped after a ReLU (Choi et al. 2018)
};

// In the order of Quantizer: the words of a configuration.
const std::vector<std::string>& quantizer_names();

struct QuantizerOptions {
  Quantizer kind = Quantizer::ema;
  compress::WeightBits weight_bits = {};
  int activation_bits = 8;  // compress/quantize.h
};

}  // namespace edgeproof::train
