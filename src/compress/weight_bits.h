#pragma once

#include <map>
#include <string>

#include "graph/graph.h"

namespace edgeproof::compress {

// The bits of every layer's weights, 2 to 8: one number for all, and others for those named.
struct WeightBits {
  // Not explicit, because a number is meant for all layers.
  WeightBits(int bits = 8) : all(bits) {}
  WeightBits(int bits, std::map<std::string, int> layers)
      : all(bits), of_layer(std::move(layers)) {}

  int all;
  std::map<std::string, int> of_layer;  // by the name of the node

  int of(const std::string& layer) const {
    const auto found = of_layer.find(layer);
    return found == of_layer.end() ? all : found->second;
  }
};

// Error bad_config for bits out of range, or a name that is no convolution or dense layer of the
// graph, with a suggestion.
void check(const WeightBits& bits, const graph::Graph& graph);

}  // namespace edgeproof::compress
