#include "experiment/budget.h"

#include <gtest/gtest.h>

namespace edgeproof::experiment {
namespace {

struct Resolved {
  std::int64_t windows;
  int batch_size, train_epochs, finetune_epochs;
};

// Data sets of every size: the first ones are the training parts of UCR's and UEA's BasicMotions,
// GunPoint and Epilepsy less a fifth for validation; the last ones generated motion, UCI HAR and
// MIT-BIH.
constexpr Resolved kSizes[] = {
    {2, 8, 200, 80},     {32, 8, 200, 80},   {40, 8, 200, 80},  {110, 8, 108, 43},
    {256, 16, 94, 38},   {500, 16, 47, 19},  {512, 32, 94, 38}, {1000, 32, 47, 19},
    {1024, 64, 94, 38},  {3744, 64, 26, 11}, {5900, 64, 17, 7}, {41000, 64, 5, 2},
    {1000000, 64, 5, 2},
};

TEST(Budget, StepsBecomeEpochsWithinTheirBounds) {
  for (const auto& [windows, batch_size, train, finetune] : kSizes) {
    const Budgets b = budgets_of(Config(), windows);
    EXPECT_EQ(b.windows, windows);
    EXPECT_EQ(b.train.batch_size, batch_size) << windows;
    EXPECT_EQ(b.finetune.batch_size, batch_size) << windows;
    EXPECT_EQ(b.train.epochs, train) << windows;
    EXPECT_EQ(b.finetune.epochs, finetune) << windows;
    EXPECT_EQ(b.search.epochs, std::max(finetune / 4, 1)) << windows;
  }
}

// Twenty epochs in batches of 64, the default before, were twenty steps.
TEST(Budget, FiftyWindowsGetHundredsOfSteps) {
  const Budgets b = budgets_of(Config(), 50);
  EXPECT_GE(b.train.steps(), 1000);
  EXPECT_GE(b.finetune.steps(), 400);
}

TEST(Budget, WhatIsNamedIsTaken) {
  Config config;
  config.train.epochs = 3;
  config.train.batch_size = 100;
  config.finetune.epochs = 300;
  config.search.epochs = 7;
  const Budgets b = budgets_of(config, 250);
  EXPECT_EQ(b.train.epochs, 3);
  EXPECT_EQ(b.train.batch_size, 100);
  EXPECT_EQ(b.train.steps(), 9);
  EXPECT_EQ(b.finetune.epochs, 300);
  EXPECT_EQ(b.search.epochs, 7);
  config.train.epochs = 0;
  config.train_steps = 31;
  EXPECT_EQ(budgets_of(config, 250).train.epochs, 11);
  config.train_steps = 30;
  EXPECT_EQ(budgets_of(config, 250).train.epochs, 10);
}

TEST(Budget, ALastBatchOfOneWindowIsNoStep) {
  EXPECT_EQ(steps_per_epoch(16, 8), 2);
  EXPECT_EQ(steps_per_epoch(17, 8), 2);
  EXPECT_EQ(steps_per_epoch(18, 8), 3);
  EXPECT_EQ(steps_per_epoch(1, 8), 0);
  EXPECT_EQ(budgets_of(Config(), 1).train.epochs, kTrainEpochs.max);
}

TEST(Budget, IsSaidInALine) {
  EXPECT_EQ(text_of(budgets_of(Config(), 3744)),
            "training: 3744 windows in batches of 64; 26 epochs (1534 steps), each further one 11 "
            "(649 steps)");
}

}  // namespace
}  // namespace edgeproof::experiment
