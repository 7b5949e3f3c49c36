#pragma once

// For tests: graphs of the zoo with random weights, their int8 forms with random quantizations, and
// a text of a graph to compare by.

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "core/random.h"
#include "graph/fold.h"
#include "graph/graph.h"
#include "graph/traits.h"
#include "graph/zoo.h"

namespace edgeproof::formats {

// Fills a graph with draws that follow each other.
class RandomWeights {
 public:
  explicit RandomWeights(std::uint64_t seed) : rng_(seed, "formats test") {}

  float real(double low, double high) {
    return static_cast<float>(low + (high - low) * rng_.uniform(next_++));
  }
  int integer(int low, int high) {
    return low + static_cast<int>(rng_.words(next_++)[0] % static_cast<unsigned>(high - low + 1));
  }
  void fill(std::vector<float>& values, double low, double high) {
    for (float& value : values) value = real(low, high);
  }
  graph::Quantization quantization() { return {real(0.001, 0.1), integer(-128, 127)}; }

 private:
  CounterRng rng_;
  std::uint32_t next_ = 0;
};

inline graph::Graph with_random_weights(graph::Graph graph, std::uint64_t seed) {
  RandomWeights random(seed);
  for (graph::Node& node : graph.nodes) {
    if (auto* weights = graph::weights_of(node.op)) {
      auto& w = std::get<graph::FloatWeights>(*weights);
      random.fill(w.values, -0.3, 0.3);
      random.fill(w.bias, -0.5, 0.5);
    } else if (auto* bn = std::get_if<graph::BatchNorm>(&node.op)) {
      random.fill(bn->gamma, 0.5, 1.5);
      random.fill(bn->beta, -0.5, 0.5);
      random.fill(bn->mean, -0.5, 0.5);
      random.fill(bn->variance, 0.5, 1.5);
      bn->epsilon = random.real(1e-6, 1e-3);
    }
  }
  return graph;
}

inline graph::Graph with_random_ranges(graph::Graph graph, std::uint64_t seed) {
  RandomWeights random(seed + 1);
  for (graph::Node& node : graph.nodes) node.quantization = random.quantization();
  return graph;
}

// Folds, then quantizes at random: a valid int8 graph, not a good one.
inline graph::Graph as_random_int8(const graph::Graph& unfolded, std::uint64_t seed, int bits = 8) {
  graph::Graph graph = graph::fold(unfolded);
  RandomWeights random(seed + 2);
  const std::vector<int> roots = graph::quantization_roots(graph);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    graph::Node& node = graph.nodes[n];
    const auto root = static_cast<std::size_t>(roots[n]);
    node.quantization = root == n ? random.quantization() : graph.nodes[root].quantization;
    if (auto* weights = graph::weights_of(node.op)) {
      const auto w = std::get<graph::FloatWeights>(*weights);
      graph::Int8Weights q;
      q.bits = bits;
      const int largest = (1 << (bits - 1)) - 1;
      for (std::size_t i = 0; i < w.values.size(); ++i) {
        q.values.push_back(static_cast<std::int8_t>(random.integer(-largest, largest)));
      }
      for (std::size_t i = 0; i < w.bias.size(); ++i) {
        q.scales.push_back(random.real(0.0001, 0.01));
        q.bias.push_back(random.integer(-100000, 100000));
      }
      *weights = std::move(q);
    }
  }
  return graph;
}

// Two flattened positions before the first dense layer and a Relu of its own after it.
inline graph::Graph two_dense_layers() {
  const auto floats = [](int count) { return std::vector<float>(static_cast<std::size_t>(count)); };
  using namespace graph;
  return {"two_dense",
          {{"input", Input{{4, 3}}, {}, {}},
           {"conv",
            Conv1d{.out_channels = 6,
                   .kernel = 2,
                   .pad_left = 1,
                   .pad_right = 0,
                   .dilation = 1,
                   .groups = 3,
                   .weights = FloatWeights{floats(12), floats(6)}},
            {0},
            {}},
           {"pool", MaxPool{.kernel = 2, .stride = 2}, {1}, {}},
           {"hidden", Dense{5, Activation::none, FloatWeights{floats(60), floats(5)}}, {2}, {}},
           {"hidden_bn", BatchNorm{floats(5), floats(5), floats(5), floats(5)}, {3}, {}},
           {"hidden_relu", Relu{}, {4}, {}},
           {"logits", Dense{2, Activation::none, FloatWeights{floats(10), floats(2)}}, {5}, {}}}};
}

