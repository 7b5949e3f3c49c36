#pragma once

// What training does to each channel of an activation, in few passes over memory: statistics,
// scale and shift, ReLU, maximum pooling, fake quantization, and their gradients. Values are
// [windows, length, channels], channels last. Internal to libtorch.

#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::libtorch {

struct Extent {
  std::int64_t windows = 0, length = 0, channels = 0;
  std::int64_t rows() const { return windows * length; }
};

struct Moments {
  std::vector<double> mean, variance;  // per channel; the variance divides by the number of rows
};
Moments channel_moments(const float* x, Extent extent);

// y = scale[c] x + shift[c]; then max(y, 0) if `relu`; then the maximum of `pool` rows each (rows
// that are left over at a window's end are dropped).
struct ChannelStage {
  const float* scale = nullptr;
  const float* shift = nullptr;
  bool relu = false;
  int pool = 1;  // up to 255; 1: none
};
// `out` [windows, length / pool, channels]; `chosen`, as large, says which row was the maximum, the
// first of equal ones; it is not used if pool is 1.
void stage_forward(const float* x, Extent extent, const ChannelStage& stage, float* out,
                   std::uint8_t* chosen);

// Per channel: the sum of the gradient of y (what ReLU and pooling let through of `gradient`,
// shaped as `out`), and of it times (x - centre[c]).
struct StageSums {
  std::vector<double> gradient, gradient_x;
};
StageSums stage_sums(const float* x, Extent extent, const ChannelStage& stage,
                     const float* gradient, const std::uint8_t* chosen, const float* centre);

// dx = scale[c] * (gradient of y) + along[c] x + constant[c].
void stage_backward(const float* x, Extent extent, const ChannelStage& stage, const float* gradient,
                    const std::uint8_t* chosen, const float* along, const float* constant,
                    float* dx);

// Rounded to the nearest level, halves to even, and back; `inside` is 1 where no clamping happened.
void fake_quantize(const float* x, std::int64_t count, graph::Quantization q, float* out,
                   std::uint8_t* inside);
// The gradient where `inside`, else 0.
void mask_gradient(const float* gradient, const std::uint8_t* inside, std::int64_t count,
                   float* out);

}  // namespace edgeproof::libtorch
