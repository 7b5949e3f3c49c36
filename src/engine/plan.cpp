#include "engine/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "engine/keys.h"
#include "engine/steps.h"

namespace edgeproof::engine {
namespace {

// The number of steps up to the last one that trains, of the first `count`.
std::size_t last_training(const experiment::Recipe& recipe, std::size_t count) {
  while (count > 0 && !recipe.steps[count - 1].trains()) --count;
  return count;
}

class Planner {
 public:
  explicit Planner(const experiment::Materials& m) : m_(m), keys_(m) {}

  std::vector<store::Job> plan() {
    const experiment::Config& config = m_.config;
    for (const std::int64_t seed : config.seeds) {
      for (const std::string& name : config.variants) add_trainings(name, seed);
    }
    for (const std::string& name : config.variants) {
      const experiment::Variant& variant = keys_.variants().at(name);
      for (const std::int64_t seed : config.seeds) {
        add({store::JobKind::deployment, name, seed}, keys_.deployed(variant, seed),
            {trained_key(variant.recipe, variant.recipe.steps.size(), seed)});
      }
    }
    const experiment::FaultList list =
        experiment::applicable_faults(config.faults.choice, m_.dataset, m_.pipeline);
    std::vector<std::string> names;
    for (const faults::Fault& fault : list.applicable) names.push_back(fault.name);
    for (const experiment::Condition& on :
         experiment::all_conditions(names, config.faults.severities, config.faults.realizations)) {
      add_shown(store::JobKind::evaluation, experiment::fault_of(on, list), on);
    }
    for (const experiment::Condition& on :
         experiment::diagnosis_conditions(names, config.faults.severities)) {
      add_shown(store::JobKind::diagnosis, experiment::fault_of(on, list), on);
    }
    for (const std::string& name : config.variants) {
      const std::int64_t seed = config.seeds.front();
      const std::string deployed = keys_.deployed(keys_.variants().at(name), seed);
      add({store::JobKind::latency, name, seed}, keys_.latency(deployed), {deployed});
      const experiment::Recipe& recipe = keys_.variants().at(name).recipe;
      if (!recipe.is_integer() || recipe.is_simulated()) continue;  // nothing that devices run
      for (const std::string& target : config.device_targets) {
        add({store::JobKind::device, name, seed, store::OnDevice{target}},
            keys_.device(deployed, target), {deployed});
      }
    }
    return std::move(jobs_);
  }

 private:
  void add(store::JobId id, std::string key, std::vector<std::string> needs, double cost = 1) {
    if (!ids_.insert(id).second) return;
    jobs_.push_back({std::move(id), std::move(key), std::move(needs), cost});
  }

  std::string trained_key(const experiment::Recipe& recipe, std::size_t count,
                          std::int64_t seed) const {
    return keys_.network(recipe, last_training(recipe, count), seed);
  }

  void add_trainings(const std::string& name, std::int64_t seed) {
    const experiment::Recipe& recipe = keys_.variants().at(name).recipe;
    for (std::size_t count = 1; count <= recipe.trained(); ++count) {
      const experiment::RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      std::vector<std::string> needs;
      if (last_training(recipe, count - 1) > 0) {
        needs.push_back(trained_key(recipe, count - 1, seed));
      }
      for (const std::string& teacher : step.teachers) {
        add_trainings(teacher, seed);
        const experiment::Recipe& taught_by = keys_.variants().at(teacher).recipe;
        needs.push_back(trained_key(taught_by, taught_by.steps.size(), seed));
      }
      add({store::JobKind::training, recipe.prefix(count), seed},
          keys_.network(recipe, count, seed), std::move(needs), std::max(epochs_of(m_, step), 1));
    }
  }

  // Adds a job for each variant and seed; diagnoses are of integer variants and the first seed.
  void add_shown(store::JobKind kind, const faults::Fault* fault, const experiment::Condition& on) {
    for (const std::string& name : m_.config.variants) {
      const experiment::Variant& variant = keys_.variants().at(name);
      const experiment::Recipe& recipe = variant.recipe;
      if (kind == store::JobKind::diagnosis && !recipe.is_integer()) continue;
      for (const std::int64_t seed : m_.config.seeds) {
        if (kind == store::JobKind::diagnosis && seed != m_.config.seeds.front()) continue;
        const std::string deployed = keys_.deployed(variant, seed);
        std::vector<std::string> needs{deployed};
        if (kind == store::JobKind::diagnosis || recipe.is_quantization_aware()) {
          needs.push_back(trained_key(recipe, recipe.steps.size(), seed));
        }
        add({kind, name, seed, on}, keys_.shown(kind, recipe, deployed, fault, on),
            std::move(needs));
      }
    }
  }

  const experiment::Materials& m_;
  Keys keys_;
  std::set<store::JobId> ids_;
  std::vector<store::Job> jobs_;
};

}  // namespace

std::map<std::string, Training> trainings_of(const experiment::Config& config) {
  const experiment::Variants variants = config.all_variants();
  std::map<std::string, Training> all;
  const std::function<void(const std::string&)> add = [&](const std::string& variant) {
    const experiment::Recipe& recipe = variants.at(variant).recipe;
    for (std::size_t count = 1; count <= recipe.trained(); ++count) {
      const experiment::RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      for (const std::string& teacher : step.teachers) add(teacher);
      all.emplace(recipe.prefix(count), Training{recipe, count});
    }
  };
  for (const std::string& variant : config.variants) add(variant);
  return all;
}

std::vector<store::Job> plan_of(const experiment::Materials& m) {
  return Planner(m).plan();
}

std::string key_of_network(const experiment::Materials& m, const experiment::Recipe& recipe,
                           std::size_t count, std::int64_t seed) {
  return Keys(m).network(recipe, count, seed);
}

}  // namespace edgeproof::engine
