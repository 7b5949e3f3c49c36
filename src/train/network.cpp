// The graph's nodes are grouped into layers once; forward() then walks the layers. BatchNorm under
// quantization: the weights are scaled by gamma / running sd before fake quantization, as they will
// be when folded; while statistics still move, the convolution's output is scaled back and
// normalised by the batch's own statistics, so that quantization noise does not enter them twice
// (Krishnamoorthi 2018, section 3.2.2). Test: network_test.cpp.

#include "train/network.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "train/fake_quant.h"

namespace edgeproof::train {
namespace {

using torch::Tensor;

struct BatchNormState {
  Tensor gamma, beta, mean, variance;
  double epsilon;
  size_t node;
};

// One node of the folded graph, with the nodes of the original that it stands for.
struct Layer {
  graph::Op op;
  size_t node;       // the convolution, dense or other node in the original graph
  size_t last_node;  // the last node folded into it: where its range is kept
  Tensor weight, bias;
  std::optional<BatchNormState> bn;
  bool relu = false;
  int input_length = 0;
  int quantized_like = -1;  // layer whose range this one's output has; itself if it requantizes
};

Tensor to_tensor(const std::vector<float>& values) {
  return torch::tensor(torch::ArrayRef<float>(values), torch::kFloat32);
}

std::vector<float> to_vector(const Tensor& tensor) {
  const Tensor flat = tensor.detach().contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

// [out, kernel, in/groups] -> [out, in/groups, 1, kernel], channels last.
Tensor conv_weight(const graph::FloatWeights& w, const graph::Conv1d& conv) {
  return to_tensor(w.values)
      .view({conv.out_channels, 1, conv.kernel, -1})
      .permute({0, 3, 1, 2})
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace

struct Network::State {
  graph::Graph original;
  NetworkOptions options;
  std::vector<Layer> layers;
  std::vector<Range> ranges;  // per layer
  at::Generator generator;

  std::vector<Tensor> tensors() const;  // all that evaluation uses
  Tensor convolve(const Layer& layer, const Tensor& x, const Tensor& weight, const Tensor& bias);
  struct Linear {
    Tensor values;
    Tensor accumulator_scale;  // per channel, of the integer program; with fake_quant only
  };
  Linear linear_part(Layer& layer, const Tensor& x, float input_scale, Mode mode);
  Tensor requantize(size_t layer, const Tensor& x, const Tensor& accumulator_scale, Mode mode);
};

Network::Network(const graph::Graph& graph, const NetworkOptions& options)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  graph::validate(graph);
  (void)graph::fold(graph);  // refuses what cannot be trained as it will be deployed
  for (const graph::Node& node : graph.nodes) {
    if (node.inputs.size() > 1) {
      fail(ErrorCode::unsupported, "node '{}' ({}): not supported yet", node.name,
           graph::op_name(node.op));
    }
  }
  s.original = graph;
  s.options = options;
  s.generator = at::detail::createCPUGenerator(options.seed);
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  std::vector<int> layer_of(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (const auto* bn = std::get_if<graph::BatchNorm>(&node.op)) {
      Layer& layer = s.layers.back();
      layer.bn = BatchNormState{to_tensor(bn->gamma).requires_grad_(),
                                to_tensor(bn->beta).requires_grad_(),
                                to_tensor(bn->mean),
                                to_tensor(bn->variance),
                                bn->epsilon,
                                i};
      layer.bias.requires_grad_(false);  // BatchNorm's beta does its work
      layer.last_node = i;
    } else if (std::holds_alternative<graph::Relu>(node.op)) {
      s.layers.back().relu = true;
      s.layers.back().last_node = i;
    } else {
      Layer layer{.op = node.op, .node = i, .last_node = i, .weight = {}, .bias = {}, .bn = {}};
      layer.quantized_like = static_cast<int>(s.layers.size());
      if (const graph::Weights* weights = graph::weights_of(node.op)) {
        const auto& w = std::get<graph::FloatWeights>(*weights);
        const auto* conv = std::get_if<graph::Conv1d>(&node.op);
        layer.weight = conv != nullptr
                           ? conv_weight(w, *conv)
                           : to_tensor(w.values).view({static_cast<int64_t>(w.bias.size()), -1});
        layer.weight.requires_grad_();
        layer.bias = to_tensor(w.bias).requires_grad_();
      } else if (graph::keeps_quantization(node.op)) {
        layer.input_length = shapes[static_cast<size_t>(node.inputs[0])].length;
        layer.quantized_like =
            s.layers[static_cast<size_t>(layer_of[static_cast<size_t>(node.inputs[0])])]
                .quantized_like;
      }
      s.layers.push_back(std::move(layer));
    }
    layer_of[i] = static_cast<int>(s.layers.size()) - 1;
  }
  for (const Layer& layer : s.layers) {
    const auto& known = graph.nodes[layer.last_node].quantization;
    s.ranges.push_back(options.fake_quant && known ? Range(*known) : Range());
  }
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

Tensor Network::State::convolve(const Layer& layer, const Tensor& x, const Tensor& weight,
                                const Tensor& bias) {
  if (!std::holds_alternative<graph::Conv1d>(layer.op)) {
    // A dense layer takes its input flattened channels-last.
    const Tensor flat = x.dim() == 4 ? x.permute({0, 2, 3, 1}).flatten(1) : x;
    return torch::linear(flat, weight, bias);
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
  const bool batch_statistics = mode == Mode::train;
  if (!options.fake_quant) {
    const Tensor y = convolve(layer, x, layer.weight, layer.bias);
    if (!layer.bn) return {y, {}};
    const BatchNormState& bn = *layer.bn;
    return {torch::batch_norm(y, bn.gamma, bn.beta, bn.mean, bn.variance, batch_statistics, 0.1,
                              bn.epsilon, false),
            {}};
  }
  Tensor folded_weight = layer.weight, folded_bias = layer.bias, factor;
  if (layer.bn) {
    factor = layer.bn->gamma / torch::sqrt(layer.bn->variance + layer.bn->epsilon);
    folded_weight = layer.weight * over_channels(factor, layer.weight.dim(), 0);
    folded_bias = (layer.bias - layer.bn->mean) * factor + layer.bn->beta;
  }
  const Tensor weight_scale = weight_scales(folded_weight);
  const Tensor weight = fake_quantize_weight(folded_weight, weight_scale);
  const Tensor accumulator_scale = weight_scale * input_scale;
  if (!layer.bn || !batch_statistics) {
    return {convolve(layer, x, weight, fake_quantize_bias(folded_bias, accumulator_scale)),
            accumulator_scale};
  }
  const BatchNormState& bn = *layer.bn;
  const Tensor safe = torch::where(factor.abs() < 1e-6, torch::full_like(factor, 1e-6), factor);
  const Tensor y = convolve(layer, x, weight, {});
  const Tensor unscaled =
      y / over_channels(safe, y.dim(), 1) + over_channels(layer.bias, y.dim(), 1);
  return {torch::batch_norm(unscaled, bn.gamma, bn.beta, bn.mean, bn.variance, true, 0.1,
                            bn.epsilon, false),
          accumulator_scale};
}

Tensor Network::State::requantize(size_t layer, const Tensor& x, const Tensor& accumulator_scale,
                                  Mode mode) {
  if (!options.fake_quant) return x;
  const graph::Op& op = layers[layer].op;
  if (std::holds_alternative<graph::MaxPool>(op)) return x;  // a maximum of levels is a level
  const auto source = static_cast<size_t>(layers[layer].quantized_like);
  Range& range = ranges[source];
  if (source == layer && mode != Mode::evaluate) range.observe(x, options.range_momentum);
  if (!range.seen) return x;
  const graph::Quantization q = range.quantization;
  if (mode != Mode::evaluate || std::holds_alternative<graph::Input>(op)) {
    return fake_quantize_activation(x, q);
  }
  if (std::holds_alternative<graph::GlobalAveragePool>(op)) {
    return average_as_integers(x, layers[layer].input_length, q);
  }
  return requantize_as_integers(x, accumulator_scale, q);
}

Tensor Network::forward(const Tensor& windows, Mode mode) {
  State& s = *state_;
  std::vector<Tensor> outputs(s.layers.size());
  std::vector<int> layer_of(s.original.nodes.size(), 0);
  for (size_t i = 0; i < s.layers.size(); ++i) {
    Layer& layer = s.layers[i];
    Tensor accumulator_scale;
    for (size_t n = layer.node; n <= layer.last_node; ++n) layer_of[n] = static_cast<int>(i);
    Tensor x;
    if (std::holds_alternative<graph::Input>(layer.op)) {
      x = windows.unsqueeze(1).permute({0, 3, 1, 2});
    } else {
      const auto input = static_cast<size_t>(s.original.nodes[layer.node].inputs[0]);
      const auto input_layer = static_cast<size_t>(layer_of[input]);
      x = outputs[input_layer];
      if (const auto* pool = std::get_if<graph::MaxPool>(&layer.op)) {
        x = torch::max_pool2d(x, {1, pool->kernel}, {1, pool->stride});
      } else if (std::holds_alternative<graph::GlobalAveragePool>(layer.op)) {
        x = x.mean({2, 3}, true);
      } else {
        const bool drops = std::holds_alternative<graph::Dense>(layer.op) &&
                           mode != Mode::evaluate && s.options.dropout > 0;
        if (drops) {
          const double keep = 1 - s.options.dropout;
          x = x * torch::bernoulli(torch::full_like(x, keep), s.generator) / keep;
        }
        const auto source = static_cast<size_t>(s.layers[input_layer].quantized_like);
        const auto linear = s.linear_part(layer, x, s.ranges[source].quantization.scale, mode);
        x = linear.values;
        accumulator_scale = linear.accumulator_scale;
      }
      if (layer.relu) x = torch::relu(x);
    }
    outputs[i] = s.requantize(i, x, accumulator_scale, mode);
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
    if (layer.bias.defined() && layer.bias.requires_grad()) all.push_back(layer.bias);
    if (layer.bn) {
      all.push_back(layer.bn->gamma);
      all.push_back(layer.bn->beta);
    }
  }
  return all;
}

std::vector<Tensor> Network::State::tensors() const {
  std::vector<Tensor> all;
  for (const Layer& layer : layers) {
    if (layer.weight.defined()) all.insert(all.end(), {layer.weight, layer.bias});
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

graph::Graph Network::graph() const {
  graph::Graph result = state_->original;
  for (size_t i = 0; i < state_->layers.size(); ++i) {
    const Layer& layer = state_->layers[i];
    if (layer.weight.defined()) {
      auto& w = std::get<graph::FloatWeights>(*graph::weights_of(result.nodes[layer.node].op));
      w.values =
          to_vector(layer.weight.dim() == 4 ? layer.weight.permute({0, 2, 3, 1}) : layer.weight);
      w.bias = to_vector(layer.bias);
    }
    if (layer.bn) {
      auto& bn = std::get<graph::BatchNorm>(result.nodes[layer.bn->node].op);
      bn.gamma = to_vector(layer.bn->gamma);
      bn.beta = to_vector(layer.bn->beta);
      bn.mean = to_vector(layer.bn->mean);
      bn.variance = to_vector(layer.bn->variance);
    }
    const Range& range = state_->ranges[static_cast<size_t>(layer.quantized_like)];
    if (range.seen) result.nodes[layer.last_node].quantization = range.quantization;
  }
  return result;
}

}  // namespace edgeproof::train
