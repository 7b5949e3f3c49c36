#pragma once

// Shape inference and validation. Everything that executes, converts or writes a graph calls
// validate() first, and may then rely on what it promises.

#include <vector>

#include "graph/graph.h"

namespace edgeproof::graph {

// The output shape of every node. Error bad_input naming the node where shapes do not fit.
std::vector<Shape> infer_shapes(const Graph& graph);

// The same of one node, whose inputs' shapes are in `shapes`, by node.
Shape infer_shape(const Graph& graph, std::size_t node, const std::vector<Shape>& shapes);

// Throws Error bad_input, naming the node, unless: node 0 is the only Input; inputs point
// backwards; every node but the last is used; names are unique and not empty; shapes fit; weights
// have the right counts and finite values; a graph with Int8Weights is int8 throughout, its scales
// are positive, its zero points levels of their bits, and pooling and concatenation share one
// quantization with all their inputs.
void validate(const Graph& graph);

// The length of a convolution's output.
int conv_output_length(const Conv1d& conv, int length);

}  // namespace edgeproof::graph
