// Test: network_test.cpp.

#include "libtorch/network_layers_torch.h"

#include <algorithm>
#include <utility>

#include "graph/shapes.h"
#include "graph/traits.h"
#include "libtorch/fake_quant.h"

namespace edgeproof::libtorch {

using torch::Tensor;

Tensor to_tensor(const std::vector<float>& values) {
  return torch::tensor(torch::ArrayRef<float>(values), torch::kFloat32);
}

std::vector<float> to_vector(const Tensor& tensor) {
  const Tensor flat = tensor.detach().contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

namespace {

// [out, kernel, in/groups] -> [out, in/groups, 1, kernel], channels last.
Tensor conv_weight(const graph::FloatWeights& w, const graph::Conv1d& conv) {
  return to_tensor(w.values)
      .view({conv.out_channels, 1, conv.kernel, -1})
      .permute({0, 3, 1, 2})
      .contiguous(torch::MemoryFormat::ChannelsLast);
}

// Gives a layer the parameters of its operation.
struct AddParameters {
  Layer& layer;

  void operator()(const graph::Conv1d& conv) const {
    const auto& w = std::get<graph::FloatWeights>(conv.weights);
    add(conv_weight(w, conv), w.bias);
  }
  void operator()(const graph::Dense& dense) const {
    const auto& w = std::get<graph::FloatWeights>(dense.weights);
    add(to_tensor(w.values).view({static_cast<int64_t>(w.bias.size()), -1}), w.bias);
  }
  template <graph::MultipliesNothing Operation>
  void operator()(const Operation&) const {}

  void add(const Tensor& weight, const std::vector<float>& bias) const {
    layer.weight = weight.requires_grad_();
    layer.bias = to_tensor(bias).requires_grad_();
  }
};

// Makes `node`, which folds, part of the layer that it follows.
struct Follow {
  Layer& layer;
  std::size_t node;

  void operator()(const graph::BatchNorm& bn) const {
    layer.bn = BatchNormState{to_tensor(bn.gamma).requires_grad_(),
                              to_tensor(bn.beta).requires_grad_(),
                              to_tensor(bn.mean),
                              to_tensor(bn.variance),
                              bn.epsilon,
                              node};
    layer.bias.requires_grad_(false);  // BatchNorm's beta does its work
  }
  void operator()(const graph::Relu&) const { layer.following.relu = true; }
  template <graph::DoesNotFold Operation>
  void operator()(const Operation&) const {}
};

bool is_read_once(const std::vector<Layer>& layers, std::size_t input) {
  return std::ranges::count_if(layers, [input](const Layer& other) {
           return std::ranges::find(other.inputs, input) != other.inputs.end();
         }) == 1;
}

// What is clipped right away needs no range beyond the bounds.
void find_clips(std::vector<Layer>& layers) {
  for (const Layer& layer : layers) {
    const auto* elementwise = std::get_if<graph::Elementwise>(&layer.op);
    if (elementwise == nullptr || elementwise->function != graph::Elementwise::Function::clip)
      continue;
    if (is_read_once(layers, layer.inputs[0])) layers[layer.inputs[0]].clip = elementwise;
  }
}

// A convolution pools its own output where nothing else reads it: maximum and rounding commute.
void join_pools(std::vector<Layer>& layers) {
  constexpr int kLargest = 255;  // train/channel_kernels.h
  for (Layer& layer : layers) {
    const auto* pool = std::get_if<graph::MaxPool>(&layer.op);
    if (pool == nullptr || pool->kernel != pool->stride || pool->kernel > kLargest ||
        pool->pad_left + pool->pad_right > 0) {
      continue;
    }
    Layer& input = layers[layer.inputs[0]];
    if (!std::holds_alternative<graph::Conv1d>(input.op) || !input.following.relu ||
        !is_read_once(layers, layer.inputs[0])) {
      continue;
    }
    input.following.pool = pool->kernel;
    layer.is_joined = true;
  }
}

}  // namespace

std::vector<Layer> make_layers(const graph::Graph& graph) {
  std::vector<Layer> layers;
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  const std::vector<int> roots = graph::quantization_roots(graph);
  std::vector<std::size_t> layer_of(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    std::vector<std::size_t> inputs;
    for (const int input : node.inputs) inputs.push_back(layer_of[static_cast<std::size_t>(input)]);
    if (graph::traits(node.op).folds) {
      Layer& layer = layers[inputs[0]];
      std::visit(Follow{layer, i}, node.op);
      layer.last_node = i;
      layer_of[i] = inputs[0];
    } else {
      Layer layer{.op = node.op, .node = i, .last_node = i, .weight = {}, .bias = {}, .bn = {}};
      const graph::Activation* activation = graph::activation_of(layer.op);
      layer.following.relu = activation != nullptr && *activation == graph::Activation::relu;
      std::visit(AddParameters{layer}, node.op);
      if (!layer.weight.defined() && !node.inputs.empty()) {
        layer.input_length = shapes[static_cast<std::size_t>(node.inputs[0])].length;
      }
      layer.inputs = std::move(inputs);
      layer_of[i] = layers.size();
      layers.push_back(std::move(layer));
    }
  }
  for (Layer& layer : layers) {
    layer.root = layer_of[static_cast<std::size_t>(roots[layer.last_node])];
  }
  find_clips(layers);
  join_pools(layers);
  return layers;
}

Folded fold(const Layer& layer, bool batch_statistics) {
  if (!layer.bn) return {layer.weight, layer.bias, {}};
  const auto wide = [](const Tensor& x) { return x.to(torch::kFloat64); };
  const auto narrow = [](const Tensor& x) { return x.to(torch::kFloat32); };
  const BatchNormState& bn = *layer.bn;
  const Tensor gamma = batch_statistics ? bn.gamma.detach() : bn.gamma;
  const Tensor factor = wide(gamma) / torch::sqrt(wide(bn.variance) + bn.epsilon);
  if (batch_statistics) {
    return {narrow(wide(layer.weight) * over_channels(factor, layer.weight.dim(), 0)),
            {},
            narrow(factor)};
  }
  return {narrow(wide(layer.weight) * over_channels(factor, layer.weight.dim(), 0)),
          narrow((wide(layer.bias) - wide(bn.mean)) * factor + wide(bn.beta)), narrow(factor)};
}

Tensor followed(const Layer& layer, const Tensor& x) {
  const Tensor y = layer.following.relu ? torch::relu(x) : x;
  const int pool = layer.following.pool;
  return pool > 1 ? torch::max_pool2d(y, {1, pool}, {1, pool}) : y;
}

Tensor scales_of(const Layer& layer, const Tensor& weight) {
  return layer.log_scale.defined() ? layer.log_scale.exp() : weight_scales(weight, layer.bits);
}

}  // namespace edgeproof::libtorch
