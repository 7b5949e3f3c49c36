#include "compress/sparsify.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/error.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {
namespace {

std::vector<graph::FloatWeights*> weights_in(graph::Graph& graph) {
  std::vector<graph::FloatWeights*> all;
  for (graph::Node& node : graph.nodes) {
    if (graph::Weights* weights = graph::weights_of(node.op)) {
      all.push_back(&std::get<graph::FloatWeights>(*weights));
    }
  }
  return all;
}

struct Candidate {
  float magnitude;
  float* weight;
};

// The weights of a layer that may go, in their order: not the first of the largest of each channel.
std::vector<Candidate> candidates(graph::FloatWeights& layer, const graph::FloatWeights& folded) {
  const std::size_t per_output = layer.values.size() / layer.bias.size();
  const auto magnitude = [&](std::size_t i) { return std::abs(folded.values[i]); };
  std::vector<Candidate> all;
  for (std::size_t begin = 0; begin < layer.values.size(); begin += per_output) {
    std::size_t largest = begin;
    for (std::size_t i = begin; i < begin + per_output; ++i) {
      if (magnitude(i) > magnitude(largest)) largest = i;
    }
    for (std::size_t i = begin; i < begin + per_output; ++i) {
      if (i != largest) all.push_back({magnitude(i), &layer.values[i]});
    }
  }
  return all;
}

// The share `ratio` of `count` weights, if there are so many candidates.
void zero_smallest(std::vector<Candidate> all, std::size_t count, double ratio) {
  std::ranges::stable_sort(all, {}, &Candidate::magnitude);
  const auto zeros = static_cast<std::size_t>(std::llround(ratio * static_cast<double>(count)));
  for (const Candidate& c : std::span(all).first(std::min(zeros, all.size()))) *c.weight = 0;
}

}  // namespace

const std::vector<std::string>& sparsify_scope_names() {
  static const std::vector<std::string> names = {"global", "uniform"};
  return names;
}

graph::Graph sparsify(const graph::Graph& graph, const SparsifyOptions& options) {
  if (!(options.ratio >= 0 && options.ratio < 1)) {
    fail(ErrorCode::bad_config, "sparsity is {}, expected at least 0 and below 1", options.ratio);
  }
  graph::validate(graph);
  graph::Graph folded = graph::fold(graph);
  graph::validate(folded);
  graph::Graph sparse = graph;
  for (graph::Node& node : sparse.nodes) node.quantization.reset();
  const std::vector<graph::FloatWeights*> layers = weights_in(sparse);
  const std::vector<graph::FloatWeights*> of_folded = weights_in(folded);
  std::vector<Candidate> all;
  std::size_t count = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i]->grid.reset();
    const std::vector<Candidate> of_layer = candidates(*layers[i], *of_folded[i]);
    if (options.scope == SparsifyScope::uniform) {
      zero_smallest(of_layer, layers[i]->values.size(), options.ratio);
    } else {
      all.insert(all.end(), of_layer.begin(), of_layer.end());
      count += layers[i]->values.size();
    }
  }
  zero_smallest(std::move(all), count, options.ratio);
  return sparse;
}

}  // namespace edgeproof::compress
