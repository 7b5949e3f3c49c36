#pragma once

// Brings a convolution's weights into the order that the SIMD kernels read (layers.h).

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

// With `winograd`, FP32 is packed for winograd.h where that pays. Int8 always is, since it gives
// the same bits.
PackedFloat pack(const FloatConv& conv, PanelShape shape, bool winograd = false);
PackedInt8 pack(const Int8Conv& conv, PanelShape shape);

// Scratch that a packed convolution needs; 0 for what the reference runs.
std::size_t scratch_bytes(const FloatConv& conv, PanelShape shape);
std::size_t scratch_bytes(const Int8Conv& conv, PanelShape shape);

}  // namespace edgeproof::runtime
