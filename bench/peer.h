#pragma once

// A network of ours as another library runs it: chains of convolutions, maximum pooling, a global
// average and dense layers. `window` is [length, channels] in FP32, logits are FP32; what a library
// plans, packs and allocates beforehand is not timed.

#include <functional>
#include <span>

#include "graph/graph.h"

namespace edgeproof::bench {

using RunNetwork = std::function<void(std::span<const float> window, std::span<float> logits)>;

RunNetwork onednn_network(const graph::Graph& graph);
RunNetwork xnnpack_network(const graph::Graph& graph);

// Before any network: no instructions beyond AVX2.
void limit_onednn_to_avx2();

}  // namespace edgeproof::bench
