#pragma once

// Which positions of which nodes stay the same from one window to the next one: what the host's
// streams (stream.h) and the C module's (formats/c) move instead of computing.

#include <span>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::runtime {

// Positions [first + shift, first + shift + count) of a node's last window are [first, first +
// count) of the next one. Everything else is to be computed; count 0: the whole node.
struct Kept {
  int shift = 0, first = 0, count = 0;

  int end() const { return first + count; }
};

// Positions of a node that see no padding, [first, end), are `stride` samples of the input apart.
// Stride 0: the node has none that move along with the window.
struct Inside {
  int stride = 0, first = 0, end = 0;

  Kept kept(int hop) const;
};

// One per node of a valid graph; `shapes` as graph::infer_shapes().
std::vector<Inside> inside_positions(const graph::Graph& graph,
                                     std::span<const graph::Shape> shapes);

// Error bad_config for a hop below 1 or beyond the window's length.
void expect_hop(int hop, int length);

}  // namespace edgeproof::runtime
