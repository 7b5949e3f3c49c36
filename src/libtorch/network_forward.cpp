// forward() walks the layers. BatchNorm under quantization: the weights are scaled by gamma /
// running sd before fake quantization, as they will be when folded; while statistics still move,
// the convolution's output is scaled back and normalised by the batch's own statistics, so that
// quantization noise does not enter them twice (Krishnamoorthi 2018, section 3.2.2). Test:
// network_test.cpp.

#include <cmath>

#include "core/error.h"
#include "graph/traits.h"
#include "libtorch/fake_quant.h"
#include "libtorch/network_state_torch.h"
#include "libtorch/operators.h"
#include "libtorch/stages.h"

namespace edgeproof::libtorch {

using torch::Tensor;

namespace {

// Of operations that make_layers() makes part of the layer before, or that have no weights.
[[noreturn]] void refuse_to_compute(const graph::Op& op) {
  fail(ErrorCode::unsupported, "{}: cannot be trained as a layer of its own", graph::op_name(op));
}

// The sums of products of an operation with weights.
struct Convolve {
  const Tensor &x, &weight, &bias;

  Tensor operator()(const graph::Conv1d& conv) const {
    Tensor padded = x;
    int64_t padding = conv.pad_left;
    if (conv.pad_left != conv.pad_right) {
      padded = torch::constant_pad_nd(x, {conv.pad_left, conv.pad_right});
      padding = 0;
    }
    return torch::conv2d(padded, weight, bias, {1, conv.stride}, torch::IntArrayRef({0, padding}),
                         {1, conv.dilation}, conv.groups);
  }
  // A dense layer takes its input flattened channels-last.
  Tensor operator()(const graph::Dense&) const {
    const Tensor flat = x.permute({0, 2, 3, 1}).flatten(1);
    return torch::linear(flat, weight, bias).unsqueeze(2).unsqueeze(3);
  }
  template <graph::MultipliesNothing Operation>
  Tensor operator()(const Operation& operation) const {
    refuse_to_compute(operation);
  }
};

Tensor convolve(const Layer& layer, const Tensor& x, const Tensor& weight, const Tensor& bias) {
  return std::visit(Convolve{x, weight, bias}, layer.op);
}

// Maxima and copies of levels are levels: there is nothing to round.
struct IsOfLevels {
  template <graph::OneOf<graph::MaxPool, graph::Concat> Operation>
  bool operator()(const Operation&) const {
    return true;
  }
  template <graph::OneOf<graph::Input, graph::Conv1d, graph::Dense, graph::AveragePool,
                         graph::GlobalAveragePool, graph::Add, graph::Mul, graph::Elementwise,
                         graph::BatchNorm, graph::Relu>
                Operation>
  bool operator()(const Operation&) const {
    return false;
  }
};

}  // namespace

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
Range Network::State::shared_range(std::size_t layer) const {
  Range shared;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (layers[i].root == layers[layer].root) shared.include(ranges[i]);
  }
  return shared;
}

struct Network::State::AsIntegers {
  const State& state;
  const Layer& layer;
  const std::vector<Tensor>& inputs;
  const Linear& computed;
  graph::Quantization to;

  const Tensor& x() const { return computed.values; }
  graph::Quantization from(std::size_t which) const {
    return state.quantization_of_input(layer, which);
  }

  // A function of one value is rounded once (hard_swish in int8 may be a level off).
  template <graph::OneOf<graph::Input, graph::Elementwise> Operation>
  Tensor operator()(const Operation&) const {
    return fake_quantize_activation(x(), to);
  }
  template <graph::OneOf<graph::Conv1d, graph::Dense> Operation>
  Tensor operator()(const Operation&) const {
    return requantize_as_integers(x(), computed.accumulator_scale, to);
  }
  Tensor operator()(const graph::GlobalAveragePool&) const {
    return average_as_integers(x(), torch::tensor(double(layer.input_length)), to);
  }
  Tensor operator()(const graph::AveragePool& pool) const {
    return average_as_integers(x(), window_counts(pool, layer.input_length), to);
  }
  Tensor operator()(const graph::Mul&) const {
    return multiply_as_integers(inputs[0], from(0), inputs[1], from(1), layer.following.relu, to);
  }
  Tensor operator()(const graph::Add&) const {
    return add_as_integers(inputs[0], from(0), inputs[1], from(1), layer.following.relu, to);
  }
  // Levels already.
  template <graph::OneOf<graph::MaxPool, graph::Concat> Operation>
  Tensor operator()(const Operation&) const {
    return x();
  }
  template <graph::Folds Operation>
  Tensor operator()(const Operation& operation) const {
    refuse_to_compute(operation);
  }
};

