// Building, parameters and ranges; network_forward.cpp is what the layers compute. Test:
// network_test.cpp.

#include "libtorch/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compress/quantize.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "libtorch/fake_quant.h"
#include "libtorch/network_state_torch.h"

namespace edgeproof::libtorch {

using torch::Tensor;

Network::Network(const graph::Graph& graph, const NetworkOptions& options)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  graph::validate(graph);
  (void)graph::fold(graph);  // refuses what cannot be trained as it will be deployed
  s.original = graph;
  s.options = options;
  s.generator = at::detail::createCPUGenerator(options.seed);
  s.layers = make_layers(graph);
  const std::vector<int> bits =
      compress::activation_bits(graph, options.quantizer ? options.quantizer->activation_bits : 8);
  for (const Layer& layer : s.layers) {
    const auto& known = graph.nodes[layer.last_node].quantization;
    const auto fixed = graph::fixed_quantization(layer.op);
    const bool has_range = options.fake_quant && known && !graph::keeps_quantization(layer.op);
    s.ranges.push_back(options.fake_quant && fixed ? Range(*fixed)
                       : has_range                 ? Range(*known)
                                                   : Range());
    if (options.quantizer && !fixed) s.ranges.back().set_bits(bits[layer.last_node]);
  }
  if (options.fake_quant) {
    if (options.quantizer) compress::check(options.quantizer->weight_bits, graph);
    for (std::size_t i = 0; i < s.layers.size(); ++i) s.set_quantizer(i);
  }
}

void Network::State::set_quantizer(std::size_t index) {
  Layer& layer = layers[index];
  const train::Quantizer kind = options.quantizer ? options.quantizer->kind : train::Quantizer::ema;
  if (layer.weight.defined()) {
    const torch::NoGradGuard no_gradients;
    const auto& grid =
        std::get<graph::FloatWeights>(*graph::weights_of(original.nodes[layer.node].op)).grid;
    layer.bits = options.quantizer
                     ? options.quantizer->weight_bits.of(original.nodes[layer.node].name)
                 : grid ? grid->bits
                        : 8;
    if (grid &&
        (!options.quantizer || (kind == train::Quantizer::lsq && grid->bits == layer.bits))) {
      layer.log_scale = to_tensor(grid->steps).log();
    } else if (kind == train::Quantizer::lsq) {
      layer.log_scale = first_weight_scales(fold(layer).weight, layer.bits).log();
    }
    if (kind == train::Quantizer::lsq) layer.log_scale.requires_grad_();
  }
  const auto joined = std::ranges::count_if(layers, [&](const Layer& other) {
    return other.root == layer.root && !graph::keeps_quantization(other.op);
  });
  if (layer.following.relu && kind != train::Quantizer::ema && joined == 1) {
    const Range& range = ranges[index];
    layer.log_bound = torch::tensor(range.seen ? std::log(range.hi) : 0.0F).requires_grad_();
  }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

void Network::State::follow_bound(std::size_t layer) {
  const Tensor& bound = layers[layer].log_bound;
  if (bound.defined() && ranges[layer].seen) ranges[layer].set(0, std::exp(bound.item<float>()));
}

Tensor Network::forward(const Tensor& windows, Mode mode) {
  return state_->forward(windows, mode);
}

std::vector<Tensor> Network::weights() const {
  std::vector<Tensor> all;
  for (const Layer& layer : state_->layers) {
    if (layer.weight.defined()) all.push_back(layer.weight);
  }
  return all;
}

std::vector<Tensor> Network::other_parameters() const {
  std::vector<Tensor> all;
  for (const Layer& layer : state_->layers) {
    for (const Tensor& tensor : {layer.bias, layer.log_scale, layer.log_bound}) {
      if (tensor.defined() && tensor.requires_grad()) all.push_back(tensor);
    }
    if (layer.bn) {
      all.push_back(layer.bn->gamma);
      all.push_back(layer.bn->beta);
    }
  }
  return all;
}

std::vector<std::vector<double>> Network::take_gate_gradients() {
  const torch::NoGradGuard no_gradients;
  // Of a parameter [channels, ...], per channel.
  const auto gate = [](const Tensor& p) { return (p * p.grad()).reshape({p.size(0), -1}).sum(1); };
  std::vector<std::vector<double>> gates(state_->original.nodes.size());
  for (const Layer& layer : state_->layers) {
    const auto* conv = std::get_if<graph::Conv1d>(&layer.op);
    if (conv == nullptr || conv->groups > 1) continue;
    const Tensor sums = layer.bn ? gate(layer.bn->gamma) + gate(layer.bn->beta)
                                 : gate(layer.weight) + gate(layer.bias);
    const std::vector<float> values = to_vector(sums);
    gates[layer.node].assign(values.begin(), values.end());
  }
  for (const Tensor& parameter : weights()) parameter.mutable_grad().reset();
  for (const Tensor& parameter : other_parameters()) parameter.mutable_grad().reset();
  return gates;
}

std::vector<Tensor> Network::State::tensors() const {
  std::vector<Tensor> all;
  for (const Layer& layer : layers) {
    if (layer.weight.defined()) all.insert(all.end(), {layer.weight, layer.bias});
    if (layer.log_scale.defined()) all.push_back(layer.log_scale);
    if (layer.log_bound.defined()) all.push_back(layer.log_bound);
    if (!layer.bn) continue;
    const BatchNormState& bn = *layer.bn;
    all.insert(all.end(), {bn.gamma, bn.beta, bn.mean, bn.variance});
  }
  return all;
}

Network::Snapshot::Snapshot() = default;
Network::Snapshot::~Snapshot() = default;
Network::Snapshot::Snapshot(Snapshot&&) noexcept = default;
Network::Snapshot& Network::Snapshot::operator=(Snapshot&&) noexcept = default;

Network::Snapshot Network::snapshot() const {
  Snapshot snapshot;
  for (const Tensor& tensor : state_->tensors()) {
    snapshot.tensors_.push_back(tensor.detach().clone());
  }
  for (const Range& range : state_->ranges) {
    snapshot.ranges_.insert(snapshot.ranges_.end(), {range.lo, range.hi});
  }
  return snapshot;
}

void Network::restore(const Snapshot& snapshot) {
  const torch::NoGradGuard no_gradients;
  const std::vector<Tensor> tensors = state_->tensors();
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_(snapshot.tensors_[i]);
  for (std::size_t i = 0; i < state_->ranges.size(); ++i) {
    state_->ranges[i].set(snapshot.ranges_[2 * i], snapshot.ranges_[2 * i + 1]);
  }
}

void Network::blend_into(Snapshot& snapshot, double share) const {
  const std::vector<Tensor> tensors = state_->tensors();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    snapshot.tensors_[i].lerp_(tensors[i].detach(), share);
  }
  const auto blend = [share](float& into, float now) {
    into += static_cast<float>(share) * (now - into);
  };
  for (std::size_t i = 0; i < state_->ranges.size(); ++i) {
    blend(snapshot.ranges_[2 * i], state_->ranges[i].lo);
    blend(snapshot.ranges_[2 * i + 1], state_->ranges[i].hi);
  }
}

