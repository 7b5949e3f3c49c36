#pragma once

// Models of other tools in the form that Reader knows, and graphs read from them in the form that
// compression knows. Internal to formats.

#include <onnx/onnx_pb.h>

#include <string>

#include "graph/graph.h"

namespace edgeproof::formats {

// In models without it, prepare() is needed.
inline constexpr const char* kProducer = "edgeproof";

// - Of several outputs the one that is real numbers stays; classifiers by scikit-learn's converters
//   give labels and a map of probabilities too. Of labels, how they are looked up goes. What is not
//   needed then goes.
// - Quantized operators (QLinearConv, …) become the real ones between DequantizeLinear and
//   QuantizeLinear.
void prepare(onnx::GraphProto& graph, const std::string& source);

// BatchNorm and Relu that graph::fold() could not merge become a convolution per channel, and a
// clip: the same functions.
graph::Graph foldable(graph::Graph graph);

}  // namespace edgeproof::formats
