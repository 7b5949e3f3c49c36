#include "runtime/kernels/winograd.h"

#include <algorithm>
#include <array>

namespace edgeproof::runtime {
namespace {

// The row of G is (1, at, at^2, …) / divisor; the last one, of infinity, takes the last tap.
struct Point {
  int at, divisor;
};

constexpr std::array<Point, kWinogradPoints - 1> kFinitePoints{
    {{0, 4}, {1, -6}, {-1, -6}, {2, 24}, {-2, 24}}};

constexpr int kLeastChannels = 16;

// G g in Numbers, before `finish` divides it.
template <typename Number, typename Weight, typename Finish>
std::vector<Weight> transform_weights(const ConvGeometry& strided, const auto& weights,
                                      const Finish& finish) {
  const ConvGeometry g = unit_stride(strided);
  const auto channels = static_cast<std::size_t>(g.in_channels);
  const auto taps = static_cast<std::size_t>(g.kernel);
  const std::size_t per_output = weights.size() / static_cast<std::size_t>(g.out_channels);
  std::vector<Weight> result;
  result.reserve(kWinogradPoints * static_cast<std::size_t>(g.out_channels) * channels);
  const auto weight = [&](int out, std::size_t tap, std::size_t in) {
    const std::size_t at = tap * channels + in;
    return at < per_output ? Number{weights[static_cast<std::size_t>(out) * per_output + at]}
                           : Number{0};
  };
  for (int point = 0; point < kWinogradPoints; ++point) {
    for (int out = 0; out < g.out_channels; ++out) {
      for (std::size_t in = 0; in < channels; ++in) {
        if (point == kWinogradPoints - 1) {
          result.push_back(static_cast<Weight>(weight(out, taps - 1, in)));
          continue;
        }
        const auto [at, divisor] = kFinitePoints[static_cast<std::size_t>(point)];
        Number value = 0;
        for (std::size_t tap = taps; tap-- > 0;) value = value * at + weight(out, tap, in);
        result.push_back(static_cast<Weight>(finish(value, divisor)));
      }
    }
  }
  return result;
}

}  // namespace

ConvGeometry unit_stride(const ConvGeometry& g) {
  if (g.stride == 1 || g.dilation != 1 || g.groups != 1 || g.pad_left % g.stride != 0 ||
      g.in_length % g.stride != 0) {
    return g;
  }
  ConvGeometry rows = g;
  rows.in_length /= g.stride;
  rows.in_channels *= g.stride;
  rows.kernel = (g.kernel + g.stride - 1) / g.stride;
  rows.stride = 1;
  rows.pad_left /= g.stride;
  rows.pad_right = std::max(g.out_length + rows.kernel - 1 - rows.in_length - rows.pad_left, 0);
  return rows;
}

bool winograd_pays(const ConvGeometry& strided) {
  const ConvGeometry g = unit_stride(strided);
  return (g.kernel == 3 || g.kernel == 5) && g.stride == 1 && g.dilation == 1 && g.groups == 1 &&
         g.in_channels >= kLeastChannels && g.out_channels >= kLeastChannels &&
         g.out_length >= 2 * winograd_outputs(g.kernel);
}

bool winograd_is_exact(const ConvGeometry& g) {
  constexpr std::int64_t kLargestProduct = 255 * 128;
  return std::int64_t{g.kernel} * g.in_channels * kLargestProduct * 24 < std::int64_t{1} << 31;
}

std::vector<float> winograd_weights(const FloatConv& conv) {
  return transform_weights<double, float>(
      conv.geometry, conv.weights, [](double value, int divisor) { return value / divisor; });
}

std::vector<std::int16_t> winograd_weights(const Int8Conv& conv) {
  return transform_weights<int, std::int16_t>(
      conv.geometry, conv.weights,
      [](int value, int divisor) { return divisor < 0 ? -value : value; });
}

WinogradScratch::WinogradScratch(const ConvGeometry& g, std::size_t value_bytes, PanelShape shape) {
  const auto whole_lines = [](std::size_t size) {
    return (size + kCacheLine - 1) / kCacheLine * kCacheLine;
  };
  const auto channels = static_cast<std::size_t>(g.in_channels);
  const auto sums =
      static_cast<std::size_t>(kWinogradPoints) * std::min(winograd_tiles(g), kWinogradTiles);
  const std::size_t row_bytes = whole_lines(channels * value_bytes);
  row = row_bytes / value_bytes;
  // Behind converted inputs a vector more can be read.
  zeros = value_bytes == sizeof(float) ? 0 : whole_lines(g.in_size() * value_bytes + kCacheLine);
  inputs = zeros + row_bytes;
  products = inputs + sums * row_bytes;
  bytes =
      products + sums * static_cast<std::size_t>(shape.tile) * shape.lanes * sizeof(std::int32_t);
}

}  // namespace edgeproof::runtime