// Every function, a gate from dense layers, average pooling, and a convolution after a dense layer.
inline graph::Graph other_operators() {
  using namespace graph;
  using enum Elementwise::Function;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto floats = [](int count) { return std::vector<float>(static_cast<std::size_t>(count)); };
  const auto dense = [&](int outputs, int inputs) {
    return Dense{outputs, Activation::none,
                 FloatWeights{floats(outputs * inputs), floats(outputs)}};
  };
  return {
      "other",
      {{"input", Input{{8, 3}}, {}},
       {"conv", Conv1d{.out_channels = 4, .weights = FloatWeights{floats(12), floats(4)}}, {0}},
       {"relu6", Elementwise{}, {1}},
       {"pool", AveragePool{3, 2, 1, 2}, {2}},
       {"hard_swish", Elementwise{.function = hard_swish}, {3}},
       {"average", GlobalAveragePool{}, {4}},
       {"excite", dense(4, 4), {5}},
       {"gate", Elementwise{.function = sigmoid}, {6}},
       {"gated", Mul{}, {4, 7}},
       {"leaky", Elementwise{.function = leaky_relu, .slope = 0.3F}, {8}},
       {"tanh", Elementwise{.function = tanh}, {9}},
       {"product", Mul{Activation::relu}, {9, 10}},
       {"floor", Elementwise{.low = -1, .high = kInfinity}, {11}},
       {"ceiling", Elementwise{.low = -kInfinity, .high = 2}, {12}},
       {"elu", Elementwise{.function = elu, .alpha = 0.6F}, {13}},
       {"hidden", dense(5, 20), {14}},
       {"square", Mul{}, {15, 15}},
       {"again", Conv1d{.out_channels = 2, .weights = FloatWeights{floats(10), floats(2)}}, {16}}}};
}

// Average pooling, functions and products behind convolutions, of activations that a convolution
// has read, too. All that they give reaches the output.
inline graph::Graph operators_beside_convolutions() {
  using namespace graph;
  using enum Elementwise::Function;
  const auto weights = [](int outputs, int per_output) {
    return FloatWeights{std::vector<float>(static_cast<std::size_t>(outputs * per_output)),
                        std::vector<float>(static_cast<std::size_t>(outputs))};
  };
  const auto conv = [&](int in_channels) {
    return Conv1d{.out_channels = 8,
                  .kernel = 3,
                  .pad_left = 1,
                  .pad_right = 1,
                  .weights = weights(8, 3 * in_channels)};
  };
  return {"beside",
          {{"input", Input{{32, 6}}, {}},
           {"first", conv(6), {0}},
           {"second", conv(8), {1}},
           {"windows", AveragePool{4, 1, 2, 1}, {1}},
           {"sigmoid", Elementwise{.function = sigmoid}, {1}},
           {"product", Mul{}, {2, 4}},
           {"average", GlobalAveragePool{}, {5}},
           {"excite", Dense{8, Activation::none, weights(8, 8)}, {6}},
           {"gate", Elementwise{.function = sigmoid}, {7}},
           {"gated", Mul{Activation::relu}, {5, 8}},
           {"third", conv(8), {9}},
           {"hard_swish", Elementwise{.function = hard_swish}, {9}},
           {"tanh", Elementwise{.function = graph::Elementwise::Function::tanh}, {10}},
           {"joined", Concat{}, {3, 11, 12}}}};
}

