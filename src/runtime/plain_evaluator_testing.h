#pragma once

// For tests only: what every operation gives, computed value by value.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/fixed_point.h"
#include "graph/elementwise.h"
#include "graph/shapes.h"
#include "runtime/kernels/level_table.h"

namespace edgeproof::runtime {

// Keeps every node's output and knows nothing of memory plans, packed weights or vectors. Value is
// double for FP32 graphs, and int, a level, for int8 ones.
template <typename Value>
class PlainEvaluator {
 public:
  PlainEvaluator(const graph::Graph& graph, std::span<const float> window)
      : graph_(graph), window_(window), shapes_(graph::infer_shapes(graph)) {
    for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
      values_.emplace_back();
      const graph::Shape out = shapes_[n];
      for (int p = 0; p < out.length; ++p) {
        for (int c = 0; c < out.channels; ++c) {
          const Place at{graph.nodes[n], p, c};
          const auto compute = [&](const auto& op) { return value(op, at); };
          values_.back().push_back(std::visit(compute, at.node.op));
        }
      }
    }
  }
  const std::vector<Value>& output() const { return values_.back(); }

 private:
  static constexpr bool kInt8 = std::is_same_v<Value, int>;

  graph::Quantization quantization(int node) const {
    return graph_.nodes[static_cast<std::size_t>(node)].quantization.value_or(
        graph::Quantization{1, 0});
  }
  graph::Shape shape(int node) const { return shapes_[static_cast<std::size_t>(node)]; }
  Value at(int node, int position, int channel) const {
    return values_[static_cast<std::size_t>(node)]
                  [static_cast<std::size_t>(position * shape(node).channels + channel)];
  }

  // The output that is being computed.
  struct Place {
    const graph::Node& node;
    int position, channel;
  };
  Value source(const Place& at, std::size_t which = 0) const {
    return this->at(at.node.inputs[which], at.position, at.channel);
  }
  graph::Shape source_shape(const Place& at) const { return shape(at.node.inputs[0]); }

  // Requantized into the node's levels, or rounded to float.
  Value finish(const graph::Node& node, Value sum, graph::Activation activation,
               double multiplier) const {
    const bool relu = activation == graph::Activation::relu;
    if constexpr (kInt8) {
      const int zero = node.quantization->zero_point;
      const std::int64_t level = std::int64_t{requantize(sum, fixed_multiplier(multiplier))} + zero;
      return static_cast<int>(std::clamp<std::int64_t>(level, relu ? zero : -128, 127));
    } else {
      return relu ? std::max(sum, 0.0) : sum;
    }
  }

  Value linear(const graph::Node& node, const graph::Conv1d& conv, const graph::Weights& weights,
               graph::Shape in, int position, int channel) const {
    const int source = node.inputs[0];
    const int in_group = in.channels / conv.groups;
    const int first = channel / (conv.out_channels / conv.groups) * in_group;
    const auto c = static_cast<std::size_t>(channel);
    Value sum, zero = 0;
    double multiplier = 1;
    if constexpr (kInt8) {
      const auto& q = std::get<graph::Int8Weights>(weights);
      sum = q.bias[c];
      zero = quantization(source).zero_point;
      multiplier = double{quantization(source).scale} * q.scales[c] / node.quantization->scale;
    } else {
      sum = std::get<graph::FloatWeights>(weights).bias[c];
    }
    for (int k = 0; k < conv.kernel; ++k) {
      const int p = position * conv.stride + k * conv.dilation - conv.pad_left;
      if (p < 0 || p >= in.length) continue;
      for (int i = 0; i < in_group; ++i) {
        const auto w = static_cast<std::size_t>((channel * conv.kernel + k) * in_group + i);
        const auto x = values_[static_cast<std::size_t>(source)]
                              [static_cast<std::size_t>(p * in.channels + first + i)];
        if constexpr (kInt8) {
          sum += (x - zero) * std::get<graph::Int8Weights>(weights).values[w];
        } else {
          sum += x * std::get<graph::FloatWeights>(weights).values[w];
        }
      }
    }
    return finish(node, sum, conv.activation, multiplier);
  }

