#include "results/training_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "core/temp_folder.h"
#include "experiment/config_file.h"

namespace edgeproof::results {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The last epoch is kept; the loss by the share of the training that is over.
store::TrainingLog log_of(int epochs, const std::function<double(double)>& loss,
                          double accuracy = 0.9) {
  store::TrainingLog log{.best_epoch = epochs, .epochs = {}};
  for (int e = 1; e <= epochs; ++e) {
    const double validation = loss(static_cast<double>(e) / epochs);
    log.epochs.push_back({e, validation + 0.1, validation, accuracy});
  }
  return log;
}

TrainingRuns runs_of(const std::string& name, const std::vector<store::TrainingLog>& logs,
                     const std::string& parent = "") {
  TrainingRuns runs{.name = name,
                    .parent = parent,
                    .further = !parent.empty(),
                    .variants = {"a", "b"},
                    .seeds = {},
                    .logs = logs};
  for (std::size_t i = 0; i < logs.size(); ++i) {
    runs.seeds.push_back(static_cast<std::int64_t>(i) + 1);
  }
  return runs;
}

double falling(double t) {
  return 1.8 - t;
}
double settled(double t) {
  return 0.2 + 1.6 * std::exp(-12 * t);
}
double overfitted(double t) {
  return 0.2 + (t - 0.4) * (t - 0.4);
}

TEST(TrainingNotes, TheLateFallIsFromTheLowestTenthOfTheFirstHalf) {
  for (const int epochs : {2, 20, 100}) {
    EXPECT_NEAR(*late_fall(log_of(epochs, falling)), 0.5, 1e-12) << epochs;
  }
  EXPECT_FALSE(late_fall(log_of(1, falling)));
  store::TrainingLog without = log_of(20, falling);
  for (auto& epoch : without.epochs) epoch.validation_loss = epoch.validation_accuracy = kNone;
  EXPECT_NEAR(*late_fall(without), 0.5, 1e-12);
  // Down to 0.5, up to 1.5, and down to 1 again.
  const auto rose = [](double t) { return t < 0.25 ? 1 - 2 * t : t < 0.5 ? 4 * t - 0.5 : 2 - t; };
  EXPECT_LT(*late_fall(log_of(100, rose)), -0.4);
}

TEST(TrainingNotes, ALossThatStillFallsIsNotConverged) {
  const auto notes = notes_of(
      {runs_of("train", {log_of(20, falling), log_of(20, falling), log_of(20, settled)})}, 6, 100);
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].kind, TrainingNote::Kind::not_converged);
  EXPECT_EQ(notes[0].training, "train");
  EXPECT_EQ(
      notes[0].text,
      "'train' (a, b) has not converged: its validation loss still fell by 0.34 in the second "
      "half of 20 epochs, with 2 of 3 seeds; longer training ('steps' or 'epochs' in "
      "[train]) may help");
}

TEST(TrainingNotes, ALossThatHasSettledOrRisesIsConverged) {
  for (const auto& loss : {settled, overfitted}) {
    EXPECT_THAT(notes_of({runs_of("train", {log_of(20, loss), log_of(20, loss)})}, 6, 100),
                SizeIs(0));
  }
  // One seed of two may be luck.
  EXPECT_THAT(notes_of({runs_of("train", {log_of(20, settled), log_of(20, falling)})}, 6, 100),
              SizeIs(0));
}

TEST(TrainingNotes, WhatCountsAsAFallDependsOnTheClasses) {
  const auto slowly = [](double t) { return 0.3 - 0.12 * t; };  // 0.054 in the second half
  EXPECT_THAT(notes_of({runs_of("train", {log_of(20, slowly)})}, 2, 100), SizeIs(1));
  EXPECT_THAT(notes_of({runs_of("train", {log_of(20, slowly)})}, 6, 100), SizeIs(0));
}

