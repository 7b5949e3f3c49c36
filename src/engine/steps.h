#pragma once

// What the steps of a recipe do to a graph: training, pruning, quantizing.

#include <functional>
#include <vector>

#include "experiment/materials.h"
#include "experiment/recipe.h"
#include "store/store.h"

namespace edgeproof::engine {

// The network that a recipe begins with: the study's own, if it has one, else the zoo's. Its
// layers, with weights of zero if it is the zoo's; and with the weights it begins with.
graph::Graph layers_of(const experiment::Materials& materials, const experiment::Recipe& recipe);
graph::Graph initial_network(const experiment::Materials& materials,
                             const experiment::Recipe& recipe, std::int64_t seed);

// Error bad_config if the step asks for what the data set does not have.
void check_step(const experiment::Materials& materials, const experiment::RecipeStep& step);

// Of a step that trains: its own, or else the study's.
train::TrainOptions train_options(const experiment::Materials& materials,
                                  const experiment::RecipeStep& step, std::int64_t seed);

// A step's own epochs, or else the study's; 0 for 'train' where the network is trained already.
int epochs_of(const experiment::Materials& materials, const experiment::RecipeStep& step);

// A step that trains `start`, with the FP32 networks of its teachers; `start` itself for 'train'
// where the network is trained already.
store::TrainedModel trained(const experiment::Materials& materials,
                            const experiment::RecipeStep& step, std::int64_t seed,
                            const graph::Graph& start, std::vector<graph::Graph> teachers,
                            const std::function<void(const train::EpochLog&)>& on_epoch);

// Pruning: a step 'prune' or 'sparsify'.
graph::Graph pruned(const experiment::Materials& materials, const experiment::RecipeStep& step,
                    const graph::Graph& fp32, std::int64_t seed);

// What a step that trains or prunes makes of a network; unchanged by a ptq.
graph::Graph carried_out(const experiment::Materials& materials, const experiment::RecipeStep& step,
                         std::int64_t seed, const graph::Graph& network,
                         std::vector<graph::Graph> teachers,
                         const std::function<void(const train::EpochLog&)>& on_epoch);

// Whether the recipe's layers are there and its channels can be removed: as many are, but any.
// Error bad_config or unsupported.
void check_layers(const experiment::Materials& materials, const experiment::Recipe& recipe,
                  const graph::Graph& network);

// What runs on a device: folded, and integers if the recipe ends so. `trained` is what all its
// steps but a last ptq have made.
graph::Graph finished(const experiment::Materials& materials, const experiment::Recipe& recipe,
                      std::int64_t seed, const graph::Graph& trained);

}  // namespace edgeproof::engine
