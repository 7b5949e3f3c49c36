// Test: winograd_test.cpp.

#include "runtime/kernels/winograd.h"

#include <array>

namespace edgeproof::runtime {
namespace {

struct Point {
  double at, factor;  // the row of G is factor * (1, at, at^2, …)
};

constexpr std::array<Point, kWinogradPoints - 1> kFinitePoints{
    {{0, 1.0 / 4}, {1, -1.0 / 6}, {-1, -1.0 / 6}, {2, 1.0 / 24}, {-2, 1.0 / 24}}};

constexpr int kLeastChannels = 16;

}  // namespace

bool winograd_pays(const ConvGeometry& g) {
  return (g.kernel == 3 || g.kernel == 5) && g.stride == 1 && g.dilation == 1 && g.groups == 1 &&
         g.in_channels >= kLeastChannels && g.out_channels >= kLeastChannels &&
         g.out_length >= 2 * winograd_outputs(g.kernel);
}

std::vector<float> winograd_weights(const FloatConv& conv) {
  const ConvGeometry& g = conv.geometry;
  const auto channels = static_cast<std::size_t>(g.in_channels);
  const auto taps = static_cast<std::size_t>(g.kernel);
  std::vector<float> transformed;
  transformed.reserve(conv.weights.size() / taps * kWinogradPoints);
  const auto weight = [&](int out, std::size_t tap, std::size_t in) {
    return double{conv.weights[(static_cast<std::size_t>(out) * taps + tap) * channels + in]};
  };
  for (const Point& point : kFinitePoints) {
    for (int out = 0; out < g.out_channels; ++out) {
      for (std::size_t in = 0; in < channels; ++in) {
        double value = 0;
        for (std::size_t tap = taps; tap-- > 0;) value = value * point.at + weight(out, tap, in);
        transformed.push_back(static_cast<float>(point.factor * value));
      }
    }
  }
  for (int out = 0; out < g.out_channels; ++out) {
    for (std::size_t in = 0; in < channels; ++in) {
      transformed.push_back(static_cast<float>(weight(out, taps - 1, in)));
    }
  }
  return transformed;
}

std::size_t winograd_row(const ConvGeometry& g) {
  constexpr std::size_t kLine = kCacheLine / sizeof(float);
  return (static_cast<std::size_t>(g.in_channels) + kLine - 1) / kLine * kLine;
}

std::size_t winograd_scratch_values(const ConvGeometry& g, int lanes) {
  const auto sums = static_cast<std::size_t>(kWinogradPoints) * winograd_tiles(g);
  return winograd_row(g) + sums * (winograd_row(g) + 2 * static_cast<std::size_t>(lanes));
}

}  // namespace edgeproof::runtime
