#include "compress/data_rounding.h"

#include <utility>

#include "compress/layer_data.h"
#include "graph/fold.h"
#include "graph/shapes.h"

namespace edgeproof::compress {

const std::vector<std::string>& weight_rounding_names() {
  static const std::vector<std::string> names = {"nearest", "adaround", "gptq"};
  return names;
}

graph::Graph quantize(const graph::Graph& ranged, const signal::WindowSet& windows,
                      const QuantizeOptions& options, const DataRounding& rounding) {
  const graph::Graph fp32 = graph::fold(ranged);
  graph::Graph int8 = quantize(fp32, options);
  if (rounding.method == WeightRounding::nearest) return int8;
  for (int n = 0; n < static_cast<int>(int8.nodes.size()); ++n) {
    graph::Node& node = int8.nodes[static_cast<std::size_t>(n)];
    graph::Weights* weights = graph::weights_of(node.op);
    if (weights == nullptr) continue;
    const int largest_level = largest_weight_level(options.weight_bits.of(node.name));
    auto& q = std::get<graph::Int8Weights>(*weights);
    const bool learns = rounding.method == WeightRounding::adaround;
    LayerData layer = layer_data(int8, fp32, n, windows, rounding.windows, learns);
    q.values = learns ? adaround(std::move(layer), q, largest_level, rounding.adaround)
                      : gptq(layer, q, largest_level, rounding.gptq);
  }
  graph::validate(int8);
  return int8;
}

}  // namespace edgeproof::compress
