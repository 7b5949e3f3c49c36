#pragma once

// Winograd's minimal filtering in one dimension (Winograd 1980; Lavin & Gray 2016, section 4.1):
// six products per pair of channels give 4 outputs of a kernel of 3, which takes 12 directly, or 2
// outputs of a kernel of 5, which takes 10.
//
// With the polynomial points 0, 1, -1, 2, -2 and infinity, outputs of a tile are
// A^T [(G g) * (B^T d)] of its taps g and inputs d. FP32 sums are rounded otherwise than directly:
// their error is about twice that of adding tap after tap (winograd_test.cpp has the bound).
//
// In integers G's rows are multiplied by 4, -6, -6, 24, 24, 1, which makes them whole, and the
// products brought to one denominator, 24, by which their sums are divided at the end: exactly,
// because there is no remainder, and sums modulo 2^32 do as long as 24 times an output fits. Inputs
// and weights need 13 bits, so this is for multiply-adds of 16 bits; dot products of bytes are
// faster without.

#include <cstdint>
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

// The same convolution without a stride, over rows of `stride` positions, which lie side by side as
// one position with so many times the channels: a kernel of 9 in strides of 2 is one of 5, its
// tenth tap zero. `g` itself if rows would not begin where the padding ends or the input is not
// whole rows: of a convolution that runs on packed weights, a part must be whole rows if all is.
ConvGeometry unit_stride(const ConvGeometry& g);

// So many tiles are done at once, that what is between inputs and outputs stays in the caches.
inline constexpr int kWinogradTiles = 64;

// Whether that is faster: neither dilated nor grouped, and at unit_stride() a kernel of 3 or 5 and
// enough channels for the products to outweigh the transformations.
bool winograd_pays(const ConvGeometry& g);

// Whether 24 times any sum of the products of int8 values fits.
bool winograd_is_exact(const ConvGeometry& g);

// G g of all weights, [points][out_channels][in_channels] at unit_stride(); G with whole rows for
// int8.
std::vector<float> winograd_weights(const FloatConv& conv);
std::vector<std::int16_t> winograd_weights(const Int8Conv& conv);

// Scratch, in bytes from its start, each part on a cache line. Int8 inputs come first, at 16 bits,
// [in_length][channels].
struct WinogradScratch {
  std::size_t row;       // values from one row of channels to the next
  std::size_t zeros;     // a row
  std::size_t inputs;    // B^T d, [points][tiles at once][row]
  std::size_t products;  // [points][tiles at once][panels of a tile][lanes], of 32 bits
  std::size_t bytes;     // of all

  // `g` at unit_stride(), `value_bytes`: 4 for FP32, 2 for int8.
  WinogradScratch(const ConvGeometry& g, std::size_t value_bytes, PanelShape shape);
};

}  // namespace edgeproof::runtime
