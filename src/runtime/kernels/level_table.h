#pragma once

// graph::Elementwise in int8: a function of one byte is a table.
//
// LiteRT's published arithmetic, operator by operator (tensorflow/lite/kernels/activations.cc and
// internal/reference): LOGISTIC, TANH and ELU are computed in float and rounded; LEAKY_RELU
// requantizes by one of two multipliers, a clip (RELU, RELU6, …: ReluX) by one and clamps;
// HARD_SWISH works in 16-bit fixed point.

#include <array>
#include <cstdint>
#include <string_view>

#include "graph/graph.h"

namespace edgeproof::runtime {

struct LevelTable {
  std::array<std::int8_t, 256> levels = {};  // at 128 + the input's level
  std::array<bool, 256> clips = {};          // whether the output saturates; not by clip's bounds
};

// Error bad_input, opening with `where`, for an input scale too large beside the output scale: 2^20
// times as large, for hard_swish 2^7 times.
LevelTable level_table(const graph::Elementwise& op, graph::Quantization in,
                       graph::Quantization out, std::string_view where);

}  // namespace edgeproof::runtime
