#pragma once

// The versions of what jobs compute. Each is part of the keys of the results that it decides, so
// that a store's results do not outlive the code that made them.
//
// Whoever changes what a kind of step makes of the same input raises its number here; then every
// study computes those results, and what is made from them, anew. golden_results_test.cpp fails
// where that has been forgotten. A change of speed, names or messages needs nothing.

#include <cstdint>

#include "experiment/recipe.h"
#include "store/job.h"

namespace edgeproof::engine {

inline constexpr int kDataVersion = 2;    // reading, generating, windows, splits, pipeline
inline constexpr int kFaultsVersion = 2;  // what faults do to recordings (docs/faults.md)

constexpr int results_version(experiment::StepKind kind) {
  switch (kind) {  // NOLINT(bugprone-branch-clone): each kind has a version of its own
    case experiment::StepKind::train:
      return 1;
    case experiment::StepKind::finetune:
      return 1;
    case experiment::StepKind::qat:
      return 1;
    case experiment::StepKind::prune:
      return 1;
    case experiment::StepKind::sparsify:
      return 1;
    case experiment::StepKind::ptq:
      return 1;
  }
  return 0;
}

// What the kind of job adds to the models that it is made from.
constexpr int results_version(store::JobKind kind) {
  switch (kind) {  // NOLINT(bugprone-branch-clone): each kind has a version of its own
    case store::JobKind::training:
      return 1;  // the kinds of its steps decide
    case store::JobKind::deployment:
      return 1;
    case store::JobKind::evaluation:
      return 1;
    case store::JobKind::diagnosis:
      return 1;
    case store::JobKind::latency:
      return 2;  // in rounds that take turns, with a mark where the machine was busy
    case store::JobKind::device:
      return 1;
  }
  return 0;
}

}  // namespace edgeproof::engine
