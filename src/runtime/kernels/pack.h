#pragma once

// Brings a convolution's weights into the order that the SIMD kernels read (layers.h).

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

// `winograd`: by winograd.h where that pays, as int8 always is, giving the same bits.
PackedFloat pack(const FloatConv& conv, PanelShape shape, bool winograd = false);
PackedInt8 pack(const Int8Conv& conv, PanelShape shape);

// Of a packed convolution; 0 for what the reference runs.
std::size_t scratch_bytes(const FloatConv& conv, PanelShape shape);
std::size_t scratch_bytes(const Int8Conv& conv, PanelShape shape);

}  // namespace edgeproof::runtime
