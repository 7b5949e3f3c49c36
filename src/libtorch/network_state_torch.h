#pragma once

// What a Network holds. Internal to libtorch; includes LibTorch.

#include <torch/torch.h>

#include <vector>

#include "libtorch/fake_quant.h"
#include "libtorch/network.h"
#include "libtorch/network_layers_torch.h"

namespace edgeproof::libtorch {

struct Network::State {
  graph::Graph original;
  NetworkOptions options;
  std::vector<Layer> layers;
  std::vector<Range> ranges;  // per layer, of those that compute
  at::Generator generator;

  void set_quantizer(std::size_t layer);
  void follow_bound(std::size_t layer);        // its range becomes what has been learned
  std::vector<torch::Tensor> tensors() const;  // all that evaluation uses
  torch::Tensor forward(const torch::Tensor& windows, Mode mode);

  // network_forward.cpp.
  struct Linear {
    torch::Tensor values;
    torch::Tensor accumulator_scale;  // per channel, of the integer program; with fake_quant only
  };
  Linear linear_part(Layer& layer, const torch::Tensor& x, float input_scale, Mode mode);
  struct Compute;     // what a layer gives before it is requantized, by operation
  struct AsIntegers;  // how the integer program requantizes that, by operation
  Range shared_range(std::size_t layer) const;
  graph::Quantization quantization_of_input(const Layer& layer, std::size_t which) const {
    return shared_range(layer.inputs[which]).quantization;
  }
  torch::Tensor requantize(std::size_t layer, const std::vector<torch::Tensor>& inputs,
                           const Linear& computed, Mode mode);
};

}  // namespace edgeproof::libtorch
