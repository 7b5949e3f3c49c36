// For each window the reference runs once. Layers are then quantized alone from the last to the
// first: what that changes are a layer and those after it, so that the nodes before the next one
// still hold the reference's values.

#include "compress/diagnose.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/fixed_point.h"
#include "graph/fold.h"
#include "graph/shapes.h"
#include "runtime/plan.h"
#include "runtime/workspace.h"

namespace edgeproof::compress {
namespace {

using graph::Graph;
using graph::Node;
using graph::Quantization;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

float real(std::int32_t level, Quantization q) {
  return q.scale * static_cast<float>(level - q.zero_point);
}

graph::FloatWeights dequantized_weights(const graph::Int8Weights& q, float input_scale) {
  graph::FloatWeights w;
  const std::size_t per_output = q.values.size() / q.scales.size();
  for (std::size_t i = 0; i < q.values.size(); ++i) {
    w.values.push_back(static_cast<float>(q.values[i]) * q.scales[i / per_output]);
  }
  for (std::size_t c = 0; c < q.bias.size(); ++c) {
    w.bias.push_back(static_cast<float>(double{input_scale} * q.scales[c] * q.bias[c]));
  }
  return w;
}

// Sums for one SQNR.
struct Noise {
  double signal = 0, noise = 0;
  void add(double reference, double quantized) {
    signal += reference * reference;
    noise += (reference - quantized) * (reference - quantized);
  }
  double db() const {
    if (noise == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal / noise);
  }
};

std::vector<double> softmax(std::span<const float> logits) {
  const double largest = *std::ranges::max_element(logits);
  std::vector<double> p;
  double sum = 0;
  for (const float logit : logits) sum += p.emplace_back(std::exp(logit - largest));
  for (double& value : p) value /= sum;
  return p;
}

// What a network answers, compared with what the reference answers.
struct Answers {
  Noise probabilities;
  std::int64_t same = 0;  // labels
  void add(std::span<const float> reference, std::span<const float> quantized) {
    const auto p = softmax(reference), q = softmax(quantized);
    for (std::size_t k = 0; k < p.size(); ++k) probabilities.add(p[k], q[k]);
    const auto label = [](auto logits) {
      return std::ranges::max_element(logits) - logits.begin();
    };
    same += label(reference) == label(quantized);
  }
};

void expect_counterparts(const Graph& reference, const Graph& int8) {
  if (reference.nodes.size() != int8.nodes.size()) {
    fail(ErrorCode::bad_input,
         "the FP32 model has {} layers, the int8 one {}; expected the model that it was made from",
         reference.nodes.size(), int8.nodes.size());
  }
  const auto a = graph::infer_shapes(reference), b = graph::infer_shapes(int8);
  for (std::size_t n = 0; n < a.size(); ++n) {
    const Node &x = reference.nodes[n], &y = int8.nodes[n];
    const auto *v = graph::weights_of(x.op), *w = graph::weights_of(y.op);
    const bool same = x.op.index() == y.op.index() && x.inputs == y.inputs && a[n] == b[n] &&
                      (v == nullptr || std::get<graph::FloatWeights>(*v).values.size() ==
                                           std::get<graph::Int8Weights>(*w).values.size());
    if (!same) {
      fail(ErrorCode::bad_input,
           "layer {} of the FP32 model is '{}' ({}, {} x {}), of the int8 one '{}' ({}, {} x {}); "
           "expected the model that it was made from",
           n, x.name, graph::op_name(x.op), a[n].length, a[n].channels, y.name,
           graph::op_name(y.op), b[n].length, b[n].channels);
    }
  }
}

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

// The node whose quantization a node has. What joins several (a concatenation) rounds nothing
// itself.
std::vector<std::size_t> owners(const Graph& graph) {
  std::vector<std::size_t> owner;
  for (const Node& node : graph.nodes) {
    if (!graph::keeps_quantization(node.op)) {
      owner.push_back(owner.size());
    } else if (node.inputs.size() == 1) {
      owner.push_back(owner[static_cast<std::size_t>(node.inputs[0])]);
    } else {
      owner.push_back(kNobody);
    }
  }
  return owner;
}

LayerDiagnosis layer_of(const Node& reference, const Node& int8, const Node& rounded) {
  LayerDiagnosis layer{.name = int8.name, .op = std::string(graph::op_name(int8.op))};
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  layer.seen = {kInfinity, -kInfinity};
  layer.representable = {real(int8.quantization->lowest(), *int8.quantization),
                         real(int8.quantization->highest(), *int8.quantization)};
  layer.weight_db = layer.scale_spread = kNone;
  const graph::Weights* weights = graph::weights_of(int8.op);
  if (weights == nullptr) return layer;

  const auto& exact = std::get<graph::FloatWeights>(*graph::weights_of(reference.op)).values;
  const auto& coarse = std::get<graph::FloatWeights>(*graph::weights_of(rounded.op)).values;
  Noise noise;
  for (std::size_t i = 0; i < exact.size(); ++i) noise.add(exact[i], coarse[i]);
  layer.weight_db = noise.db();
  const auto [min, max] = std::ranges::minmax(exact);
  layer.weights = {min, max};
  const auto& q = std::get<graph::Int8Weights>(*weights);
  const std::size_t per_output = q.values.size() / q.scales.size();
  float least = kInfinity, most = 0;
  for (std::size_t c = 0; c < q.scales.size(); ++c) {
    const auto channel = std::span(q.values).subspan(c * per_output, per_output);
    if (std::ranges::all_of(channel, [](std::int8_t v) { return v == 0; })) continue;
    least = std::min(least, q.scales[c]);
    most = std::max(most, q.scales[c]);
  }
  layer.scale_spread = most > 0 ? most / least : 1;
  return layer;
}

class Diagnosing {
 public:
  Diagnosing(const Graph& reference, const Graph& int8)
      : int8_(int8),
        owner_(owners(int8)),
        rounded_graph_(dequantized(int8)),
        exact_(reference),
        rounded_(rounded_graph_),
        deployed_(int8),
        noise_(size()),
        alone_(size()),
        clipped_(size()) {
    for (std::size_t n = 0; n < size(); ++n) {
      diagnosis_.layers.push_back(
          layer_of(reference.nodes[n], int8.nodes[n], rounded_graph_.nodes[n]));
    }
  }

