#pragma once

// Fake quantization: what the integer program does to values, in floating point and differentiable.
//
// While training, values are rounded to their grid, and gradients pass straight through inside the
// range and are zero outside (Jacob et al. 2018, section 3). The ..._as_integers() functions round
// as the integer kernels do instead (core/fixed_point.h), and are for evaluation. Internal to
// libtorch; LibTorch stays out of this header.

#include <cstdint>

#include "graph/graph.h"

namespace at {
class Tensor;
}

namespace edgeproof::libtorch {

// Moving average of the minimum and maximum of what passes.
struct Range {
  float lo = 0, hi = 0;
  bool seen = false;
  graph::Quantization quantization;  // of [lo, hi], once something was seen; its bits stay

  Range() = default;
  explicit Range(graph::Quantization q);
  void set(float new_lo, float new_hi);
  void set_bits(int bits);
  void observe(const at::Tensor& x, double momentum);  // momentum: the newest batch's weight
  void include(const Range& other);                    // widens to hold the other's too
};

// Scales of a weight [out_channels, ...], one per output channel, make its largest 2^(bits-1) - 1.
// Rounding is that of compress::quantize(), to the same levels.
at::Tensor weight_scales(const at::Tensor& weight, int bits);
at::Tensor fake_quantize_weight(const at::Tensor& weight, const at::Tensor& scales, int bits);

// Learned step size (Esser et al. 2020, LSQ): gradients reach the scale too, through what is
// rounded and what is clamped. Scales are learned as logarithms, in which Adam's steps are relative
// and the paper's scaling of gradients has no effect. The first scale is the paper's, 2 E|w| /
// sqrt(largest level), per output channel, the mean over weights that are not zero: pruned ones
// need no level but that.
at::Tensor first_weight_scales(const at::Tensor& weight, int bits);
at::Tensor learned_quantize_weight(const at::Tensor& weight, const at::Tensor& scales, int bits);
at::Tensor learned_quantize_activation(const at::Tensor& x, const at::Tensor& scale,
                                       int bits);  // x >= 0
// Learned clipping (Choi et al. 2018, PACT): what is above the bound teaches it.
at::Tensor clipped(const at::Tensor& x, const at::Tensor& bound);

// The integer program's bias is a whole number of accumulator_scale[c], that is input_scale *
// weight_scale[c].
at::Tensor fake_quantize_bias(const at::Tensor& bias, const at::Tensor& accumulator_scale);

// v holds one value per channel: a view of it that broadcasts over a tensor of so many dimensions
// whose channels are in `axis`.
at::Tensor over_channels(const at::Tensor& v, std::int64_t dimensions, std::int64_t axis);

// x, channels in axis 1, whole numbers of accumulator_scale[c], as requantize() rounds it: twice.
at::Tensor requantize_as_integers(const at::Tensor& x, const at::Tensor& accumulator_scale,
                                  graph::Quantization q);

// The sum of two tensors on the grids of qa and qb, as the integer program's addition rounds it to
// that of q (runtime/kernels/reference.h).
at::Tensor add_as_integers(const at::Tensor& a, graph::Quantization qa, const at::Tensor& b,
                           graph::Quantization qb, bool relu, graph::Quantization q);

// The same of a product.
at::Tensor multiply_as_integers(const at::Tensor& a, graph::Quantization qa, const at::Tensor& b,
                                graph::Quantization qb, bool relu, graph::Quantization q);

// x, means of `counts` values (broadcast over x) that lie on q's grid, rounded to that grid.
at::Tensor average_as_integers(const at::Tensor& x, const at::Tensor& counts,
                               graph::Quantization q);

}  // namespace edgeproof::libtorch
