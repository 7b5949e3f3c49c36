#pragma once

// What the steps of a recipe do to a graph: training, pruning, quantizing.

#include <cstdint>
#include <functional>
#include <vector>

#include "experiment/materials.h"
#include "experiment/recipe.h"
#include "graph/graph.h"
#include "train/trainer.h"

namespace edgeproof::engine {

// Called after each epoch of a training.
using OnEpoch = std::function<void(const train::EpochLog&)>;

// The network that a recipe begins with, with random weights of the seed's, or with those of the
// study's own network if it has one ([model] onnx).
graph::Graph initial_network(const experiment::Materials& materials,
                             const experiment::Recipe& recipe, std::int64_t seed);

// The layers of that network; the weights are zero unless the study has a network of its own.
graph::Graph initial_layers(const experiment::Materials& materials,
                            const experiment::Recipe& recipe);

// Error bad_config if the step asks for what the data set does not have.
void check_step(const experiment::Materials& materials, const experiment::RecipeStep& step);

// Error bad_config or unsupported unless the network has the layers that the recipe names, and
// channels that can be removed. Removes the same number of channels, chosen arbitrarily.
void check_layers(const experiment::Materials& materials, const experiment::Recipe& recipe,
                  const graph::Graph& network);

// The options of a step that trains: its own, and the study's where it has none, with the number of
// epochs and the batch size that it really has (experiment/budget.h).
train::TrainOptions train_options(const experiment::Materials& materials,
                                  const experiment::RecipeStep& step, std::int64_t seed);

// How many epochs the step trains; 0 for 'train' where the network has been trained already.
int epochs_of(const experiment::Materials& materials, const experiment::RecipeStep& step);

// Trains `start`, towards the FP32 networks of its teachers if it has any. Returns `start` itself,
// without a log, for 'train' where the network has been trained already.
train::TrainResult train_step(const experiment::Materials& materials,
                              const experiment::RecipeStep& step, std::int64_t seed,
                              const graph::Graph& start, std::vector<graph::Graph> teachers,
                              const OnEpoch& on_epoch);

// Removes channels (prune) or sets weights to zero (sparsify).
graph::Graph prune_step(const experiment::Materials& materials, const experiment::RecipeStep& step,
                        const graph::Graph& fp32, std::int64_t seed);

// Trains or prunes, as the step says. A ptq leaves the network as it is: deploy() quantizes.
graph::Graph apply_step(const experiment::Materials& materials, const experiment::RecipeStep& step,
                        std::int64_t seed, const graph::Graph& network,
                        std::vector<graph::Graph> teachers, const OnEpoch& on_epoch);

// The program of the device, from the network that all steps but a last ptq have made: BatchNorm
// folded, and quantized to integers if the recipe ends so.
graph::Graph deploy(const experiment::Materials& materials, const experiment::Recipe& recipe,
                    std::int64_t seed, const graph::Graph& network);

}  // namespace edgeproof::engine
