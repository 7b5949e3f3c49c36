// Planned networks of random topology against a plain evaluator that keeps every node's output and
// knows nothing of memory plans, packed weights or vectors.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "graph/elementwise.h"
#include "graph/graph_testing.h"
#include "graph/shapes.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/level_table.h"
#include "runtime/networks_testing.h"
#include "runtime/plain_evaluator_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::runtime {
namespace {

int draw(int low, int high) {
  return *rc::gen::resize(100, rc::gen::inRange(low, high + 1));
}

class RandomGraph {
 public:
  RandomGraph() {
    add_node(graph::Input{{draw(1, 20), draw(1, 9)}}, {});
    for (int count = draw(1, 8); count > 0; --count) add_random();
    // What nobody uses goes into the logits, each through a dense layer.
    std::vector<bool> used(graph_.nodes.size(), false);
    for (const graph::Node& node : graph_.nodes) {
      for (const int input : node.inputs) used[static_cast<std::size_t>(input)] = true;
    }
    int sum = -1;
    for (int n = 0; n < static_cast<int>(used.size()); ++n) {
      if (used[static_cast<std::size_t>(n)]) continue;
      const int logits = dense(n);
      sum = sum < 0 ? logits : add_node(graph::Add{}, {sum, logits});
    }
  }

  graph::Graph take() { return graph::with_random_parameters(std::move(graph_), 1); }

 private:
  graph::Shape shape(int node) const { return shapes_[static_cast<std::size_t>(node)]; }
  int any() const { return draw(0, static_cast<int>(graph_.nodes.size()) - 1); }
  static graph::Activation activation() {
    return draw(0, 1) == 1 ? graph::Activation::relu : graph::Activation::none;
  }
  static graph::FloatWeights weights(int outputs, int per_output) {
    return {std::vector<float>(static_cast<std::size_t>(outputs) * per_output),
            std::vector<float>(static_cast<std::size_t>(outputs))};
  }

  int add_node(graph::Op op, std::vector<int> inputs) {
    const std::string name = std::to_string(graph_.nodes.size());
    graph_.nodes.push_back({name, std::move(op), std::move(inputs)});
    shapes_ = graph::infer_shapes(graph_);
    return static_cast<int>(graph_.nodes.size()) - 1;
  }
  int dense(int input) {
    return add_node(graph::Dense{3, activation(), weights(3, shape(input).size())}, {input});
  }
  // Causal, the same length, or anything that fits.
  int conv(int input, int channels, bool keep_length) {
    const graph::Shape in = shape(input);
    const int kind = draw(0, 2);
    graph::Conv1d c{.out_channels = channels, .kernel = draw(1, 5), .dilation = draw(1, 3)};
    const int reach = (c.kernel - 1) * c.dilation;
    c.pad_left = kind == 0 ? reach : reach / 2;
    c.pad_right = reach - c.pad_left;
    if (!keep_length && kind == 2) c.stride = draw(1, 3);
    if (in.channels == channels && draw(0, 1) == 1) c.groups = channels;
    c.activation = activation();
    c.weights = weights(channels, c.kernel * (in.channels / c.groups));
    return add_node(std::move(c), {input});
  }
  int pool(int input) {
    const int kernel = draw(1, 3);
    const graph::MaxPool pool{kernel, draw(1, 2), draw(0, kernel - 1), draw(0, kernel - 1)};
    const int padded = shape(input).length + pool.pad_left + pool.pad_right;
    if (padded < kernel) return input;
    if (draw(0, 1) == 1) return add_node(pool, {input});
    return add_node(graph::AveragePool{kernel, pool.stride, pool.pad_left, pool.pad_right},
                    {input});
  }
  // By another sequence, itself, or a gate.
  void product(int input) {
    int other = input;
    if (draw(0, 1) == 1) other = conv(input, shape(input).channels, true);
    if (draw(0, 1) == 1) other = add_node(graph::GlobalAveragePool{}, {other});
    add_node(graph::Mul{activation()}, {input, other});
  }
  void function(int input) {
    const auto kind = static_cast<graph::Elementwise::Function>(draw(0, 5));
    add_node(graph::Elementwise{kind, static_cast<float>(draw(-2, 0)),
                                static_cast<float>(draw(0, 3)), 0.25F, 1.5F},
             {input});
  }
  void add_random() {
    const int input = any();
    switch (draw(0, 6)) {
      case 0:
        conv(input, draw(1, 20), false);
        break;
      case 1:
        pool(input);
        break;
      case 2:
        add_node(graph::GlobalAveragePool{}, {input});
        break;
      case 3: {
        const int other = draw(0, 3) == 0 ? input : conv(input, shape(input).channels, true);
        const bool swapped = draw(0, 1) == 1;
        add_node(graph::Add{activation()},
                 swapped ? std::vector{other, input} : std::vector{input, other});
        break;
      }
      case 4:
        product(input);
        break;
      case 5:
        function(input);
        break;
      default: {
        std::vector<int> inputs = {input, conv(input, draw(1, 9), true)};
        for (int extra = draw(0, 3); extra > 0; --extra) {
          const int other = any();
          if (shape(other).length == shape(input).length) inputs.push_back(other);
        }
        add_node(graph::Concat{}, inputs);
      }
    }
  }

