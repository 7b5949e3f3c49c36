// Test: quantize_test.cpp.

#include "compress/weight_bits.h"

#include <algorithm>
#include <vector>

#include "compress/weight_rounding.h"
#include "core/error.h"
#include "core/text.h"

namespace edgeproof::compress {

void check(const WeightBits& bits, const graph::Graph& graph) {
  (void)largest_weight_level(bits.all);
  std::vector<std::string> layers;
  for (const graph::Node& node : graph.nodes) {
    if (graph::weights_of(node.op) != nullptr) layers.push_back(node.name);
  }
  for (const auto& [layer, of_layer] : bits.of_layer) {
    (void)largest_weight_level(of_layer);
    if (std::ranges::find(layers, layer) == layers.end()) {
      fail(ErrorCode::bad_config, "weight bits: no convolution or dense layer '{}'{}", layer,
           did_you_mean(layer, layers));
    }
  }
}

}  // namespace edgeproof::compress
