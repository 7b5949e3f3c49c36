#pragma once

// What every job of a study reads.

#include "experiment/config.h"
#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::experiment {

struct Materials {
  const Config& config;
  const signal::Dataset& dataset;
  const signal::Pipeline& pipeline;
  // The trained network that all models start from; none: the zoo's, from random weights.
  const graph::Graph* network = nullptr;
};

}  // namespace edgeproof::experiment
