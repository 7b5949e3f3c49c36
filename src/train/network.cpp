// forward() walks the layers. BatchNorm under quantization: the weights are scaled by gamma /
// running sd before fake quantization, as they will be when folded; while statistics still move,
// the convolution's output is scaled back and normalised by the batch's own statistics, so that
// quantization noise does not enter them twice (Krishnamoorthi 2018, section 3.2.2).

#include "train/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "compress/quantize.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "train/fake_quant.h"
#include "train/network_layers_torch.h"
#include "train/operators.h"
#include "train/stages.h"

namespace edgeproof::train {

using torch::Tensor;

const std::vector<std::string>& quantizer_names() {
  static const std::vector<std::string> names = {"ema", "lsq", "pact"};
  return names;
}

struct Network::State {
  graph::Graph original;
  NetworkOptions options;
  std::vector<Layer> layers;
  std::vector<Range> ranges;  // per layer, of those that compute
  at::Generator generator;

  void set_quantizer(size_t layer);
  void follow_bound(size_t layer);      // its range becomes what has been learned
  std::vector<Tensor> tensors() const;  // all that evaluation uses
  Tensor convolve(const Layer& layer, const Tensor& x, const Tensor& weight, const Tensor& bias);
  struct Linear {
    Tensor values;
    Tensor accumulator_scale;  // per channel, of the integer program; with fake_quant only
  };
  Linear linear_part(Layer& layer, const Tensor& x, float input_scale, Mode mode);
  Linear compute(Layer& layer, const std::vector<Tensor>& inputs, Mode mode);
  Range shared_range(size_t layer) const;
  Tensor requantize(size_t layer, const std::vector<Tensor>& inputs, const Linear& computed,
                    Mode mode);
};

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
    for (size_t i = 0; i < s.layers.size(); ++i) s.set_quantizer(i);
  }
}

void Network::State::set_quantizer(size_t index) {
  Layer& layer = layers[index];
  const Quantizer kind = options.quantizer ? options.quantizer->kind : Quantizer::ema;
  if (layer.weight.defined()) {
    const torch::NoGradGuard no_gradients;
    const auto& grid =
        std::get<graph::FloatWeights>(*graph::weights_of(original.nodes[layer.node].op)).grid;
    layer.bits = options.quantizer
                     ? options.quantizer->weight_bits.of(original.nodes[layer.node].name)
                 : grid ? grid->bits
                        : 8;
    if (grid && (!options.quantizer || (kind == Quantizer::lsq && grid->bits == layer.bits))) {
      layer.log_scale = to_tensor(grid->steps).log();
    } else if (kind == Quantizer::lsq) {
      layer.log_scale = first_weight_scales(fold(layer).weight, layer.bits).log();
    }
    if (kind == Quantizer::lsq) layer.log_scale.requires_grad_();
  }
  const auto joined = std::ranges::count_if(layers, [&](const Layer& other) {
    return other.root == layer.root && !graph::keeps_quantization(other.op);
  });
  if (layer.following.relu && kind != Quantizer::ema && joined == 1) {
    const Range& range = ranges[index];
    layer.log_bound = torch::tensor(range.seen ? std::log(range.hi) : 0.0F).requires_grad_();
  }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

void Network::State::follow_bound(size_t layer) {
  const Tensor& bound = layers[layer].log_bound;
  if (bound.defined() && ranges[layer].seen) ranges[layer].set(0, std::exp(bound.item<float>()));
}

Tensor Network::State::convolve(const Layer& layer, const Tensor& x, const Tensor& weight,
                                const Tensor& bias) {
  if (!std::holds_alternative<graph::Conv1d>(layer.op)) {
    // A dense layer takes its input flattened channels-last.
    const Tensor flat = x.permute({0, 2, 3, 1}).flatten(1);
    return torch::linear(flat, weight, bias).unsqueeze(2).unsqueeze(3);
  }
  const auto& conv = std::get<graph::Conv1d>(layer.op);
  Tensor padded = x;
  int64_t padding = conv.pad_left;
  if (conv.pad_left != conv.pad_right) {
    padded = torch::constant_pad_nd(x, {conv.pad_left, conv.pad_right});
    padding = 0;
  }
  return torch::conv2d(padded, weight, bias, {1, conv.stride}, torch::IntArrayRef({0, padding}),
                       {1, conv.dilation}, conv.groups);
}

Network::State::Linear Network::State::linear_part(Layer& layer, const Tensor& x, float input_scale,
                                                   Mode mode) {
  const bool normalises = layer.bn && mode == Mode::train;
  Tensor weight = layer.weight, bias = layer.bias, factor, accumulator_scale;
  if (options.fake_quant) {
    const Folded folded = fold(layer, normalises);
    const Tensor scales = scales_of(layer, folded.weight);
    weight = scales.requires_grad() ? learned_quantize_weight(folded.weight, scales, layer.bits)
                                    : fake_quantize_weight(folded.weight, scales, layer.bits);
    accumulator_scale = scales.detach() * input_scale;
    if (normalises) {
      const Tensor least = torch::full_like(folded.factor, 1e-6);
      factor = torch::where(folded.factor.abs() < 1e-6, least, folded.factor);
    } else {
      bias = fake_quantize_bias(folded.bias, accumulator_scale);
    }
  }
  if (normalises) {
    const BatchNormState& bn = *layer.bn;
    return {normalize(convolve(layer, x, weight, {}), factor, bias, bn.gamma, bn.beta, bn.mean,
                      bn.variance, bn.epsilon, layer.following),
            accumulator_scale};
  }
  if (layer.bn && !options.fake_quant) {
    const BatchNormState& bn = *layer.bn;
    const Tensor y = convolve(layer, x, weight, bias);
    return {followed(layer, torch::batch_norm(y, bn.gamma, bn.beta, bn.mean, bn.variance, false, 0,
                                              bn.epsilon, false)),
            {}};
  }
  if (std::holds_alternative<graph::Conv1d>(layer.op)) {
    return {add_bias(convolve(layer, x, weight, {}), bias, layer.following), accumulator_scale};
  }
  return {followed(layer, convolve(layer, x, weight, bias)), accumulator_scale};
}

// Layers that a concatenation joins each follow their own range; all are quantized by the union.
Range Network::State::shared_range(size_t layer) const {
  Range shared;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].root == layers[layer].root) shared.include(ranges[i]);
  }
  return shared;
}