void Network::set_ranges(const graph::Graph& ranged) {
  const torch::NoGradGuard no_gradients;
  std::map<std::string_view, const graph::Node*> nodes;
  for (const graph::Node& node : ranged.nodes) nodes[node.name] = &node;
  for (std::size_t i = 0; i < state_->layers.size(); ++i) {
    Layer& layer = state_->layers[i];
    const auto found = nodes.find(state_->original.nodes[layer.node].name);
    if (found == nodes.end() || !found->second->quantization) continue;
    if (graph::keeps_quantization(layer.op) || graph::fixed_quantization(layer.op)) continue;
    Range& range = state_->ranges[i];
    range = Range(*found->second->quantization);
    if (layer.log_bound.defined()) layer.log_bound.fill_(std::log(range.hi));
  }
}

graph::Graph Network::graph() const {
  graph::Graph result = state_->original;
  for (std::size_t i = 0; i < state_->layers.size(); ++i) {
    const Layer& layer = state_->layers[i];
    if (layer.weight.defined()) {
      auto& w = std::get<graph::FloatWeights>(*graph::weights_of(result.nodes[layer.node].op));
      w.values =
          to_vector(layer.weight.dim() == 4 ? layer.weight.permute({0, 2, 3, 1}) : layer.weight);
      w.bias = to_vector(layer.bias);
      w.grid.reset();
      if (state_->options.fake_quant && (layer.bits < 8 || layer.log_scale.defined())) {
        w.grid = {layer.bits, to_vector(scales_of(layer, fold(layer).weight))};
      }
    }
    state_->follow_bound(i);
    if (layer.bn) {
      auto& bn = std::get<graph::BatchNorm>(result.nodes[layer.bn->node].op);
      bn.gamma = to_vector(layer.bn->gamma);
      bn.beta = to_vector(layer.bn->beta);
      bn.mean = to_vector(layer.bn->mean);
      bn.variance = to_vector(layer.bn->variance);
    }
    const Range range = state_->shared_range(i);
    if (range.seen) result.nodes[layer.last_node].quantization = range.quantization;
  }
  return result;
}

}  // namespace edgeproof::libtorch
