#pragma once

// Importance of channels by the gradient of the loss: train/trainer.h has the contract.

#include "train/trainer.h"

namespace edgeproof::libtorch {

compress::NodeScores taylor_scores(const graph::Graph& fp32, const signal::WindowSet& windows,
                                   int most);

}  // namespace edgeproof::libtorch