Tensor Network::State::requantize(size_t layer, const std::vector<Tensor>& inputs,
                                  const Linear& computed, Mode mode) {
  const Tensor& x = computed.values;
  if (!options.fake_quant) return x;
  const graph::Op& op = layers[layer].op;
  if (std::holds_alternative<graph::MaxPool>(op) || std::holds_alternative<graph::Concat>(op)) {
    return x;  // levels already
  }
  const Tensor& log_bound = layers[layer].log_bound;
  if (mode != Mode::evaluate && !graph::keeps_quantization(op) && !graph::fixed_quantization(op)) {
    const torch::NoGradGuard no_gradients;
    const bool first = !ranges[layer].seen;
    if (first || (options.range_momentum > 0 && !log_bound.defined())) {
      const graph::Elementwise* clip = layers[layer].clip;
      ranges[layer].observe(clip == nullptr ? x : evaluate(*clip, x), options.range_momentum);
    }
    if (first && log_bound.defined()) log_bound.fill_(std::log(ranges[layer].hi));
  }
  follow_bound(layer);
  const Range range = shared_range(layer);
  if (!range.seen) return x;
  const graph::Quantization q = range.quantization;
  if (mode != Mode::evaluate && log_bound.defined()) {
    return options.quantizer->kind == Quantizer::lsq
               ? learned_quantize_activation(x, log_bound.exp() / (q.highest() - q.lowest()),
                                             q.bits)
               : fake_quantize_activation(clipped(x, log_bound.exp()), q);
  }
  // A function of one value is rounded once (hard_swish in int8 may be a level off).
  if (mode != Mode::evaluate || std::holds_alternative<graph::Input>(op) ||
      std::holds_alternative<graph::Elementwise>(op)) {
    return fake_quantize_activation(x, q);
  }
  if (std::holds_alternative<graph::GlobalAveragePool>(op)) {
    return average_as_integers(x, torch::tensor(double(layers[layer].input_length)), q);
  }
  if (const auto* pool = std::get_if<graph::AveragePool>(&op)) {
    return average_as_integers(x, window_counts(*pool, layers[layer].input_length), q);
  }
  if (std::holds_alternative<graph::Mul>(op)) {
    const std::vector<size_t>& from = layers[layer].inputs;
    return multiply_as_integers(inputs[0], shared_range(from[0]).quantization, inputs[1],
                                shared_range(from[1]).quantization, layers[layer].following.relu,
                                q);
  }
  if (std::holds_alternative<graph::Add>(op)) {
    const std::vector<size_t>& from = layers[layer].inputs;
    return add_as_integers(inputs[0], shared_range(from[0]).quantization, inputs[1],
                           shared_range(from[1]).quantization, layers[layer].following.relu, q);
  }
  return requantize_as_integers(x, computed.accumulator_scale, q);
}

