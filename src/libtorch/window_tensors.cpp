// Test: trainer_test.cpp.

#include "libtorch/window_tensors.h"

#include <torch/torch.h>

namespace edgeproof::libtorch {

at::Tensor values_of(const signal::WindowSet& set) {
  return torch::from_blob(const_cast<float*>(set.values.data()),
                          {set.count, set.length, set.channels}, torch::kFloat32);
}

at::Tensor labels_of(const signal::WindowSet& set) {
  return torch::tensor(torch::ArrayRef<int>(set.labels), torch::kInt32).to(torch::kInt64);
}

}  // namespace edgeproof::libtorch
