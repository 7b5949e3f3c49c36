#pragma once

// The keys of all results of a study: what decides a result, and nothing else, so that nothing else
// computes anything anew.
//
// A key is a SHA-256 of: the versions of what computes it (result_versions.h); the windows and
// recordings as they were read (not where from) and the pipeline; the network that training starts
// from; of each step of the recipe its text and those settings of the configuration that the step
// uses, with epochs and batch size as they are carried out; its teachers; the seed; of an
// evaluation the fault's definition at its severity, the realization and the faults' seed.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiment/condition.h"
#include "experiment/config_file.h"
#include "experiment/materials.h"
#include "experiment/recipe.h"
#include "faults/expression.h"
#include "store/job.h"

namespace edgeproof::engine {

class Digest;

// Not to be used by several threads at once.
class Keys {
 public:
  // The materials must outlive it.
  explicit Keys(const experiment::Materials& materials);

  const experiment::Variants& variants() const { return variants_; }

  // The network that the first `count` steps of a recipe make.
  std::string network(const experiment::Recipe& recipe, std::size_t count, std::int64_t seed) const;
  std::string deployed(const experiment::Variant& variant, std::int64_t seed) const;

  // An evaluation or a diagnosis of the model with the key `deployed`. `fault` is null if clean.
  std::string shown(store::JobKind kind, const experiment::Recipe& recipe,
                    const std::string& deployed, const faults::Fault* fault,
                    const experiment::Condition& on) const;
  std::string latency(const std::string& deployed) const;
  std::string device(const std::string& deployed, const std::string& target) const;

 private:
  std::string start(const experiment::Recipe& recipe) const;
  std::string after_step(const experiment::Recipe& recipe, std::size_t count,
                         std::int64_t seed) const;
  void add_settings(Digest& digest, const experiment::RecipeStep& step) const;

  const experiment::Materials& m_;
  std::vector<experiment::Setting> settings_;
  experiment::Variants variants_;
  std::string training_data_, test_data_, network_;
  mutable std::map<std::pair<std::string, std::int64_t>, std::string> known_;
};

}  // namespace edgeproof::engine
