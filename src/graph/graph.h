#pragma once

// A network is a value: a list of typed operations on sequences, in topological order.
//
// Layout: activations are [length, channels], channels last, the batch implied. Convolution weights
// are [out_channels, kernel, in_channels / groups], dense weights [out_features, in_features] where
// the input is flattened channels-last. Node 0 is the one Input, the last node is the output
// (logits, or what a regressor predicts: no softmax, which changes neither the order of the logits
// nor what training needs).
//
// A graph is either FP32 throughout or int8 throughout. In an int8 graph every convolution and
// dense layer holds Int8Weights and every node says how its output is quantized; LiteRT's published
// int8 scheme: weights symmetric per output channel in [-127, 127], activations affine per tensor
// in [-128, 127], bias int32 with scale input_scale * weight_scale[c]. An FP32 graph may carry
// output quantizations too: they are the ranges that calibration or QAT found.
//
// Nothing here checks itself while it is built; infer_shapes() and validate() (shapes.h) do.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

struct Node {
  std::string name;  // unique in the graph
  Op op;
  std::vector<int> inputs;  // indices of earlier nodes
  std::optional<Quantization> quantization = {};
};

struct Graph {
  std::string name;
  std::vector<Node> nodes;

  const Shape& input_shape() const { return std::get<Input>(nodes.front().op).shape; }
};

// "conv1d", "max_pool", …: the name that messages and reports use. A convolution in groups is
// "depthwise_conv1d" if its weights say that each group has one input channel, or else
// "grouped_conv1d".
std::string_view op_name(const Op& op);

// The weights of a convolution or dense layer, otherwise null.
Weights* weights_of(Op& op);
const Weights* weights_of(const Op& op);

// The activation of an operation that has one (convolution, dense, addition, multiplication),
// otherwise null.
Activation* activation_of(Op& op);
const Activation* activation_of(const Op& op);

// Pooling and concatenation move levels about and compute none: in an int8 graph their output and
// all their inputs have one quantization, as LiteRT's published quantization specification demands.
bool keeps_quantization(const Op& op);

// For every node the first of the nodes that must have its quantization: two nodes share one if an
// operation that keeps_quantization() joins them, directly or through others. The first of them is
// never such an operation itself. The producers that a concatenation joins need one range for all.
std::vector<int> quantization_roots(const Graph& graph);

// The quantization that LiteRT's specification prescribes for an output: sigmoid has scale 1/256
// and zero point -128, tanh 1/128 and 0. An int8 graph may have another one, and runs here,
// but is no LiteRT model.
std::optional<Quantization> fixed_quantization(const Op& op);

// The prescribed quantization of a node's output, unless a concatenation makes it share another.
std::optional<Quantization> fixed_quantization(const Graph& graph, int node);

bool is_int8(const Graph& graph);

}  // namespace edgeproof::graph
