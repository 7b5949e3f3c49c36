#pragma once

// Winograd's minimal filtering in one dimension (Winograd, "Arithmetic Complexity of Computations",
// 1980; Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks", arXiv:1509.09308, 2015,
// whose F(4, 3) is the kernel of 3 below): six products per pair of channels give 4 outputs of a
// kernel of 3, which takes 12 directly, or 2 outputs of a kernel of 5, which takes 10.
//
// Outputs are computed in tiles of six inputs d, which overlap by the taps g but one:
//
//   kernel 3                                  kernel 5
//   d0 d1 d2 d3 d4 d5                         d0 d1 d2 d3 d4 d5
//   g0 g1 g2            = y0                  g0 g1 g2 g3 g4      = y0
//      g0 g1 g2         = y1                     g0 g1 g2 g3 g4   = y1
//         g0 g1 g2      = y2                        |
//            g0 g1 g2   = y3                        the next tile begins here, two inputs on
//               |
//               the next tile begins here, four inputs on
//
// y = A^T [(G g) * (B^T d)], * being the product element by element. Rows of B^T and G, columns of
// A^T, belong to the polynomial points 0, 1, -1, 2, -2 and infinity, in this order:
//
//         4  0 -5  0  1  0            1/4    0     0             1  1  1  1  1  0
//         0 -4 -4  1  1  0           -1/6  -1/6  -1/6            0  1 -1  2 -2  0
//   B^T = 0  4 -4 -1  1  0    G(3) = -1/6   1/6  -1/6   A^T(3) = 0  1  1  4  4  0
//         0 -2 -1  2  1  0            1/24  1/12  1/6            0  1 -1  8 -8  1
//         0  2 -1 -2  1  0            1/24 -1/12  1/6
//         0  4  0 -5  0  1             0     0     1
//
// A kernel of 5 has the same B^T; G(5) has the powers (1, p, p^2, p^3, p^4) of each point p over
// the same divisors, 4, -6, -6, 24 and 24, and (0, 0, 0, 0, 1); A^T(5) has two rows:
//
//             1/4    0     0     0     0
//            -1/6  -1/6  -1/6  -1/6  -1/6
//     G(5) = -1/6   1/6  -1/6   1/6  -1/6      A^T(5) = 1  1  1  1  1  0
//             1/24  1/12  1/6   1/3   2/3               0  1 -1  2 -2  1
//             1/24 -1/12  1/6  -1/3   2/3
//              0     0     0     0     1
//
// For instance g = (1, 2, 3) and d = (1, 2, 3, 4, 5, 6):
//
//   B^T d = (-6, -11, -3, 6, -2, -6)    G g = (1/4, -1, -1/3, 17/24, 3/8, 3)
//   products m = (-3/2, 11, 1, 17/4, -3/4, -18)
//   y = (14, 20, 26, 32), where y0 = -3/2 + 11 + 1 + 17/4 - 3/4 = 14 = 1 * 1 + 2 * 2 + 3 * 3
//
// FP32 sums are rounded otherwise than directly: their error is about twice that of adding tap
// after tap (winograd_test.cpp has the bound).
//
// In integers G's rows are multiplied by 4, 6, 6, 24, 24, 1, which makes them whole, and the
// products by 6, 4, 4, 1, 1, 24, which brings them to one denominator, 24, by which sums are
// divided at the end: exactly, because there is no remainder, and sums modulo 2^32 do as long as 24
// times an output fits. Above, G g is (1, -6, -2, 17, 9, 3), the products are (-6, 66, 6, 102, -18,
// -18) and 24 y0 = 6 * -6 + 4 * 66 + 4 * 6 + 102 - 18 = 336. Inputs and weights need 13 bits, so
// this is for multiply-adds of 16 bits; dot products of bytes are faster without.

#include <cstdint>
#include <vector>

#include "runtime/kernels/layers.h"

namespace edgeproof::runtime {

inline constexpr int kWinogradPoints = 6;

constexpr int winograd_outputs(int kernel) {
  return kWinogradPoints + 1 - kernel;
}

// How many tiles a convolution takes; the last one may be partly beyond the end.
inline int winograd_tiles(const ConvGeometry& g) {
  const int outputs = winograd_outputs(g.kernel);
  return (g.out_length + outputs - 1) / outputs;
}

// The same convolution without a stride, over rows of `stride` positions, which lie side by side as
// one position with so many times the channels: a kernel of 9 in strides of 2 is one of 5, its
// tenth tap zero. `g` itself if rows would not begin where the padding ends or the input is not
// whole rows: of a convolution that runs on packed weights, a part must be whole rows if all is.
ConvGeometry unit_stride(const ConvGeometry& g);

// How many tiles are done at once, so that what is between inputs and outputs stays in the caches.
inline constexpr int kWinogradTiles = 64;

// Whether this way is faster: neither dilated nor grouped, and at unit_stride() a kernel of 3 or 5
// and enough channels for the products to outweigh the transformations.
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
  // Values from one row of channels to the next.
  std::size_t row;
  // A row of zeros.
  std::size_t zeros;
  // B^T d, [points][tiles at once][row].
  std::size_t inputs;
  // [points][tiles at once][panels of a tile][lanes], of 32 bits.
  std::size_t products;
  // Size of all.
  std::size_t bytes;

  // `g` at unit_stride(), `value_bytes`: 4 for FP32, 2 for int8.
  WinogradScratch(const ConvGeometry& g, std::size_t value_bytes, PanelShape shape);
};

}  // namespace edgeproof::runtime
