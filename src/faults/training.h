#pragma once

// Faults for fault-aware training: which one, and how severe, each recording gets in each epoch.
//
// A pure function of (seed, epoch, recording): shuffling, batch size and threads do not enter, and
// an interrupted training goes on with the same faults. Thread-safe.

#include <cstdint>
#include <span>

#include "faults/fault.h"

namespace edgeproof::faults {

struct TrainingFault {
  const Definition* definition = nullptr;
  int severity = 0;        // 1 to 5
  std::uint64_t seed = 0;  // for Context::seed: an epoch's own, so that no noise comes twice
};

// Uniform over the faults and over severities 1 to 5. The suite is not empty, and outlives the
// sampler.
class TrainingSampler {
 public:
  TrainingSampler(std::span<const Definition> suite, std::uint64_t seed);

  TrainingFault draw(std::uint32_t epoch, std::uint32_t recording) const;

 private:
  std::span<const Definition> suite_;
  std::uint64_t seed_;
};

}  // namespace edgeproof::faults
