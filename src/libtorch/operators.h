#pragma once

// Operations of the graph that LibTorch has in another form. Activations are [N, C, 1, L]. Internal
// to train; LibTorch stays out of this header.

#include "graph/graph.h"

namespace at {
class Tensor;
}

namespace edgeproof::libtorch {

at::Tensor evaluate(const graph::Elementwise& op, const at::Tensor& x);

at::Tensor max_pool(const graph::MaxPool& pool, const at::Tensor& x);

// The means over what is inside the input.
at::Tensor average_pool(const graph::AveragePool& pool, const at::Tensor& x);

// How many values each mean is of, [out_length], for inputs of `length` positions.
at::Tensor window_counts(const graph::AveragePool& pool, int length);

}  // namespace edgeproof::libtorch
