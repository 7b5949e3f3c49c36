// Test: network_test.cpp.

#include "libtorch/operators.h"

#include <torch/torch.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace edgeproof::libtorch {

using torch::Tensor;

Tensor evaluate(const graph::Elementwise& op, const Tensor& x) {
  using enum graph::Elementwise::Function;
  switch (op.function) {
    case clip:
      return x.clamp(op.low, op.high);
    case leaky_relu:
      return torch::leaky_relu(x, op.slope);
    case hard_swish:
      return torch::hardswish(x);
    case sigmoid:
      return torch::sigmoid(x);
    case tanh:
      return torch::tanh(x);
    case elu:
      return torch::elu(x, op.alpha);
  }
  return x;
}

Tensor max_pool(const graph::MaxPool& pool, const Tensor& x) {
  Tensor padded = x;
  if (pool.pad_left + pool.pad_right > 0) {
    padded = torch::constant_pad_nd(x, {pool.pad_left, pool.pad_right},
                                    -std::numeric_limits<float>::infinity());
  }
  return torch::max_pool2d(padded, {1, pool.kernel}, {1, pool.stride});
}

Tensor average_pool(const graph::AveragePool& pool, const Tensor& x) {
  const Tensor padded = torch::constant_pad_nd(x, {pool.pad_left, pool.pad_right});
  const Tensor means = torch::avg_pool2d(padded, {1, pool.kernel}, {1, pool.stride});
  if (pool.pad_left + pool.pad_right == 0) return means;
  return means * pool.kernel / window_counts(pool, static_cast<int>(x.size(3)));
}

Tensor window_counts(const graph::AveragePool& pool, int length) {
  std::vector<float> counts;
  for (int start = -pool.pad_left; start + pool.kernel <= length + pool.pad_right;
       start += pool.stride) {
    counts.push_back(
        static_cast<float>(std::min(start + pool.kernel, length) - std::max(start, 0)));
  }
  return torch::tensor(torch::ArrayRef<float>(counts));
}

}  // namespace edgeproof::libtorch
