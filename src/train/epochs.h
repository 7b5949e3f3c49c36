#pragma once

// The windows that each epoch trains on: clean, augmented, or with sensor faults.
//
// Faults act on whole recordings, before imputation and z-score, as in the study's tests
// (docs/faults.md): in each epoch every recording draws one fault and severity of the suite, and
// each of its windows is taken from the faulty or from the clean recording. Augmentation turns each
// window's triads by one random rotation: sensors are never mounted twice in the same way.
// Everything is a pure function of the seed, the epoch and the recording or window.

#include <cstdint>
#include <string>

#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::train {

struct EpochOptions {
  double rotation_deg = 0;   // sd of the angle, about a random axis; 0: none
  std::string fault_suite;   // empty: no faults
  double clean_share = 0.5;  // of the windows, with faults
  std::uint64_t seed = 0;
};

// Error bad_config if the options ask what the data set cannot give: rotation without triads.
void check(const signal::Dataset& dataset, const EpochOptions& options);

class Epochs {
 public:
  // Both must outlive this. Errors as of check().
  Epochs(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
         const EpochOptions& options);

  // The training windows of an epoch; valid until the next call.
  const signal::WindowSet& training(int epoch);

  // What the best epoch is chosen on: the validation windows, and with faults a faulty copy of them
  // too.
  signal::WindowSet validation() const;

 private:
  signal::WindowSet faulty(std::span<const signal::Window> windows, const signal::WindowSet& clean,
                           double clean_share, std::uint32_t epoch) const;
  void rotate(signal::WindowSet& windows, std::uint32_t epoch) const;

  const signal::Dataset& dataset_;
  const signal::Pipeline& pipeline_;
  EpochOptions options_;
  signal::WindowSet clean_, current_;
};

}  // namespace edgeproof::train
