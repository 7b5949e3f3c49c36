#pragma once

// The windows that each epoch trains on: clean, augmented, or with sensor faults.
//
// Faults act on whole recordings, before imputation and z-score, as in the study's tests
// (docs/faults.md): in each epoch every recording draws one fault and severity (faults/training.h),
// and each of its windows is taken from the faulty or from the clean recording. Augmentation
// (train/augment.h) stands for other people, so it comes before the faults of their sensors: a gain
// of motion must not amplify noise. Only where windows overlap in a stream it follows the faults,
// which act on the whole recording. Everything is a pure function of the seed, the epoch and the
// recording or window.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "faults/training.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"
#include "train/augment.h"

namespace edgeproof::train {

struct EpochOptions {
  AugmentOptions augment = {};
  std::vector<faults::Fault> faults = {};  // applicable ones; empty: no faults
  faults::Sampling sampling = faults::Sampling::uniform;
  int epochs = 0;            // how many there will be, for a curriculum
  double clean_share = 0.5;  // of the windows, with faults
  std::uint64_t seed = 0;
};

class Epochs {
 public:
  // Both must outlive this. Error bad_config if the options ask for what the data set does not
  // have.
  Epochs(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
         const EpochOptions& options);

  // The training windows of an epoch; valid until the next call.
  const signal::WindowSet& training(int epoch);

  // The same windows, augmented alike, without faults: what a teacher sees.
  const signal::WindowSet& clean(int epoch);

  // What the best epoch is chosen on: the validation windows, and with faults a faulty copy of them
  // too.
  signal::WindowSet validation() const;

  // After an epoch, the labels predicted for the validation windows: with Sampling::worst, later
  // epochs draw the faults with more errors more often.
  void learn(std::span<const std::int32_t> labels);

 private:
  // The fault of a recording in an epoch.
  faults::TrainingFault fault_of(std::uint32_t epoch, int recording) const;
  signal::WindowSet faulty(std::span<const signal::Window> windows, const signal::WindowSet& clean,
                           double clean_share, std::uint32_t epoch) const;

  const signal::Dataset& dataset_;
  const signal::Pipeline& pipeline_;
  EpochOptions options_;
  std::optional<faults::TrainingSampler> sampler_, validation_sampler_;
  std::optional<Augment> augment_;
  signal::WindowSet clean_, current_, clean_augmented_;
};

}  // namespace edgeproof::train
