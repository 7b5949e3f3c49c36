#pragma once

// Running every deployed model of a study on the clean test split and under every fault.

#include "study/models.h"

namespace edgeproof::study {

// What the store's predictions are compared with.
TestSet test_set_of(const signal::Dataset& dataset);

// Each condition is realized once and shown to all models; what the store has is not run again. For
// quantization-aware variants the labels of the fake-quantized network are compared too. Everything
// of one condition is one transaction.
void evaluate_models(const Materials& materials, Store& store, int threads);

// Host latency of each variant, on the first seed's model, if the store does not have it yet.
void measure_latencies(const Materials& materials, Store& store);

}  // namespace edgeproof::study