  std::size_t window_size() const { return deployed_.plan.input_size(); }

  void add(std::span<const float> window) {
    exact_.run(window);
    deployed_.run(window);
    for (std::size_t n = 0; n < size(); ++n) compare(n);
    all_.add(exact_.logits, deployed_.logits);
    for (std::size_t n = size(); n-- > 0;) {
      if (owner_[n] == n) quantize_alone(n);
    }
    ++diagnosis_.windows;
  }

  Diagnosis result() const {
    Diagnosis result = diagnosis_;
    result.output_db = all_.probabilities.db();
    result.agreement = static_cast<double>(all_.same) / result.windows;
    for (std::size_t n = 0; n < size(); ++n) {
      LayerDiagnosis& layer = result.layers[n];
      layer.sqnr_db = noise_[n].db();
      const bool owns = owner_[n] == n;
      layer.alone_db = owns ? alone_[n].probabilities.db() : kNone;
      layer.alone_agreement = owns ? static_cast<double>(alone_[n].same) / result.windows : kNone;
      layer.clip_rate = static_cast<double>(clipped_[n]) /
                        (static_cast<double>(exact_.plan.shapes()[n].size()) * result.windows);
      // The input always has a number.
      if (layer.alone_db < result.layers[static_cast<std::size_t>(result.blamed)].alone_db) {
        result.blamed = static_cast<int>(n);
      }
    }
    return result;
  }

