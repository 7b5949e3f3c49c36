#pragma once

// What follows a convolution while training, as one differentiable operation each: fewer passes
// over memory than LibTorch's own operations one after another. Activations are [N, C, 1, L].
// Internal to libtorch; LibTorch stays out of this header.

#include "graph/graph.h"

namespace at {
class Tensor;
}

namespace edgeproof::libtorch {

struct Following {
  bool relu = false;
  int pool = 1;  // maximum over so many positions each, after ReLU; 1: none
};

// BatchNorm by the batch's own statistics (Ioffe & Szegedy 2015) of x / factor[c] + bias[c], then
// what follows. `mean` and `variance` follow with a momentum of 0.1. Gradients go to x, gamma and
// beta. `factor` may be undefined: 1.
at::Tensor normalize(const at::Tensor& x, const at::Tensor& factor, const at::Tensor& bias,
                     const at::Tensor& gamma, const at::Tensor& beta, const at::Tensor& mean,
                     const at::Tensor& variance, double epsilon, Following following);

// x + bias[c], then what follows. Gradients go to both.
at::Tensor add_bias(const at::Tensor& x, const at::Tensor& bias, Following following);

// On the grid of q; gradients pass straight through where nothing is clamped.
at::Tensor fake_quantize_activation(const at::Tensor& x, graph::Quantization q);

}  // namespace edgeproof::libtorch