Network::State::Linear Network::State::compute(Layer& layer, const std::vector<Tensor>& inputs,
                                               Mode mode) {
  Tensor x = inputs[0];
  if (layer.is_joined) return {x, {}};
  if (const auto* pool = std::get_if<graph::MaxPool>(&layer.op)) {
    if (pool->pad_left + pool->pad_right > 0) {
      x = torch::constant_pad_nd(x, {pool->pad_left, pool->pad_right},
                                 -std::numeric_limits<float>::infinity());
    }
    return {torch::max_pool2d(x, {1, pool->kernel}, {1, pool->stride}), {}};
  }
  if (const auto* pool = std::get_if<graph::AveragePool>(&layer.op)) {
    return {average_pool(*pool, x), {}};
  }
  if (const auto* elementwise = std::get_if<graph::Elementwise>(&layer.op)) {
    return {evaluate(*elementwise, x), {}};
  }
  if (std::holds_alternative<graph::Mul>(layer.op)) return {followed(layer, x * inputs[1]), {}};
  if (std::holds_alternative<graph::GlobalAveragePool>(layer.op)) return {x.mean({2, 3}, true), {}};
  if (std::holds_alternative<graph::Concat>(layer.op)) return {torch::cat(inputs, 1), {}};
  if (std::holds_alternative<graph::Add>(layer.op)) return {followed(layer, x + inputs[1]), {}};
  if (std::holds_alternative<graph::Dense>(layer.op) && mode != Mode::evaluate &&
      options.dropout > 0) {
    const double keep = 1 - options.dropout;
    x = x * torch::bernoulli(torch::full_like(x, keep), generator) / keep;
  }
  return linear_part(layer, x, shared_range(layer.inputs[0]).quantization.scale, mode);
}

Tensor Network::forward(const Tensor& windows, Mode mode) {
  State& s = *state_;
  std::vector<Tensor> outputs;
  for (size_t i = 0; i < s.layers.size(); ++i) {
    Layer& layer = s.layers[i];
    std::vector<Tensor> inputs;
    for (const size_t input : layer.inputs) inputs.push_back(outputs[input]);
    const State::Linear computed =
        inputs.empty() ? State::Linear{windows.unsqueeze(1).permute({0, 3, 1, 2}), {}}
                       : s.compute(layer, inputs, mode);
    outputs.push_back(s.requantize(i, inputs, computed, mode));
  }
  return outputs.back().flatten(1);
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
  for (size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_(snapshot.tensors_[i]);
  for (size_t i = 0; i < state_->ranges.size(); ++i) {
    state_->ranges[i].set(snapshot.ranges_[2 * i], snapshot.ranges_[2 * i + 1]);
  }
}

void Network::blend_into(Snapshot& snapshot, double share) const {
  const std::vector<Tensor> tensors = state_->tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    snapshot.tensors_[i].lerp_(tensors[i].detach(), share);
  }
  const auto blend = [share](float& into, float now) {
    into += static_cast<float>(share) * (now - into);
  };
  for (size_t i = 0; i < state_->ranges.size(); ++i) {
    blend(snapshot.ranges_[2 * i], state_->ranges[i].lo);
    blend(snapshot.ranges_[2 * i + 1], state_->ranges[i].hi);
  }
}

void Network::set_ranges(const graph::Graph& ranged) {
  const torch::NoGradGuard no_gradients;
  std::map<std::string_view, const graph::Node*> nodes;
  for (const graph::Node& node : ranged.nodes) nodes[node.name] = &node;
  for (size_t i = 0; i < state_->layers.size(); ++i) {
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
  for (size_t i = 0; i < state_->layers.size(); ++i) {
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

}  // namespace edgeproof::train
