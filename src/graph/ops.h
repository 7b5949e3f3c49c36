#pragma once

// The operations of a network, one struct each, and the variant of them all; graph.h says how
// values are laid out. traits.h has what is true of each whatever its parameters.

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace edgeproof::graph {

struct Shape {
  int length = 0;
  int channels = 0;
  int size() const { return length * channels; }
  bool operator==(const Shape&) const = default;
};

// real = scale * (q - zero_point), q in [lowest(), highest()]: the levels of int8, or those of
// fewer bits in its place. Fewer are a simulation: accuracy is that of so many bits, memory and
// speed are int8's.
struct Quantization {
  float scale = 0;
  std::int32_t zero_point = 0;
  int bits = 8;  // 2 to 8
  int lowest() const { return -(1 << (bits - 1)); }
  int highest() const { return (1 << (bits - 1)) - 1; }
  bool operator==(const Quantization&) const = default;
};

// The levels that quantization-aware training rounded weights to: step[c] * integer, the integer
// within +-(2^(bits-1) - 1). Of the weights as they are after folding.
struct WeightGrid {
  int bits = 8;              // 2 to 8
  std::vector<float> steps;  // one per output channel
  bool operator==(const WeightGrid&) const = default;
};

struct FloatWeights {
  std::vector<float> values;
  std::vector<float> bias;              // one per output channel
  std::optional<WeightGrid> grid = {};  // nothing: quantization finds its own
};

struct Int8Weights {
  std::vector<std::int8_t> values;
  std::vector<float> scales;       // one per output channel
  std::vector<std::int32_t> bias;  // one per output channel
  // What a weight takes in a model file and on a device, packed: 8, 4 or 2. Levels are within
  // +-(2^(bits-1) - 1); here each has a byte.
  int bits = 8;
};

using Weights = std::variant<FloatWeights, Int8Weights>;

enum class Activation { none, relu };

struct Input {
  Shape shape;
};

// Cross-correlation over the length, zero-padded. Depthwise: groups == input channels.
struct Conv1d {
  int out_channels = 0;
  int kernel = 1;
  int stride = 1;
  int pad_left = 0;
  int pad_right = 0;
  int dilation = 1;
  int groups = 1;
  Activation activation = Activation::none;
  Weights weights = {};
};

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, per channel.
struct BatchNorm {
  std::vector<float> gamma, beta, mean, variance;
  float epsilon = 1e-5F;
};

struct Relu {};

// Padding never wins: a window's maximum is over those of its positions that are inside the input,
// as ONNX and LiteRT define it. Each padding is smaller than the kernel, so that there is one.
// Windows that do not fit into the padded input are left out.
struct MaxPool {
  int kernel = 2;
  int stride = 2;
  int pad_left = 0;
  int pad_right = 0;
};

// The mean over those positions of a window that are inside the input: padding is not counted
// (count_include_pad = 0 in ONNX; what LiteRT does). Windows and padding as in MaxPool.
struct AveragePool {
  int kernel = 2;
  int stride = 2;
  int pad_left = 0;
  int pad_right = 0;
};

struct GlobalAveragePool {};  // [length, channels] -> [1, channels]

struct Dense {
  int out_features = 0;
  Activation activation = Activation::none;
  Weights weights = {};
};

// The sum of two inputs of one shape: where a residual branch ends.
struct Add {
  Activation activation = Activation::none;
};

// The product of two inputs of one shape, or of a sequence and a gate: the second input is then
// [1, channels], the same at every position (squeeze and excitation, Hu et al. 2018).
struct Mul {
  Activation activation = Activation::none;
};

// One function of every value (elementwise.h). It stays a node of its own, after folding too; in an
// int8 graph it maps levels to levels.
struct Elementwise {
  enum class Function { clip, leaky_relu, hard_swish, sigmoid, tanh, elu };
  Function function = Function::clip;
  float low = 0;  // of clip: low <= high; either may be infinite
  float high = 6;
  float slope = 0.01F;  // of leaky_relu, below zero
  float alpha = 1;      // of elu: far below zero it is -alpha
};

// Two or more inputs of one length side by side: their channels in the order of the inputs.
struct Concat {};

using Op = std::variant<Input, Conv1d, BatchNorm, Relu, MaxPool, GlobalAveragePool, Dense, Add,
                        Concat, AveragePool, Mul, Elementwise>;

}  // namespace edgeproof::graph
