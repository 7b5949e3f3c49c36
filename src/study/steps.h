#pragma once

// What the steps of a recipe do to a graph: training, pruning, quantizing.

#include <functional>

#include "study/models.h"
#include "study/recipe.h"
#include "study/store.h"

namespace edgeproof::study {

// The study's network with zero weights.
graph::Graph untrained(const Materials& materials);

// Error bad_config if the step asks for what the data set does not have.
void check_step(const Materials& materials, const RecipeStep& step);

// A step's own epochs, or else the study's.
int epochs_of(const Materials& materials, const RecipeStep& step);

// A step that trains `start`; `teacher` is the FP32 network to distil, if the step has one.
TrainedModel trained(const Materials& materials, const RecipeStep& step, std::int64_t seed,
                     const graph::Graph& start, const graph::Graph& teacher,
                     const std::function<void(const train::EpochLog&)>& on_epoch);

// Pruning: a step 'prune' or 'sparsify'.
graph::Graph pruned(const Materials& materials, const RecipeStep& step, const graph::Graph& fp32,
                    std::int64_t seed);
// Of a step 'prune': as many channels gone, but any: to see early whether that can be done.
graph::Graph pruned_without_data(const Materials& materials, const RecipeStep& step,
                                 const graph::Graph& fp32);

// What runs on a device: folded, and integers if the recipe ends so. `trained` is what all its
// steps but a last ptq have made.
graph::Graph finished(const Materials& materials, const Recipe& recipe, std::int64_t seed,
                      const graph::Graph& trained);

}  // namespace edgeproof::study
