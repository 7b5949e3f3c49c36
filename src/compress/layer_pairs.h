#pragma once

// Neighbouring layers of which one's output channels can be scaled, and the other's input channels
// against it, without changing the FP32 function.
//
// Layer 1 feeds layer 2 alone, through functions with f(s x) = s f(x) for s > 0: its own ReLU,
// pooling.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::compress {

// A convolution or dense layer with its weights by input channel and by output channel. Refers to
// the graph that it is of.
struct ScalableLayer {
  graph::Conv1d conv;  // its geometry (as_convolution.h)
  graph::Shape in;
  graph::FloatWeights* weights;

  // Calls body(weight, input channel, output channel) for each.
  template <typename Body>
  void for_each(Body body) const {
    const int group_inputs = in.channels / conv.groups;
    const int group_outputs = conv.out_channels / conv.groups;
    std::size_t at = 0;
    for (int o = 0; o < conv.out_channels; ++o) {
      for (int k = 0; k < conv.kernel; ++k) {
        for (int i = 0; i < group_inputs; ++i) {
          body(weights->values[at++],
               static_cast<std::size_t>(o / group_outputs * group_inputs + i),
               static_cast<std::size_t>(o));
        }
      }
    }
  }
};

struct LayerPair {
  ScalableLayer first, second;
  int second_input;  // the node that layer 2 reads: channel by channel what layer 1 gives
};

// The graph folded and without ranges, for activations will change. Error bad_input for an int8 or
// invalid graph, saying that it was meant for `what`.
graph::Graph scalable(const graph::Graph& fp32, const char* what);

// Finds the pairs of a folded FP32 graph, in its order. They refer to its weights.
std::vector<LayerPair> layer_pairs(graph::Graph& graph);

// Divides the first layer's output channels, weights and bias, by `scales`, and multiplies the
// second one's weights that read them.
void rescale(const LayerPair& pair, std::span<const double> scales);

}  // namespace edgeproof::compress
