#pragma once

// Structured pruning: whole channels are removed, so that the network that stays is smaller and
// faster on any hardware.

#include <vector>

#include "compress/channel_groups.h"
#include "compress/prune_options.h"
#include "graph/graph.h"

namespace edgeproof::compress {

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
