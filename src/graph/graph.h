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

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/ops.h"

namespace edgeproof::graph {

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
