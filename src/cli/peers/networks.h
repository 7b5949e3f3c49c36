#pragma once

// For tests only: single operations, and the layers that no network of the zoo has.

#include <map>
#include <string>
#include <vector>

#include "graph/shapes.h"

namespace edgeproof {

// A network in the making, by what its layers read. Weights are zero.
class NetworkBuilder {
 public:
  NetworkBuilder(const std::string& name, graph::Shape input) : graph_{name, {}} {
    add("input", graph::Input{input}, {});
  }

  int add(const std::string& name, graph::Op op, std::vector<int> inputs) {
    graph_.nodes.push_back({name, std::move(op), std::move(inputs)});
    return static_cast<int>(graph_.nodes.size()) - 1;
  }
  int conv(const std::string& name, int input, graph::Conv1d conv) {
    conv.weights = zeros(conv.out_channels, conv.kernel * shape(input).channels / conv.groups);
    return add(name, std::move(conv), {input});
  }
  int dense(const std::string& name, int input, int features, graph::Activation activation) {
    return add(name, graph::Dense{features, activation, zeros(features, shape(input).size())},
               {input});
  }

  graph::Graph take() { return std::move(graph_); }

 private:
  graph::Shape shape(int node) const {
    return graph::infer_shapes(graph_)[static_cast<std::size_t>(node)];
  }
  static graph::FloatWeights zeros(int outputs, int per_output) {
    return {std::vector<float>(static_cast<std::size_t>(outputs * per_output)),
            std::vector<float>(static_cast<std::size_t>(outputs))};
  }

  graph::Graph graph_;
};

// One operation each, behind the convolutions that it needs.
inline std::map<std::string, graph::Graph> single_operations(graph::Shape input) {
  const auto network = [&](const std::string& name, const auto& end) {
    NetworkBuilder net(name, input);
    end(net, net.conv("a", 0, {.out_channels = 16, .kernel = 3}));
    return net.take();
  };
  std::map<std::string, graph::Graph> all;
  all["conv"] = network("conv", [](auto&, int) {});
  all["depthwise"] = network("depthwise", [](auto& net, int a) {
    net.conv("b", a, {.out_channels = 16, .kernel = 3, .groups = 16});
  });
  all["dense"] =
      network("dense", [](auto& net, int a) { net.dense("b", a, 8, graph::Activation::none); });
  all["max_pool"] = network("max_pool", [](auto& net, int a) {
    net.add("b", graph::MaxPool{3, 2, 2, 1}, {a});
  });
  all["average"] =
      network("average", [](auto& net, int a) { net.add("b", graph::GlobalAveragePool{}, {a}); });
  all["add"] = network("add", [](auto& net, int a) {
    const int b = net.conv("b", 0, {.out_channels = 16, .kernel = 3});
    net.add("c", graph::Add{}, {a, b});
  });
  all["average_pool"] = network("average_pool", [](auto& net, int a) {
    net.add("b", graph::AveragePool{3, 1, 1, 1}, {a});
  });
  all["mul"] = network("mul", [](auto& net, int a) {
    const int b = net.conv("b", 0, {.out_channels = 16, .kernel = 3});
    net.add("c", graph::Mul{}, {a, b});
  });
  all["gate"] = network("gate", [](auto& net, int a) {
    const int mean = net.add("mean", graph::GlobalAveragePool{}, {a});
    const int dense = net.dense("dense", mean, 16, graph::Activation::none);
    const int gate =
        net.add("gate", graph::Elementwise{graph::Elementwise::Function::sigmoid}, {dense});
    net.add("product", graph::Mul{}, {a, gate});
  });
  using enum graph::Elementwise::Function;
  for (const auto& [name, function] : {std::pair{"relu6", clip},
                                       {"leaky_relu", leaky_relu},
                                       {"hard_swish", hard_swish},
                                       {"sigmoid", sigmoid},
                                       {"tanh", graph::Elementwise::Function::tanh},
                                       {"elu", elu}}) {
    all[name] = network(
        name, [&, f = function](auto& net, int a) { net.add("b", graph::Elementwise{f}, {a}); });
  }
  all["concat"] = network("concat", [](auto& net, int a) {
    const int b = net.conv("b", 0, {.out_channels = 8, .kernel = 3});
    net.add("c", graph::Concat{}, {a, b});
  });
  return all;
}

// Groups that are not depthwise, a depth multiplier, paddings that are neither SAME nor VALID, all
// with strides or dilation; a padded maximum pooling; an addition of branches of different scales;
// dense layers on several positions and behind each other, joined.
inline graph::Graph unusual_network(graph::Shape input) {
  NetworkBuilder net("unusual", input);
  const int grouped = net.conv("grouped", 0, {.out_channels = 12, .kernel = 4, .groups = 3});
  const int late = net.conv(
      "late", grouped,
      {.out_channels = 24, .kernel = 5, .stride = 3, .pad_left = 4, .pad_right = 1, .groups = 12});
  const int early = net.conv(
      "early", grouped,
      {.out_channels = 24, .kernel = 3, .stride = 3, .pad_left = 0, .pad_right = 3, .dilation = 2});
  const int pool = net.add("pool", graph::MaxPool{4, 2, 3, 1}, {late});
  const int pool2 = net.add("pool2", graph::MaxPool{3, 2, 1, 2}, {early});
  const int sum = net.add("sum", graph::Add{}, {pool, pool2});
  const int joined = net.add("joined", graph::Concat{}, {sum, pool});
  const int narrow = net.conv("narrow", joined, {.out_channels = 4, .kernel = 1});
  const int hidden = net.dense("hidden", narrow, 20, graph::Activation::relu);
  const int other = net.dense("other", pool2, 20, graph::Activation::none);
  const int both = net.add("both", graph::Add{graph::Activation::relu}, {hidden, other});
  net.dense("logits", both, 7, graph::Activation::none);
  return net.take();
}

}  // namespace edgeproof