TEST(TrainingNotes, AKeptEpochBelowTheParentsIsWorse) {
  const TrainingRuns parent =
      runs_of("train", {log_of(9, settled, 0.95), log_of(9, settled, 0.93)});
  const auto child = [&](double first, double second) {
    return runs_of("train > finetune", {log_of(9, settled, first), log_of(9, settled, second)},
                   "train");
  };
  const auto notes = notes_of({parent, child(0.90, 0.94)}, 6, 1000);
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_EQ(notes[0].kind, TrainingNote::Kind::worse_than_parent);
  EXPECT_EQ(notes[0].training, "train > finetune");
  EXPECT_EQ(notes[0].text,
            "'train > finetune' (a, b) is worse than 'train', which it goes on from: validation "
            "accuracy 92.0 % after 94.0 %");
  EXPECT_THAT(notes_of({parent, child(0.95, 0.92)}, 6, 1000), SizeIs(0));  // half a point
  EXPECT_THAT(notes_of({parent, child(0.90, 0.94)}, 6, 50), SizeIs(0));    // one window of 50
}

TEST(TrainingNotes, AKeptEpochOfAHigherLossIsWorse) {
  const auto higher = [](double t) { return settled(t) + 0.15; };
  const TrainingRuns parent = runs_of("train", {log_of(20, settled)});
  const TrainingRuns child = runs_of("train > qat", {log_of(20, higher)}, "train");
  const auto notes = notes_of({parent, child}, 6, 1000);
  ASSERT_THAT(notes, SizeIs(1));
  EXPECT_THAT(notes[0].text, HasSubstr("validation loss 0.350 after 0.200"));
}

TEST(TrainingNotes, OnlyTheSameSeedsAndValidationWindowsAreCompared) {
  const TrainingRuns parent = runs_of("train", {log_of(20, settled, 0.95)});
  TrainingRuns child = runs_of("train > finetune", {log_of(20, settled, 0.5)}, "train");
  EXPECT_THAT(notes_of({parent, child}, 6, 1000), SizeIs(1));
  child.same_validation = false;
  EXPECT_THAT(notes_of({parent, child}, 6, 1000), SizeIs(0));
  child.same_validation = true;
  child.seeds = {7};
  EXPECT_THAT(notes_of({parent, child}, 6, 1000), SizeIs(0));
}

TEST(TrainingNotes, TheTrainingsOfAStudyAreReadWithTheirParents) {
  experiment::Config config;
  config.seeds = {1, 2};
  config.recipes = {{"robust", "train > finetune(faults=true) > qat(faults=true)"}};
  config.variants = {"fp32", "qat_int8", "robust"};
  const TempFolder folder;
  {
    store::Store store(folder / "study.db");
    std::vector<store::Finished> all;
    for (const char* name : {"train", "train > qat", "train > finetune(faults=true)",
                             "train > finetune(faults=true) > qat(faults=true)"}) {
      for (const std::int64_t seed : config.seeds) {
        if (seed == 2 && std::string(name) == "train > qat") continue;  // not done yet
        const store::JobId id{store::JobKind::training, name, seed};
        all.push_back({{id, id.text()},
                       store::TrainedModel{"model", 2, {{1, 0.9, 0.8, 0.7}, {2, 0.5, 0.4, 0.9}}}});
      }
    }
    std::vector<store::Job> plan;
    for (const auto& finished : all) plan.push_back(finished.job);
    store.set_plan(plan);
    store.put(all);
    const auto trainings = training_runs(store, config);
    ASSERT_THAT(trainings, SizeIs(4));
    EXPECT_EQ(trainings[0].name, "train");
    EXPECT_EQ(trainings[0].parent, "");
    EXPECT_FALSE(trainings[0].further);
    EXPECT_EQ(trainings[0].variants, config.variants);
    EXPECT_EQ(trainings[0].seeds, config.seeds);
    EXPECT_EQ(trainings[0].logs[1].best_epoch, 2);
    EXPECT_EQ(trainings[0].logs[1].epochs[0].validation_loss, 0.8);
    EXPECT_EQ(trainings[1].seeds, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(trainings[2].parent, "train");
    EXPECT_FALSE(trainings[2].same_validation);
    EXPECT_EQ(trainings[3].parent, "train > finetune(faults=true)");
    EXPECT_TRUE(trainings[3].same_validation);
    EXPECT_TRUE(trainings[3].further);
  }
}

}  // namespace
}  // namespace edgeproof::results
