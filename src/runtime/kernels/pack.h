#pragma once

// Brings a convolution's weights into the order that the SIMD kernels read (layers.h).

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

// `winograd`: by winograd.h where that pays.
PackedFloat pack(const FloatConv& conv, PanelShape shape, bool winograd = false);
PackedInt8 pack(const Int8Conv& conv, PanelShape shape);

}  // namespace edgeproof::runtime
