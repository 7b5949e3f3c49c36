#pragma once

// A graph's nodes grouped into layers: each a convolution, dense layer or other operation with the
// BatchNorm, ReLU and pooling that follow it. Internal to libtorch; includes LibTorch.

#include <torch/torch.h>

#include <optional>
#include <vector>

#include "graph/graph.h"
#include "libtorch/stages.h"

namespace edgeproof::libtorch {

struct BatchNormState {
  torch::Tensor gamma, beta, mean, variance;
  double epsilon;
  std::size_t node;
};

// One node of the folded graph, with the nodes of the original that it stands for.
struct Layer {
  graph::Op op;
  std::size_t node;       // the convolution, dense or other node in the original graph
  std::size_t last_node;  // the last node folded into it: where its range is kept
  torch::Tensor weight, bias;
  std::optional<BatchNormState> bn;
  Following following;
  int bits = 8;             // of the weights
  torch::Tensor log_scale;  // of the weights, per output channel, where it is learned
  torch::Tensor log_bound;  // of the activations, where it is learned
  int input_length = 0;
  const graph::Elementwise* clip = nullptr;  // what alone reads it, if that is one
  bool is_joined = false;                    // done by its input: a pool
  std::vector<std::size_t> inputs;           // layers
  std::size_t root = 0;  // the first of the layers that share one quantization with this one
};

// In the graph's order, without what is learned of a quantizer. The graph must be valid and
// foldable.
std::vector<Layer> make_layers(const graph::Graph& graph);

// A layer's weight and bias with its BatchNorm folded into them. In double precision, as
// graph::fold(): a weight must not fall on another level for an ulp. While the batch's statistics
// normalise, gradients reach BatchNorm's parameters there alone.
struct Folded {
  torch::Tensor weight, bias;
  torch::Tensor factor;  // of each channel; undefined without BatchNorm
};

Folded fold(const Layer& layer, bool batch_statistics = false);

// ReLU and pooling, by LibTorch.
torch::Tensor followed(const Layer& layer, const torch::Tensor& x);

// Of a folded weight.
torch::Tensor scales_of(const Layer& layer, const torch::Tensor& weight);

torch::Tensor to_tensor(const std::vector<float>& values);
std::vector<float> to_vector(const torch::Tensor& tensor);

}  // namespace edgeproof::libtorch
