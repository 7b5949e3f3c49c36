#pragma once

// Brings a convolution's requantization into the form that the SIMD kernels read (layers.h).
// Internal to packing.

#include <cstdint>
#include <variant>

#include "runtime/kernels/layers.h"
#include "runtime/kernels/panel_layout.h"

namespace edgeproof::runtime {

struct PackedRequantization {
  std::variant<WideRequantization, NarrowRequantization> parameters;
  // What the sum of each channel begins with besides its bias, in panels.
  AlignedVector<std::int32_t> start;
};

// The narrow form if it holds for all channels, with single precision wherever that is exact if
// `in_float`; otherwise the wide one.
PackedRequantization pack_requantization(const Int8Conv& conv, const Layout& layout, bool in_float);

}  // namespace edgeproof::runtime
