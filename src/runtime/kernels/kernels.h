#pragma once

// The kernels of one instruction set; kernel_list.h has those that this machine can run.
//
// Int8 kernels give the same bits on every instruction set (the reference is the oracle); FP32
// kernels agree within the rounding of their sums. Kernels trust their arguments, neither throw nor
// allocate, and may run concurrently. `scratch` has scratch_bytes() of pack.h. FP32 convolutions
// may read a vector past the end of their input.

#include <cstdint>
#include <span>
#include <string>

#include "graph/graph.h"
#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

struct Kernels {
  std::string name;
  // How pack() lays weights out.
  PanelShape panels;

  // Int8 kernels that can saturate return how many values they clipped, those with a `count` if it
  // says so (the reference always). SIMD convolutions run packed layers only; what pack() leaves
  // alone is for the reference.
  std::int64_t (*quantize)(std::span<const float> in, graph::Quantization to, std::int8_t* out,
                           bool count) = nullptr;
  std::int64_t (*conv_int8)(const Int8Conv&, const std::int8_t* in, std::int8_t* out,
                            std::int16_t* scratch, bool count) = nullptr;
  void (*conv_float)(const FloatConv&, const float* in, float* out, float* scratch) = nullptr;

  // Do `rounds` rounds of the convolutions' multiply-adds on registers alone and return how many
  // that were: what this core can do at most. None of "scalar".
  std::int64_t (*peak_int8)(std::int64_t rounds) = nullptr;
  std::int64_t (*peak_float)(std::int64_t rounds) = nullptr;

  // These may work in place: out is one of the inputs.
  std::int64_t (*add_int8)(const Int8Add&, const std::int8_t* a, const std::int8_t* b,
                           std::int8_t* out) = nullptr;
  void (*add_float)(const FloatAdd&, const float* a, const float* b, float* out) = nullptr;

  // These may work in place over their first input.
  std::int64_t (*mul_int8)(const Int8Mul&, const std::int8_t* a, const std::int8_t* b,
                           std::int8_t* out) = nullptr;
  void (*mul_float)(const FloatMul&, const float* a, const float* b, float* out) = nullptr;

  // These may work in place: out == in, without padding on the left only.
  void (*max_pool_int8)(const Pool&, const std::int8_t* in, std::int8_t* out) = nullptr;
  void (*max_pool_float)(const Pool&, const float* in, float* out) = nullptr;
  void (*average_int8)(const Pool&, const std::int8_t* in, std::int8_t* out) = nullptr;
  void (*average_float)(const Pool&, const float* in, float* out) = nullptr;
};

}  // namespace edgeproof::runtime
