#pragma once

// The models of a study: training them, and deploying them.

#include <filesystem>

#include "graph/graph.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"
#include "study/config.h"
#include "study/store.h"
#include "study/variants.h"

namespace edgeproof::study {

// What every job of a study reads.
struct Materials {
  const Config& config;
  const signal::Dataset& dataset;
  const signal::Pipeline& pipeline;
  // The trained network that all models start from; none: the zoo's, from random weights.
  const graph::Graph* network = nullptr;
};

// Error bad_config if the network or its training does not fit the data: before anything is
// written.
void check_models(const Materials& materials);

// Trains what the store does not have yet, `threads` trainings at a time: what is made
// from another one after that. Every training is one transaction.
void train_models(const Materials& materials, Store& store, int threads);

// Makes every variant of every seed that the store does not have yet.
void deploy_models(const Materials& materials, Store& store, int threads);

// The FP32 graph that an integer variant was quantized from, folded; equalized, if its recipe does
// that. Its trainings must be in the store.
graph::Graph fp32_counterpart(const Materials& materials, const Store& store,
                              const Variant& variant, std::int64_t seed);

}  // namespace edgeproof::study
