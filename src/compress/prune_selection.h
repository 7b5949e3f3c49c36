#pragma once

#include <vector>

#include "compress/channel_groups.h"
#include "compress/prune_options.h"
#include "graph/graph.h"

namespace edgeproof::compress {

// Says of every unit whether prune_channels() takes it away; arguments and errors are the same.
std::vector<bool> units_to_remove(const graph::Graph& graph, const ChannelGroups& groups,
                                  const std::vector<double>& scores, const PruneOptions& options,
                                  bool comparable);

}  // namespace edgeproof::compress
