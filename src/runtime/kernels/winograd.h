#pragma once

// Winograd's minimal filtering of FP32 convolutions in one dimension (Winograd 1980; Lavin & Gray
// 2016, section 4.1): six products per pair of channels give 4 outputs of a kernel of 3, which
// takes 12 directly, or 2 outputs of a kernel of 5, which takes 10.
//
// With the polynomial points 0, 1, -1, 2, -2 and infinity, outputs of a tile are
// A^T [(G g) * (B^T d)] of its taps g and inputs d. Sums are rounded otherwise than directly: their
// error is about twice that of adding tap after tap (winograd_test.cpp has the bound).

#include <vector>

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

inline constexpr int kWinogradPoints = 6;

constexpr int winograd_outputs(int kernel) {
  return kWinogradPoints + 1 - kernel;
}

// Of a convolution, in tiles of outputs; the last one may be partly beyond the end.
inline int winograd_tiles(const ConvGeometry& g) {
  const int outputs = winograd_outputs(g.kernel);
  return (g.out_length + outputs - 1) / outputs;
}

// Whether that is faster: neither strided nor dilated nor grouped, a kernel of 3 or 5, and enough
// channels for the products to outweigh the transformations.
bool winograd_pays(const ConvGeometry& g);

// G g of all weights, [points][out_channels][in_channels].
std::vector<float> winograd_weights(const FloatConv& conv);

// Floats from one row of channels to the next in scratch: whole vectors.
std::size_t winograd_row(const ConvGeometry& g);

// Floats of scratch: a row of zeros, transformed inputs, and products of two panels.
std::size_t winograd_scratch_values(const ConvGeometry& g, int lanes);

}  // namespace edgeproof::runtime
