#pragma once

// Faults for fault-aware training: which one, and how severe, each recording gets in each epoch.
//
//   uniform     every fault and severity alike
//   curriculum  at first severity 1 alone; harder ones join in turn, all of them from the middle of
//               the training on
//   worst       a quarter of the draws uniform over the faults, the rest in proportion to the error
//               under each fault so far (learn()); until anything is learnt, as uniform
//
// A draw is a pure function of (seed, epoch, recording) and of what was learnt: shuffling, batch
// size and threads do not enter.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/enum_words.h"
#include "faults/expression.h"

namespace edgeproof::faults {

enum class Sampling { uniform, curriculum, worst };

inline constexpr auto kSamplingWords = enum_words<Sampling>({{Sampling::uniform, "uniform"},
                                                             {Sampling::curriculum, "curriculum"},
                                                             {Sampling::worst, "worst"}});

struct TrainingFault {
  std::size_t fault = 0;   // index into the sampler's faults
  int severity = 0;        // 1 or more
  std::uint64_t seed = 0;  // for Context::seed: an epoch's own, so that no noise comes twice
};

class TrainingSampler {
 public:
  // Error bad_config without any fault. They must all be applicable.
  TrainingSampler(std::vector<Fault> faults, Sampling sampling, int epochs, std::uint64_t seed);

  TrainingFault draw(std::uint32_t epoch, std::uint32_t recording) const;

  // The share of wrong labels under each fault, not all zero; later draws of `worst` follow it.
  void learn(std::span<const double> errors);

  const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::vector<Fault> faults_;
  Sampling sampling_;
  int epochs_;
  std::uint64_t seed_;
  std::vector<double> cumulative_;  // of the faults' probabilities
};

}  // namespace edgeproof::faults