  // One for each operation.
  Value value(const graph::Input& input, const Place& at) const {
    const float real =
        window_[static_cast<std::size_t>(at.position * input.shape.channels + at.channel)];
    if constexpr (kInt8) {
      return quantize_to_int8(real, quantization(0).scale, quantization(0).zero_point);
    } else {
      return real;
    }
  }
  Value value(const graph::Conv1d& conv, const Place& at) const {
    return linear(at.node, conv, conv.weights, source_shape(at), at.position, at.channel);
  }
  Value value(const graph::Dense& dense, const Place& at) const {
    const graph::Conv1d flat{.out_channels = dense.out_features, .activation = dense.activation};
    return linear(at.node, flat, dense.weights, {1, source_shape(at).size()}, 0, at.channel);
  }
  // FP32 only.
  Value value(const graph::BatchNorm& bn, const Place& at) const {
    const auto c = static_cast<std::size_t>(at.channel);
    const double sd = std::sqrt(double{bn.variance[c]} + bn.epsilon);
    const double normal = (static_cast<double>(source(at)) - bn.mean[c]) / sd;
    return static_cast<Value>(bn.gamma[c] * normal + bn.beta[c]);
  }
  Value value(const graph::Relu&, const Place& at) const { return std::max(source(at), Value{0}); }
  // The specification's formula: inputs on a common scale, 2^20 finer than twice the larger one.
  Value value(const graph::Add& add, const Place& at) const {
    const int a = at.node.inputs[0], b = at.node.inputs[1];
    if constexpr (kInt8) {
      const graph::Quantization qa = quantization(a), qb = quantization(b);
      const double twice = 2.0 * std::max(qa.scale, qb.scale);
      const auto scaled = [&](Value level, graph::Quantization q) {
        return requantize((level - q.zero_point) << 20, fixed_multiplier(q.scale / twice));
      };
      return finish(at.node, scaled(source(at, 0), qa) + scaled(source(at, 1), qb), add.activation,
                    twice / ((1 << 20) * double{at.node.quantization->scale}));
    } else {
      return finish(at.node, source(at, 0) + source(at, 1), add.activation, 1);
    }
  }
  Value value(const graph::Mul& mul, const Place& at) const {
    const int a = at.node.inputs[0], b = at.node.inputs[1];
    const Value x = source(at), y = this->at(b, shape(b).length == 1 ? 0 : at.position, at.channel);
    if constexpr (!kInt8) return finish(at.node, x * y, mul.activation, 1);
    const graph::Quantization qa = quantization(a), qb = quantization(b);
    return finish(at.node,
                  (x - static_cast<Value>(qa.zero_point)) * (y - static_cast<Value>(qb.zero_point)),
                  mul.activation, double{qa.scale * qb.scale / at.node.quantization->scale});
  }
  Value value(const graph::Elementwise& function, const Place& at) const {
    const Value x = source(at);
    if constexpr (!kInt8) return graph::evaluate(function, static_cast<float>(x));
    const LevelTable table =
        level_table(function, quantization(at.node.inputs[0]), *at.node.quantization, "evaluator");
    return table.levels[static_cast<std::size_t>(static_cast<int>(x) + 128)];
  }
  Value value(const graph::AveragePool& pool, const Place& at) const {
    const int first = at.position * pool.stride - pool.pad_left;
    return mean(at.node.inputs[0], at.channel, std::max(first, 0),
                std::min(first + pool.kernel, source_shape(at).length));
  }
  Value value(const graph::MaxPool& pool, const Place& at) const {
    Value largest = -1000000;
    for (int k = 0; k < pool.kernel; ++k) {
      const int i = at.position * pool.stride - pool.pad_left + k;
      if (i < 0 || i >= source_shape(at).length) continue;
      largest = std::max(largest, this->at(at.node.inputs[0], i, at.channel));
    }
    return largest;
  }
  Value value(const graph::GlobalAveragePool&, const Place& at) const {
    return mean(at.node.inputs[0], at.channel, 0, source_shape(at).length);
  }
  Value value(const graph::Concat&, const Place& at) const {
    std::size_t input = 0;
    int channel = at.channel;
    for (; channel >= shape(at.node.inputs[input]).channels; ++input) {
      channel -= shape(at.node.inputs[input]).channels;
    }
    return this->at(at.node.inputs[input], at.position, channel);
  }

  Value mean(int source, int channel, int first, int end) const {
    Value total = 0;
    for (int i = first; i < end; ++i) total += at(source, i, channel);
    if constexpr (!kInt8) return total / (end - first);
    return static_cast<Value>(std::round(static_cast<double>(total) / (end - first)));
  }

  const graph::Graph& graph_;
  std::span<const float> window_;
  const std::vector<graph::Shape> shapes_;
  std::vector<std::vector<Value>> values_;
};

}  // namespace edgeproof::runtime
