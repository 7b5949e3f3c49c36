#pragma once

// The jobs of a study, and their keys (keys.h).

#include <map>
#include <string>
#include <vector>

#include "experiment/materials.h"
#include "experiment/recipe.h"
#include "store/job.h"

namespace edgeproof::engine {

// One training of a study: a step of some recipe.
struct Training {
  experiment::Recipe recipe;
  std::size_t count = 0;  // of the recipe's steps, this one the last
  std::string name() const { return recipe.prefix(count); }
  const experiment::RecipeStep& step() const { return recipe.steps[count - 1]; }
};

// Everything that the study's variants and their teachers are trained by, by name.
std::map<std::string, Training> trainings_of(const experiment::Config& config);

// All jobs, each after what it needs.
std::vector<store::Job> plan_of(const experiment::Materials& materials);

// The key of what the first `count` steps of a recipe make.
std::string key_of_network(const experiment::Materials& materials, const experiment::Recipe& recipe,
                           std::size_t count, std::int64_t seed);

}  // namespace edgeproof::engine
