// The grid search over clipping ratios is the plain form of Banner et al. 2019, "Post Training
// 4-Bit Quantization of Convolutional Networks for Rapid-Deployment", which assumes a
// distribution where this takes the weights themselves.

#include "compress/weight_rounding.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace edgeproof::compress {
namespace {

constexpr float kLargestBias = 1 << 30;
constexpr int kGrid = 100;

float nearest_level(float weight, float scale, float largest_level) {
  return std::clamp(std::nearbyint(weight / scale), -largest_level, largest_level);
}

double squared_error(std::span<const float> weights, float scale, float largest_level) {
  double sum = 0;
  for (const float w : weights) {
    const double error = double{w} - double{scale} * nearest_level(w, scale, largest_level);
    sum += error * error;
  }
  return sum;
}

// No scale below `smallest` is taken.
float mse_scale(std::span<const float> weights, float max_scale, float largest_level,
                float smallest) {
  float best = std::max(max_scale, smallest);
  double least = squared_error(weights, best, largest_level);
  for (int i = kGrid - 1; i >= 1; --i) {
    const float scale = max_scale * static_cast<float>(i) / kGrid;
    if (scale < smallest) break;
    const double error = squared_error(weights, scale, largest_level);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

}  // namespace

const std::vector<std::string>& weight_clip_names() {
  static const std::vector<std::string> names = {"max", "mse"};
  return names;
}

int largest_weight_level(int bits) {
  if (bits < 2 || bits > 8) {
    fail(ErrorCode::bad_config, "weights of {} bits, expected 2 to 8", bits);
  }
  return (1 << (bits - 1)) - 1;
}

graph::Int8Weights round_weights(const graph::FloatWeights& w, float input_scale, int bits,
                                 WeightClip clip) {
  if (w.grid) bits = w.grid->bits;
  const auto levels = static_cast<float>(largest_weight_level(bits));
  const std::size_t outputs = w.bias.size();
  const std::size_t per_output = w.values.size() / outputs;
  graph::Int8Weights q;
  q.bits = bits <= 2 ? 2 : bits <= 4 ? 4 : 8;
  q.values.reserve(w.values.size());
  for (std::size_t c = 0; c < outputs; ++c) {
    const auto values = std::span(w.values).subspan(c * per_output, per_output);
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    const float for_bias = std::abs(w.bias[c]) / (input_scale * kLargestBias);
    const float smallest = std::max(for_bias, kSmallestScale);
    const float scale = w.grid ? std::max(w.grid->steps[c], smallest)
                        : clip == WeightClip::mse
                            ? mse_scale(values, largest / levels, levels, smallest)
                            : std::max(largest / levels, smallest);
    for (const float value : values) {
      q.values.push_back(static_cast<std::int8_t>(nearest_level(value, scale, levels)));
    }
    q.scales.push_back(scale);
    q.bias.push_back(round_bias(w.bias[c], double{input_scale} * scale));
  }
  return q;
}

std::int32_t round_bias(double bias, double scale) {
  const double limit = 1.001 * kLargestBias;  // room for the rounding of a float scale
  return static_cast<std::int32_t>(std::clamp(std::round(bias / scale), -limit, limit));
}

}  // namespace edgeproof::compress
