#pragma once

// GPTQ: weights rounded one after the other, each error made good by the weights still to come.
//
// Frantar et al. 2023, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained
// Transformers", algorithm 1, in the order in which the weights lie. For the weights w of one
// output channel and the inputs X that they meet, the error of rounding to q is
//   |(w - q) X|^2 = (w - q) H (w - q)^T / 2,  H = 2 X X^T,
// and rounding w_i costs least if the later weights move by -(w_i - q_i) / U_ii * U_ij, where U is
// the upper Cholesky factor of the inverse of H.

#include <cstdint>
#include <span>
#include <vector>

#include "compress/layer_data.h"
#include "graph/graph.h"

namespace edgeproof::compress {

struct GptqOptions {
  // Added to the diagonal of H, as a share of its mean: inputs that never vary have no inverse.
  double damping = 0.01;
};

// The algorithm itself. `weights` is [scales, n], a scale for each output channel; `hessian` is
// [n, n], symmetric, any multiple of H, without damping. Levels in +-largest_level. All inputs
// zero: rounded to nearest. Weights that are zero, as pruning leaves them, stay so.
std::vector<std::int8_t> gptq_levels(std::span<const float> weights, std::span<const float> scales,
                                     std::span<const double> hessian, int largest_level,
                                     double damping);

// The levels of a layer, group by group. An output channel that is no better for it on this data
// than rounded to nearest, as it is in `nearest`, stays so. Error bad_config unless damping is
// positive.
std::vector<std::int8_t> gptq(const LayerData& layer, const graph::Int8Weights& nearest,
                              int largest_level, const GptqOptions& options);

}  // namespace edgeproof::compress
