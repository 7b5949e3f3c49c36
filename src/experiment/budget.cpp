// Test: budget_test.cpp.

#include "experiment/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace edgeproof::experiment {
namespace {

Budget resolve(int named_epochs, int steps, EpochBounds bounds, int batch_size,
               std::int64_t windows) {
  Budget budget{.batch_size = batch_size, .steps_per_epoch = steps_per_epoch(windows, batch_size)};
  const int of_epoch = std::max(budget.steps_per_epoch, 1);
  const int needed = steps / of_epoch + (steps % of_epoch == 0 ? 0 : 1);
  budget.epochs = named_epochs > 0 ? named_epochs : std::clamp(needed, bounds.min, bounds.max);
  return budget;
}

}  // namespace

int batch_size_for(std::int64_t windows) {
  constexpr std::int64_t kSmallest = 8, kLargest = 64, kBatchesOfEpoch = 16;
  const std::int64_t size = std::clamp(windows / kBatchesOfEpoch, kSmallest, kLargest);
  return static_cast<int>(std::bit_floor(static_cast<std::uint64_t>(size)));
}

int steps_per_epoch(std::int64_t windows, int batch_size) {
  const std::int64_t left = windows % batch_size;
  return static_cast<int>(windows / batch_size + (left > 1 ? 1 : 0));
}

Budgets budgets_of(const Config& c, std::int64_t train_windows) {
  const int batch_size =
      c.train.batch_size > 0 ? c.train.batch_size : batch_size_for(train_windows);
  Budgets budgets{
      .windows = train_windows,
      .train = resolve(c.train.epochs, c.train_steps, kTrainEpochs, batch_size, train_windows),
      .finetune =
          resolve(c.finetune.epochs, c.finetune.steps, kFinetuneEpochs, batch_size, train_windows),
      .search = {}};
  budgets.search = budgets.finetune;
  constexpr int kPartOfFinetune = 4;
  budgets.search.epochs = c.search.epochs > 0
                              ? c.search.epochs
                              : std::max(budgets.finetune.epochs / kPartOfFinetune, 1);
  return budgets;
}

std::string text_of(const Budgets& b) {
  return fmt::format(
      "training: {} windows in batches of {}; {} epochs ({} steps), each further one {} ({} steps)",
      b.windows, b.train.batch_size, b.train.epochs, b.train.steps(), b.finetune.epochs,
      b.finetune.steps());
}

}  // namespace edgeproof::experiment
