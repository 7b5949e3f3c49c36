#pragma once

// Windows as tensors.

#include "signal/pipeline.h"

namespace at {
class Tensor;
}

namespace edgeproof::libtorch {

// The whole set as one tensor [count, length, channels] that shares its memory.
at::Tensor values_of(const signal::WindowSet& set);
at::Tensor labels_of(const signal::WindowSet& set);  // [count], int64

}  // namespace edgeproof::libtorch