Tensor Network::State::requantize(std::size_t index, const std::vector<Tensor>& inputs,
                                  const Linear& computed, Mode mode) {
  const Tensor& x = computed.values;
  const Layer& layer = layers[index];
  if (!options.fake_quant || std::visit(IsOfLevels{}, layer.op)) return x;
  const Tensor& log_bound = layer.log_bound;
  if (mode != Mode::evaluate && !graph::keeps_quantization(layer.op) &&
      !graph::fixed_quantization(layer.op)) {
    const torch::NoGradGuard no_gradients;
    const bool first = !ranges[index].seen;
    if (first || (options.range_momentum > 0 && !log_bound.defined())) {
      const graph::Elementwise* clip = layer.clip;
      ranges[index].observe(clip == nullptr ? x : evaluate(*clip, x), options.range_momentum);
    }
    if (first && log_bound.defined()) log_bound.fill_(std::log(ranges[index].hi));
  }
  follow_bound(index);
  const Range range = shared_range(index);
  if (!range.seen) return x;
  const graph::Quantization q = range.quantization;
  if (mode == Mode::evaluate) {
    return std::visit(AsIntegers{*this, layer, inputs, computed, q}, layer.op);
  }
  if (!log_bound.defined()) return fake_quantize_activation(x, q);
  return options.quantizer->kind == train::Quantizer::lsq
             ? learned_quantize_activation(x, log_bound.exp() / (q.highest() - q.lowest()), q.bits)
             : fake_quantize_activation(clipped(x, log_bound.exp()), q);
}

struct Network::State::Compute {
  State& state;
  Layer& layer;
  const Tensor& windows;
  const std::vector<Tensor>& inputs;
  Mode mode;

  Linear operator()(const graph::Input&) const {
    return {windows.unsqueeze(1).permute({0, 3, 1, 2}), {}};
  }
  Linear operator()(const graph::Conv1d&) const { return linear(inputs[0]); }
  Linear operator()(const graph::Dense&) const {
    if (mode == Mode::evaluate || !(state.options.dropout > 0)) return linear(inputs[0]);
    const double keep = 1 - state.options.dropout;
    const Tensor ones = torch::full_like(inputs[0], keep);
    return linear(inputs[0] * torch::bernoulli(ones, state.generator) / keep);
  }
  Linear operator()(const graph::MaxPool& pool) const {
    if (layer.is_joined) return {inputs[0], {}};
    return {max_pool(pool, inputs[0]), {}};
  }
  Linear operator()(const graph::AveragePool& pool) const {
    return {average_pool(pool, inputs[0]), {}};
  }
  Linear operator()(const graph::GlobalAveragePool&) const {
    return {inputs[0].mean({2, 3}, true), {}};
  }
  Linear operator()(const graph::Elementwise& function) const {
    return {evaluate(function, inputs[0]), {}};
  }
  Linear operator()(const graph::Add&) const {
    return {followed(layer, inputs[0] + inputs[1]), {}};
  }
  Linear operator()(const graph::Mul&) const {
    return {followed(layer, inputs[0] * inputs[1]), {}};
  }
  Linear operator()(const graph::Concat&) const { return {torch::cat(inputs, 1), {}}; }
  template <graph::Folds Operation>
  Linear operator()(const Operation& operation) const {
    refuse_to_compute(operation);
  }

  Linear linear(const Tensor& x) const {
    return state.linear_part(layer, x, state.quantization_of_input(layer, 0).scale, mode);
  }
};

Tensor Network::State::forward(const Tensor& windows, Mode mode) {
  std::vector<Tensor> outputs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Layer& layer = layers[i];
    std::vector<Tensor> inputs;
    for (const std::size_t input : layer.inputs) inputs.push_back(outputs[input]);
    const Linear computed = std::visit(Compute{*this, layer, windows, inputs, mode}, layer.op);
    outputs.push_back(requantize(i, inputs, computed, mode));
  }
  return outputs.back().flatten(1);
}

}  // namespace edgeproof::libtorch