 private:
  struct Runner {
    explicit Runner(const Graph& graph)
        : plan(graph, {.keep_all = true, .float_sums = runtime::FloatSums::by_tap}),
          workspace(plan),
          logits(plan.output_size()) {}
    void run(std::span<const float> window) { runtime::run(plan, workspace, window, logits); }
    std::span<float> values(std::size_t node) {
      return runtime::node_values<float>(plan, workspace, static_cast<int>(node));
    }
    void run_node(std::size_t node) {
      runtime::run_nodes(plan, workspace, static_cast<int>(node), static_cast<int>(node) + 1);
    }
    runtime::Plan plan;
    runtime::Workspace workspace;
    std::vector<float> logits;
  };

  std::size_t size() const { return int8_.nodes.size(); }

  void compare(std::size_t n) {
    const auto values = exact_.values(n);
    const auto levels =
        runtime::node_output<std::int8_t>(deployed_.plan, deployed_.workspace, static_cast<int>(n));
    const Quantization q = *int8_.nodes[n].quantization;
    LayerDiagnosis& layer = diagnosis_.layers[n];
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) {
        fail(ErrorCode::bad_input, "diagnosis: layer '{}' of the reference gives {}", layer.name,
             values[i]);
      }
      noise_[n].add(values[i], real(levels[i], q));
      layer.seen = {std::min(layer.seen.min, values[i]), std::max(layer.seen.max, values[i])};
    }
    clipped_[n] += deployed_.workspace.clipped()[n];
  }

  // Nodes before n hold the reference's values.
  void quantize_alone(std::size_t n) {
    const Node& node = int8_.nodes[n];
    if (graph::weights_of(node.op) != nullptr) {
      for (const int input : node.inputs) {
        const auto i = static_cast<std::size_t>(input);
        std::ranges::copy(exact_.values(i), rounded_.values(i).begin());
      }
      rounded_.run_node(n);
      std::ranges::copy(rounded_.values(n), exact_.values(n).begin());
    } else if (n > 0) {
      exact_.run_node(n);
    }
    for (std::size_t m = n; m < size(); ++m) {
      if (m > n) exact_.run_node(m);
      if (owner_[m] == n) round(exact_.values(m), *node.quantization);
    }
    alone_[n].add(exact_.logits, exact_.values(size() - 1));
  }

  static void round(std::span<float> values, Quantization q) {
    for (float& value : values) value = real(quantize_to_int8(value, q.scale, q.zero_point), q);
  }

  const Graph& int8_;
  std::vector<std::size_t> owner_;
  Graph rounded_graph_;
  Runner exact_, rounded_, deployed_;
  std::vector<Noise> noise_;
  std::vector<Answers> alone_;
  Answers all_;
  std::vector<std::int64_t> clipped_;
  Diagnosis diagnosis_;
};

}  // namespace

Graph dequantized(const Graph& int8) {
  Graph graph = int8;
  for (Node& node : graph.nodes) {
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const auto input = static_cast<std::size_t>(node.inputs[0]);
    *weights = dequantized_weights(std::get<graph::Int8Weights>(*weights),
                                   int8.nodes[input].quantization->scale);
  }
  return graph;
}

Diagnosis diagnose(const Graph& reference, const Graph& int8, const signal::WindowSet& windows,
                   int most) {
  if (!graph::is_int8(int8)) {
    fail(ErrorCode::bad_input, "the model is FP32, expected an int8 one: nothing is quantized");
  }
  if (graph::is_int8(reference)) {
    fail(ErrorCode::bad_input, "the reference is an int8 model, expected the FP32 one");
  }
  const Graph folded = graph::fold(reference);
  expect_counterparts(folded, int8);
  const int count = std::min(windows.count, most);
  if (count < 1) fail(ErrorCode::bad_input, "diagnosis: there are no windows");
  Diagnosing diagnosing(folded, int8);
  const auto size =
      static_cast<std::size_t>(windows.length) * static_cast<std::size_t>(windows.channels);
  if (size != diagnosing.window_size()) {
    fail(ErrorCode::bad_input, "diagnosis: windows have {} values, the network takes {}", size,
         diagnosing.window_size());
  }
  for (int i = 0; i < count; ++i) {
    diagnosing.add(windows.window(static_cast<int>(std::int64_t{i} * windows.count / count)));
  }
  return diagnosing.result();
}

}  // namespace edgeproof::compress
