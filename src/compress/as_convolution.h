#pragma once

#include "core/error.h"
#include "graph/traits.h"

namespace edgeproof::compress {

struct AsConvolution {
  graph::Shape in;

  graph::Conv1d operator()(const graph::Conv1d& conv) const {
    graph::Conv1d geometry = conv;
    geometry.weights = {};
    return geometry;
  }
  graph::Conv1d operator()(const graph::Dense& dense) const {
    return {
        .out_channels = dense.out_features, .kernel = in.length, .activation = dense.activation};
  }
  template <graph::MultipliesNothing Operation>
  graph::Conv1d operator()(const Operation& operation) const {
    fail(ErrorCode::unsupported, "{}: is no convolution", graph::op_name(operation));
  }
};

// The geometry, without weights, of a convolution or of the convolution that a dense layer over an
// input of shape `in` is: its kernel spans the whole input, and its weights have the same order.
// Error unsupported for an operation without weights.
inline graph::Conv1d as_convolution(const graph::Op& op, graph::Shape in) {
  return std::visit(AsConvolution{in}, op);
}

}  // namespace edgeproof::compress
