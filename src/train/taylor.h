#pragma once

// What removing a channel would change the loss by, to first order (Molchanov et al. 2019,
// "Importance Estimation for Neural Network Pruning").

#include "compress/importance.h"
#include "graph/graph.h"
#include "signal/pipeline.h"

namespace edgeproof::train {

// For every output channel of every full convolution the mean over batches of (g . w)^2, where w
// are the numbers that the channel is scaled by and g the gradient of the cross-entropy: gamma and
// beta of its BatchNorm, which is run as deployed, or else its filter and bias. At most `most`
// windows, evenly spread over the set, in batches of 64. Error bad_input for an empty set, or if
// the loss is not finite.
compress::NodeScores taylor_scores(const graph::Graph& fp32, const signal::WindowSet& windows,
                                   int most);

}  // namespace edgeproof::train
