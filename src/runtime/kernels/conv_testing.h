#pragma once

// Running one packed convolution, for tests only.

#include <rapidcheck.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "runtime/kernels/pack.h"
#include "runtime/kernels/reference.h"

namespace edgeproof::runtime {

inline int draw(int low, int high) {
  return *rc::gen::resize(100, rc::gen::inRange(low, high + 1));
}

inline const Kernels& kernels_for(Packing packing, const Kernels& kernels) {
  return packing == Packing::none ? reference_kernels() : kernels;
}

struct Int8Result {
  std::vector<std::int8_t> values;
  std::int64_t clipped;
  bool operator==(const Int8Result&) const = default;
};

// Left-over values of another layer in scratch must not matter, nor what is behind the input of an
// FP32 convolution.
inline Int8Result run_packed(const Int8Conv& conv, const std::vector<std::int8_t>& in,
                             const Kernels& kernels) {
  AlignedVector<std::int16_t> scratch(scratch_bytes(conv, kernels.panels) / sizeof(std::int16_t),
                                      std::int16_t{12345});
  Int8Result result{std::vector<std::int8_t>(conv.geometry.out_size(), 99), 0};
  result.clipped = kernels_for(conv.packed.packing, kernels)
                       .conv_int8(conv, in.data(), result.values.data(), scratch.data(), true);
  return result;
}

inline std::vector<float> run_packed(const FloatConv& conv, std::vector<float> in,
                                     const Kernels& kernels) {
  in.resize(in.size() + 16, NAN);
  AlignedVector<float> scratch(scratch_bytes(conv, kernels.panels) / sizeof(float), NAN);
  std::vector<float> out(conv.geometry.out_size(), NAN);
  kernels_for(conv.packed.packing, kernels).conv_float(conv, in.data(), out.data(), scratch.data());
  return out;
}

}  // namespace edgeproof::runtime