  graph::Graph graph_{"random", {}};
  std::vector<graph::Shape> shapes_;
};

// The folded FP32 graph with random quantizations that use most of the levels and saturate some.
graph::Graph as_random_int8(graph::Graph graph) {
  const std::vector<int> roots = graph::quantization_roots(graph);
  for (std::size_t n = 0; n < roots.size(); ++n) {
    graph.nodes[n].quantization = graph::Quantization{static_cast<float>(draw(1, 100)) / 977,
                                                      static_cast<std::int32_t>(draw(-128, 127))};
  }
  for (std::size_t n = 0; n < roots.size(); ++n) {
    graph.nodes[n].quantization = graph.nodes[static_cast<std::size_t>(roots[n])].quantization;
  }
  for (graph::Node& node : graph.nodes) {
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const auto w = std::get<graph::FloatWeights>(*weights);
    const auto& input = graph.nodes[static_cast<std::size_t>(node.inputs[0])];
    const double fan_in = static_cast<double>(w.values.size() / w.bias.size());
    const double scale =
        node.quantization->scale / input.quantization->scale * 0.01 / std::sqrt(fan_in);
    graph::Int8Weights q;
    for (const float value : w.values) {
      q.values.push_back(static_cast<std::int8_t>(std::clamp(value * 60.0F, -127.0F, 127.0F)));
    }
    for (const float bias : w.bias) {
      q.scales.push_back(static_cast<float>(scale));
      q.bias.push_back(static_cast<std::int32_t>(bias * 1000));
    }
    *weights = std::move(q);
  }
  return graph;
}

std::vector<float> logits_of(const Plan& plan, std::span<const float> window) {
  Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  run(plan, workspace, window, logits);
  return logits;
}

RC_GTEST_PROP(RandomGraph, Int8GivesThePlainEvaluatorsLevels, ()) {
  const graph::Graph graph = as_random_int8(RandomGraph().take());
  const auto window = random_values(static_cast<std::size_t>(graph.input_shape().size()), 3, 4.0);
  const PlainEvaluator<int> expected(graph, window);
  const graph::Quantization q = *graph.nodes.back().quantization;
  for (const Kernels& kernels : available_kernels()) {
    for (const bool keep_all : {false, true}) {
      const auto logits =
          logits_of(Plan(graph, {.keep_all = keep_all, .isa = kernels.name}), window);
      for (std::size_t i = 0; i < logits.size(); ++i) {
        RC_ASSERT(logits[i] == q.scale * static_cast<float>(expected.output()[i] - q.zero_point));
      }
    }
  }
}

RC_GTEST_PROP(RandomGraph, FloatAgreesWithThePlainEvaluator, ()) {
  const graph::Graph graph = RandomGraph().take();
  const auto window = random_values(static_cast<std::size_t>(graph.input_shape().size()), 3);
  const PlainEvaluator<double> expected(graph, window);
  double largest = 1;
  for (const double v : expected.output()) largest = std::max(largest, std::abs(v));
  for (const Kernels& kernels : available_kernels()) {
    const auto logits = logits_of(Plan(graph, {.isa = kernels.name}), window);
    for (std::size_t i = 0; i < logits.size(); ++i) {
      RC_ASSERT(std::abs(logits[i] - expected.output()[i]) < 1e-4 * largest);
    }
  }
}

}  // namespace
}  // namespace edgeproof::runtime
