#pragma once

// Brings a convolution's weights into the order that the SIMD kernels read (layers.h).

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

// `lanes` = 0: packs nothing.
PackedFloat pack(const FloatConv& conv, int lanes);
// `group`: 2 or 4 (layers.h).
PackedInt8 pack(const Int8Conv& conv, int lanes, int group);

}  // namespace edgeproof::runtime
