#pragma once

// Weights rounded to few bits, symmetric per output channel.
//
// Levels are -(2^(bits-1) - 1) ... 2^(bits-1) - 1, stored in the next of 2, 4 or 8 bits.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::compress {

// No scale is smaller: an all-zero channel or a constant activation still has a finite inverse.
inline constexpr float kSmallestScale = 1e-8F;

// How a channel's scale is found.
enum class WeightClip {
  max,  // the largest weight is the largest level: nothing is clipped
  mse,  // the share 0.01 ... 1 of that scale with the least squared error over the channel
};

// In the order of WeightClip: the words of a configuration.
const std::vector<std::string>& weight_clip_names();

// 2^(bits-1) - 1. Error bad_config for bits outside 2 to 8.
int largest_weight_level(int bits);

// Rounded to nearest and clamped. Biases have the scale input_scale * scales[c]; a channel of tiny
// weights and a large bias gets a coarser scale, so that the bias fits. Weights with a grid are
// rounded to that, whatever `bits` and `clip`. Error bad_config as above.
graph::Int8Weights round_weights(const graph::FloatWeights& weights, float input_scale, int bits,
                                 WeightClip clip);

// A real bias in steps of `scale`, within the +-2^30 or so that leaves the accumulator its room.
std::int32_t round_bias(double bias, double scale);

}  // namespace edgeproof::compress
