#pragma once

// Brings a convolution's weights into the order that the SIMD kernels read (layers.h).

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

PackedFloat pack(const FloatConv& conv, PanelShape shape);
PackedInt8 pack(const Int8Conv& conv, PanelShape shape);

}  // namespace edgeproof::runtime
