#pragma once

// Windows as tensors. Includes LibTorch: for .cpp files of this module only.

#include <torch/torch.h>

#include "signal/pipeline.h"

namespace edgeproof::train {

// The whole set as one tensor [count, length, channels] that shares its memory.
inline torch::Tensor values_of(const signal::WindowSet& set) {
  return torch::from_blob(const_cast<float*>(set.values.data()),
                          {set.count, set.length, set.channels}, torch::kFloat32);
}

inline torch::Tensor labels_of(const signal::WindowSet& set) {
  return torch::tensor(torch::ArrayRef<int>(set.labels), torch::kInt32).to(torch::kInt64);
}

}  // namespace edgeproof::train
