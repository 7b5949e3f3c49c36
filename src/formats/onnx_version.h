#pragma once

// Which version of ONNX a graph is written in. Internal to formats.

#include "graph/graph.h"

namespace edgeproof::formats {

// Opset and file version: the first that know the graph's operators and its narrowest weights.
struct OnnxVersion {
  int opset, ir;
};

OnnxVersion onnx_version_for(const graph::Graph& graph);

}  // namespace edgeproof::formats
