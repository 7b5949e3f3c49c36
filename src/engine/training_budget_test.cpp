// Trainings of a small data set with the default budget: twenty epochs in batches of 64, what it
// was before, are twenty steps of fifty windows, and teach a network next to nothing.

#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"
#include "engine/steps.h"
#include "experiment/budget.h"
#include "signal/windows.h"

namespace edgeproof::engine {
namespace {

constexpr int kWindows = 50, kLength = 32;

// A slow or a fast oscillation of random phase, in noise; each window a group of its own.
signal::RecordingSet oscillations() {
  signal::RecordingSet set{.name = "oscillations",
                           .rate_hz = 50,
                           .channels = {{"x", "g", 0}},
                           .classes = {"slow", "fast"},
                           .cut = true};
  const CounterRng rng(1, "oscillations");
  for (int i = 0; i < kWindows + 10; ++i) {
    const auto number = static_cast<std::uint32_t>(i);
    const int label = i % 2;
    const double phase = 6.28 * rng.uniform(number, 0);
    signal::Recording recording{.name = std::to_string(i), .group = i};
    recording.part = i < kWindows ? signal::Part::train : signal::Part::validation;
    for (int t = 0; t < kLength; ++t) {
      const double angle = (label == 0 ? 0.4 : 1.1) * t + phase;
      recording.samples.push_back(static_cast<float>(
          std::sin(angle) + 0.3 * rng.normal(number, 1, static_cast<std::uint32_t>(t))));
      recording.labels.push_back(label);
    }
    set.group_names.push_back(recording.name);
    set.recordings.push_back(std::move(recording));
  }
  return set;
}

class TrainingBudgetSlow : public testing::Test {
 protected:
  TrainingBudgetSlow() {
    dataset_.source = oscillations();
    dataset_.window_length = dataset_.hop = kLength;
    for (int i = 0; i < kWindows + 10; ++i) {
      (i < kWindows ? dataset_.train : dataset_.validation).push_back({i, 0, i % 2});
    }
    pipeline_ = {config_.imputation, signal::training_statistics(dataset_)};
  }
  static experiment::RecipeStep step(const std::string& recipe) {
    return experiment::parse_recipe(recipe).steps.back();
  }
  static int steps_of(const train::TrainOptions& options) {
    return options.epochs * ((kWindows + options.batch_size - 1) / options.batch_size);
  }

  experiment::Config config_;
  signal::Dataset dataset_;
  signal::Pipeline pipeline_;
  experiment::Materials materials_{config_, dataset_, pipeline_};
};

TEST_F(TrainingBudgetSlow, FiftyWindowsGetAThousandSteps) {
  EXPECT_GE(steps_of(train_options(materials_, step("train"), 1)), 1000);
  EXPECT_GE(steps_of(train_options(materials_, step("train > qat"), 1)), 400);
  config_.train.epochs = 3;
  EXPECT_EQ(train_options(materials_, step("train"), 1).epochs, 3);
  EXPECT_EQ(train_options(materials_, step("train(epochs=4)"), 1).epochs, 4);
}

TEST_F(TrainingBudgetSlow, FiftyWindowsAreLearnt) {
  const experiment::Recipe recipe = experiment::parse_recipe("train");
  const train::TrainResult result =
      train_step(materials_, recipe.steps.front(), 1, initial_network(materials_, recipe, 1), {},
                 [](const train::EpochLog&) {});
  EXPECT_EQ(std::ssize(result.log),
            experiment::budgets_of(config_, std::ssize(dataset_.train)).train.epochs);
  EXPECT_EQ(result.log[static_cast<std::size_t>(result.best_epoch) - 1].validation_accuracy, 1);
  EXPECT_LT(result.log.back().validation_loss, 0.25);
}

}  // namespace
}  // namespace edgeproof::engine