// Sums, maxima, products, means and dense layers of sizes drawn at random. Odd seeds end with a sum
// or product, so that all its levels are compared.
inline graph::Graph random_operators(std::uint64_t seed) {
  using namespace graph;
  RandomWeights random(seed);
  const auto weights = [](int outputs, int inputs) {
    return FloatWeights{std::vector<float>(static_cast<std::size_t>(outputs * inputs)),
                        std::vector<float>(static_cast<std::size_t>(outputs))};
  };
  const auto relu = [&] { return random.integer(0, 1) == 0 ? Activation::none : Activation::relu; };
  const Shape in{random.integer(8, 40), random.integer(1, 21)};
  const int channels = random.integer(1, 37), hidden = random.integer(1, 9);
  const int kernel = random.integer(1, 5), pad = random.integer(0, kernel - 1);
  const auto conv = [&] {
    return Conv1d{.out_channels = channels, .weights = weights(channels, in.channels)};
  };
  Graph graph{"operators",
              {{"input", Input{in}, {}},
               {"a", conv(), {0}},
               {"b", conv(), {0}},
               {"sum", Add{relu()}, {1, 2}},
               {"maxima", MaxPool{kernel, random.integer(1, 3), pad, pad}, {3}},
               {"product", Mul{relu()}, {4, 4}},
               {"average", GlobalAveragePool{}, {5}},
               {"hidden", Dense{hidden, relu(), weights(hidden, channels)}, {6}},
               {"logits", Dense{5, Activation::none, weights(5, hidden)}, {7}}}};
  if (seed % 2 == 1) graph.nodes.resize(seed % 4 == 1 ? 4 : 6);
  return graph;
}

// Appends what an operation holds to a text, floats in hexadecimal.
struct Describe {
  std::string& text;

  template <typename Values>
  void list(const Values& values) const {
    for (const auto value : values) {
      if constexpr (std::is_same_v<std::remove_cv_t<decltype(value)>, float>) {
        text += fmt::format(" {:a}", value);
      } else {
        text += fmt::format(" {}", int{value});
      }
    }
    text += ';';
  }
  void weights(const graph::Weights& weights) const {
    if (const auto* w = std::get_if<graph::FloatWeights>(&weights)) {
      text += "float";
      list(w->values);
      list(w->bias);
    } else {
      const auto& q = std::get<graph::Int8Weights>(weights);
      text += fmt::format("int8 {}", q.bits);
      list(q.values);
      list(q.scales);
      list(q.bias);
    }
  }

  void operator()(const graph::Input& input) const {
    list(std::vector{input.shape.length, input.shape.channels});
  }
  void operator()(const graph::Conv1d& c) const {
    list(std::vector{c.out_channels, c.kernel, c.stride, c.pad_left, c.pad_right, c.dilation,
                     c.groups, static_cast<int>(c.activation)});
    weights(c.weights);
  }
  void operator()(const graph::Dense& dense) const {
    list(std::vector{dense.out_features, static_cast<int>(dense.activation)});
    weights(dense.weights);
  }
  void operator()(const graph::BatchNorm& bn) const {
    for (const auto* values : {&bn.gamma, &bn.beta, &bn.mean, &bn.variance}) list(*values);
    list(std::vector{bn.epsilon});
  }
  template <graph::OneOf<graph::MaxPool, graph::AveragePool> Pool>
  void operator()(const Pool& pool) const {
    list(std::vector{pool.kernel, pool.stride, pool.pad_left, pool.pad_right});
  }
  template <graph::OneOf<graph::Add, graph::Mul> Join>
  void operator()(const Join& join) const {
    list(std::vector{static_cast<int>(join.activation)});
  }
  void operator()(const graph::Elementwise& e) const {
    using enum graph::Elementwise::Function;
    switch (e.function) {
      case clip:
        list(std::vector{e.low, e.high});
        break;
      case leaky_relu:
        list(std::vector{e.slope});
        break;
      case elu:
        list(std::vector{e.alpha});
        break;
      case hard_swish:
      case sigmoid:
      case tanh:
        break;
    }
  }
  template <graph::OneOf<graph::Relu, graph::GlobalAveragePool, graph::Concat> Operation>
  void operator()(const Operation&) const {}
};

// Everything a graph holds, in order: equal texts mean equal graphs, bit by bit.
inline std::string describe(const graph::Graph& graph) {
  std::string text = graph.name;
  const Describe describe{text};
  for (const graph::Node& node : graph.nodes) {
    text += fmt::format("\n{} {}", node.name, graph::op_name(node.op));
    describe.list(node.inputs);
    if (node.quantization) {
      text += fmt::format("{:a} {} {};", node.quantization->scale, node.quantization->zero_point,
                          node.quantization->bits);
    }
    std::visit(describe, node.op);
  }
  return text;
}

}  // namespace edgeproof::formats
