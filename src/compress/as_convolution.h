#pragma once

#include "graph/graph.h"

namespace edgeproof::compress {

// The geometry, without weights, of a convolution or of the convolution that a dense layer over an
// input of shape `in` is: its kernel spans the whole input, and its weights have the same order.
inline graph::Conv1d as_convolution(const graph::Op& op, graph::Shape in) {
  if (const auto* dense = std::get_if<graph::Dense>(&op)) {
    return {
        .out_channels = dense->out_features, .kernel = in.length, .activation = dense->activation};
  }
  graph::Conv1d conv = std::get<graph::Conv1d>(op);
  conv.weights = {};
  return conv;
}

}  // namespace edgeproof::compress
