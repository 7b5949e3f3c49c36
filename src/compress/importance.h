#pragma once

// How much a network would miss a unit of its channels (channel_groups.h).

#include <string>
#include <vector>

#include "compress/channel_groups.h"
#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::compress {

enum class Importance {
  l1,          // sum of |w| of the filters that give it (Li et al. 2017)
  l2,          // root of the sum of w^2 of them
  batch_norm,  // sum of |gamma| of the BatchNorms right after them (Liu et al. 2017)
  taylor,      // what the loss changes to first order (Molchanov et al. 2019): train/taylor.h
  wanda,  // of the weights that read it, |w| times the norm of what they read (Sun et al. 2024)
};

// In the order of Importance: the words of a configuration.
const std::vector<std::string>& importance_names();

// Per node and channel of its output; empty for nodes that have none.
using NodeScores = std::vector<std::vector<double>>;

// The sum over each unit's channels.
std::vector<double> unit_scores(const ChannelGroups& groups, const NodeScores& scores);

// Scores every unit by an importance that needs nothing but the weights: l1, l2, batch_norm. Error
// unsupported, naming the node, for batch_norm where a convolution has no BatchNorm after it.
std::vector<double> weight_importance(const graph::Graph& fp32, const ChannelGroups& groups,
                                      Importance importance);

// wanda: sum of |w| over all weights that read the unit, times the Euclidean norm of what they read
// over at most `most` windows, evenly spread. Sun et al. score single weights so; summed over what
// a unit feeds it estimates what the next layers lose. Errors as CalibrationRun's.
std::vector<double> activation_importance(const graph::Graph& fp32, const ChannelGroups& groups,
                                          const signal::WindowSet& windows, int most);

}  // namespace edgeproof::compress
