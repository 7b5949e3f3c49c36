#pragma once

// Structured pruning: whole channels are removed, so that the network that stays is smaller and
// faster on any hardware.

#include <string>
#include <vector>

#include "compress/channel_groups.h"
#include "graph/graph.h"

namespace edgeproof::compress {

enum class PruneScope {
  uniform,  // every group of layers loses the same share of its channels
  global,   // the least important channels of the whole network go
  macs,  // those of least importance for each multiply-accumulate that they cost, until the share
         // of multiply-accumulates is gone: latency on a microcontroller follows these
};

// In the order of PruneScope: the words of a configuration.
const std::vector<std::string>& prune_scope_names();

// How many channels of a convolution, and so of its group, stay.
struct Keep {
  std::string node;
  int channels = 0;
};

struct PruneOptions {
  double ratio = 0.5;  // share of channels (macs: of multiply-accumulates) to remove, [0, 1)
  PruneScope scope = PruneScope::uniform;
  std::vector<Keep> keep = {};  // not empty: these counts instead of a ratio; other groups stay
};

// Removes the units with the smallest `scores`, and with them what later layers hold for their
// channels: BatchNorm parameters, depthwise filters, input weights. `groups` is channel_groups() of
// the graph, `scores` has one finite number per unit, not negative. Of every group at least one
// unit stays. Where groups are compared, scores are divided by their group's mean, unless they are
// in one unit already (`comparable`: what the loss changes).
//
// Ranges and weight grids do not survive. Error bad_config for a ratio outside [0, 1), or a count
// that is not between 1 and what there is; for an unknown node in `keep`, or counts of one group
// that differ; unsupported for an int8 graph.
graph::Graph prune_channels(const graph::Graph& fp32, const ChannelGroups& groups,
                            const std::vector<double>& scores, const PruneOptions& options,
                            bool comparable = false);

}  // namespace edgeproof::compress
