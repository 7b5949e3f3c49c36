#pragma once

// Training by LibTorch: train/trainer.h has the contracts.

#include "train/trainer.h"

namespace edgeproof::libtorch {

train::TrainResult run_training(const graph::Graph& start, const train::EpochWindows& epoch_windows,
                                const signal::WindowSet& validation,
                                const train::TrainOptions& options,
                                const train::TrainWith& with = {});

std::vector<std::int32_t> predict_labels(const graph::Graph& graph,
                                         const signal::WindowSet& windows, bool fake_quant);

}  // namespace edgeproof::libtorch
