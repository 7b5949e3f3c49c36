#pragma once

// What the logs of a study's trainings say of the trainings themselves: whether one was long
// enough, and whether further training made a network worse than the one that it began with.
// docs/metrics.md has the definitions.
//
// Losses are cross-entropies in nats. What counts as a difference is a share of ln(classes), the
// loss of a network that knows nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "store/store.h"

namespace edgeproof::results {

// One training of a study, with all seeds that it has been done for.
struct TrainingRuns {
  std::string name;                   // its recipe up to it
  std::string parent;                 // the training that it goes on from; empty: from the start
  bool same_validation = true;        // as the parent's: both with the same faults, or none
  bool further = false;               // not 'train': [finetune] decides
  std::vector<std::string> variants;  // that are made from it
  std::vector<std::int64_t> seeds;
  std::vector<store::TrainingLog> logs;  // one a seed
};

// Of the configuration's variants, in their order; those without any epoch are left out.
std::vector<TrainingRuns> training_runs(const store::Store& store,
                                        const experiment::Config& config);

// By how much lower the loss is at the end of a training than it ever was in its first half, in
// means of a tenth of the epochs: the validation loss, or the training loss where nothing
// validates. Nothing for fewer than two epochs.
std::optional<double> late_fall(const store::TrainingLog& log);

// Of a kept epoch against the parent's, mean over the seeds that both have: how much lower its
// validation accuracy and how much higher its validation loss is.
struct Worse {
  double accuracy = 0, loss = 0;
  double accuracy_now = 0, accuracy_before = 0, loss_now = 0, loss_before = 0;
};
// Nothing if they have no seed in common or were not validated.
std::optional<Worse> worse_than(const TrainingRuns& parent, const TrainingRuns& child);

struct TrainingNote {
  enum class Kind { not_converged, worse_than_parent };
  Kind kind = Kind::not_converged;
  std::string training;
  std::string text;  // a sentence that names it, without its full stop
};

// `validation_windows` of the data set, without the faulty copies that some trainings add.
std::vector<TrainingNote> notes_of(const std::vector<TrainingRuns>& trainings, int classes,
                                   std::int64_t validation_windows);

}  // namespace edgeproof::results
