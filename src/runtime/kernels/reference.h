#pragma once

// The definition of every operation, as plain loops: what all other kernels are tested against, and
// what runs where they do not apply.
//
// Int8 follows LiteRT's reference kernels (integer_ops conv, depthwise_conv, fully_connected,
// pooling, add, mul):
//   acc = bias[c] + sum (x - input_zero) * w,   padding contributes nothing;
//   y = clamp(requantize(acc, M[c]) + output_zero), from -128, or output_zero after ReLU, to 127;
// with simulated activations of b bits from -2^(b-1) to 2^(b-1) - 1.
// Addition: acc = the sum over both inputs of requantize((x - zero) * 2^20, M of the input), and y
// likewise. Multiplication: layers.h. Averages: sum / count, halves away from zero.
// FP32 sums in double precision and rounds once.

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/level_table.h"

namespace edgeproof::runtime {

// All of them as one instruction set, "scalar".
const Kernels& reference_kernels();

// The same for every instruction set. All may work in place.
void affine(const Affine& layer, const float* in, float* out);
void relu(std::span<const float> in, float* out);
// The result is how many outputs saturate.
std::int64_t look_up(const LevelTable& table, std::span<const std::int8_t> in, std::int8_t* out);

}  // namespace edgeproof::runtime
