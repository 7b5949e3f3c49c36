#pragma once

// Which channels of a network can only be removed together.
//
// What an addition sums must keep its channels in step, a depthwise convolution and BatchNorm have
// the channels of what they read, a concatenation lays channels side by side. So a channel that one
// convolution gives may be tied to one of another: a unit is a set of tied channels, removed whole
// or not at all. A group is all units that come from the same convolutions: units of a group can
// take each other's place (dependency groups: Fang et al. 2023, "DepGraph", section 3).

#include <cstddef>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::compress {

struct ChannelGroup {
  std::vector<int> producers;  // nodes: the full convolutions that give its channels, ascending
  std::vector<int> units;      // in the order of the first producer's channels
};

struct ChannelGroups {
  static constexpr int kFixed = -1;

  // For every node and channel of its output: the unit it belongs to, kFixed if it must stay.
  std::vector<std::vector<int>> unit_of;
  std::vector<ChannelGroup> groups;
  std::vector<int> group_of;  // of every unit

  std::size_t units() const { return group_of.size(); }
};

// Channels of the input, of the last node, and of what a grouped convolution that is not depthwise
// reads and gives, are fixed. Error bad_input for an invalid graph.
ChannelGroups channel_groups(const graph::Graph& graph);

}  // namespace edgeproof::compress
