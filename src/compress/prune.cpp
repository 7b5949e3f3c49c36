// One walk along the graph with, for every node, the list of its output channels that stay. A
// convolution first loses the inputs that are gone, then its own weakest channels. Norms are taken
// of the weights as they were given. Test: prune_test.cpp.

#include "compress/prune.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

using Kept = std::vector<int>;  // channel numbers, ascending

Kept all_channels(int count) {
  Kept kept(static_cast<size_t>(count));
  std::iota(kept.begin(), kept.end(), 0);
  return kept;
}

Kept strongest(const graph::FloatWeights& weights, double ratio) {
  const size_t outputs = weights.bias.size();
  const size_t per_output = weights.values.size() / outputs;
  std::vector<double> norm(outputs, 0);
  for (size_t i = 0; i < weights.values.size(); ++i)
    norm[i / per_output] += std::abs(weights.values[i]);
  Kept order = all_channels(static_cast<int>(outputs));
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return norm[static_cast<size_t>(a)] > norm[static_cast<size_t>(b)];
  });
  const auto keep =
      static_cast<size_t>(std::max(1.0, std::round((1 - ratio) * static_cast<double>(outputs))));
  order.resize(keep);
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<float> pick(const std::vector<float>& values, const Kept& kept) {
  std::vector<float> picked;
  for (const int c : kept) picked.push_back(values[static_cast<size_t>(c)]);
  return picked;
}

// From weights seen as [outputs, positions, inputs], the outputs and inputs that stay.
graph::FloatWeights pick(const graph::FloatWeights& w, int positions, int inputs,
                         const Kept& kept_outputs, const Kept& kept_inputs) {
  graph::FloatWeights picked;
  for (const int o : kept_outputs) {
    for (int p = 0; p < positions; ++p) {
      for (const int i : kept_inputs) {
        picked.values.push_back(w.values[(static_cast<size_t>(o) * positions + p) * inputs + i]);
      }
    }
  }
  picked.bias = pick(w.bias, kept_outputs);
  return picked;
}

}  // namespace

graph::Graph prune_channels(const graph::Graph& graph, const PruneOptions& options) {
  if (!(options.ratio >= 0 && options.ratio < 1)) {
    fail(ErrorCode::bad_config, "pruning ratio is {}, expected at least 0 and below 1",
         options.ratio);
  }
  const std::vector<graph::Shape> shapes = graph::infer_shapes(graph);
  graph::Graph pruned = graph;
  std::vector<Kept> kept;  // per node
  for (size_t n = 0; n < pruned.nodes.size(); ++n) {
    graph::Node& node = pruned.nodes[n];
    node.quantization.reset();
    if (node.inputs.empty()) {
      kept.push_back(all_channels(shapes[n].channels));
      continue;
    }
    if (node.inputs.size() > 1) {
      fail(ErrorCode::unsupported, "node '{}' ({}): pruning needs a chain of layers", node.name,
           graph::op_name(node.op));
    }
    const auto input = static_cast<size_t>(node.inputs[0]);
    const int in_channels = shapes[input].channels;
    kept.push_back(kept[input]);
    if (auto* conv = std::get_if<graph::Conv1d>(&node.op)) {
      const auto& weights = std::get<graph::FloatWeights>(conv->weights);
      if (conv->groups == 1) {
        kept[n] = strongest(weights, options.ratio);
        conv->weights = pick(weights, conv->kernel, in_channels, kept[n], kept[input]);
      } else if (conv->groups == in_channels && conv->out_channels == in_channels) {
        conv->weights = pick(weights, conv->kernel, 1, kept[n], {0});
        conv->groups = static_cast<int>(kept[n].size());
      } else {
        fail(ErrorCode::unsupported,
             "node '{}': a convolution of {} groups over {} channels cannot be pruned", node.name,
             conv->groups, in_channels);
      }
      conv->out_channels = static_cast<int>(kept[n].size());
    } else if (auto* dense = std::get_if<graph::Dense>(&node.op)) {
      kept[n] = all_channels(dense->out_features);
      dense->weights = pick(std::get<graph::FloatWeights>(dense->weights), shapes[input].length,
                            in_channels, kept[n], kept[input]);
    } else if (auto* bn = std::get_if<graph::BatchNorm>(&node.op)) {
      for (auto* values : {&bn->gamma, &bn->beta, &bn->mean, &bn->variance}) {
        *values = pick(*values, kept[n]);
      }
    }
  }
  graph::validate(pruned);
  return pruned;
}

}  // namespace edgeproof::compress
