#pragma once

// How long trainings last. A budget is counted in optimizer steps, within bounds in epochs, so that
// fifty windows are trained on until the loss has settled, and fifty thousand take no longer than
// they need (docs/decisions/0013-training-budgets.md).
//
//   batch size   as named; else windows / 16 rounded down to a power of two, from 8 to 64
//   epochs       as named; else steps / steps of an epoch, rounded up, within the bounds
//
// Whoever needs a length asks here: keys of results, the training itself and what is printed cannot
// differ.

#include <cstdint>
#include <string>

#include "experiment/config.h"

namespace edgeproof::experiment {

// A training's length as it is carried out.
struct Budget {
  int epochs = 0;
  int batch_size = 0;       // windows
  int steps_per_epoch = 0;  // optimizer steps
  std::int64_t steps() const { return std::int64_t{epochs} * steps_per_epoch; }
};

// Of a study: training from random weights, each further one, and each in 'finish' of a search.
struct Budgets {
  std::int64_t windows = 0;  // to train on
  Budget train, finetune, search;
};

// The batch size where the configuration names none.
int batch_size_for(std::int64_t windows);

// A last batch of one window is no step: BatchNorm cannot take the statistics of one.
int steps_per_epoch(std::int64_t windows, int batch_size);

Budgets budgets_of(const Config& config, std::int64_t train_windows);

// "training: 3744 windows in batches of 64; 26 epochs (1534 steps), each further one 11 (649
// steps)".
std::string text_of(const Budgets& budgets);

}  // namespace edgeproof::experiment
