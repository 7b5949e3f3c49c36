// A loss that rose and comes down again, as that of a few validation windows does when a network
// learns its training windows by heart, is not one that still falls: the end is therefore held
// against the lowest loss of the first half.
//
// A cosine of the learning rate has 18 % of its area in the second half: a network whose loss still
// falls there was on its way when the rate ran out. Looking at the last epochs would not show it:
// they hardly move the weights, converged or not. Test: training_notes_test.cpp.

#include "results/training_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/text.h"
#include "results/quantity_text.h"

namespace edgeproof::results {
namespace {

constexpr double kLateFall = 0.05;   // of ln(classes): more is not converged
constexpr double kWorseLoss = 0.05;  // of ln(classes)
constexpr double kWorseAccuracy = 0.01;
constexpr double kWorseWindows = 1.5;  // an accuracy cannot tell apart less than a window

double ln_classes(int classes) {
  return std::log(std::max(classes, 2));
}

const train::EpochLog* kept(const store::TrainingLog& log) {
  const auto at = static_cast<std::size_t>(log.best_epoch) - 1;
  return at < log.epochs.size() ? &log.epochs[at] : nullptr;
}

std::string percent(double share) {
  return value_text(share, experiment::Quantity::share);
}

std::string section_of(const TrainingRuns& training) {
  return training.further ? "[finetune]" : "[train]";
}

std::optional<TrainingNote> not_converged(const TrainingRuns& training, int classes) {
  const double most = kLateFall * ln_classes(classes);
  std::size_t judged = 0, falling = 0, epochs = 0;
  double sum = 0;
  bool validated = true;
  for (const store::TrainingLog& log : training.logs) {
    const std::optional<double> fall = late_fall(log);
    if (!fall) continue;
    ++judged;
    sum += *fall;
    epochs = log.epochs.size();
    validated = validated && !std::isnan(log.epochs.back().validation_loss);
    falling += *fall > most;
  }
  if (judged == 0 || 2 * falling <= judged) return std::nullopt;
  return TrainingNote{
      TrainingNote::Kind::not_converged, training.name,
      fmt::format("'{}' ({}) has not converged: its {} loss still fell by {:.2f} in the second "
                  "half of {} epochs, with {} of {} seeds; longer training ('steps' or 'epochs' in "
                  "{}) may help",
                  training.name, join(training.variants, ", "),
                  validated ? "validation" : "training", sum / static_cast<double>(judged), epochs,
                  falling, judged, section_of(training))};
}

std::optional<TrainingNote> worse(const TrainingRuns& parent, const TrainingRuns& child,
                                  int classes, std::int64_t validation_windows) {
  const std::optional<Worse> w = worse_than(parent, child);
  if (!w) return std::nullopt;
  const double window = 1 / static_cast<double>(std::max<std::int64_t>(validation_windows, 1));
  const bool by_accuracy = w->accuracy > std::max(kWorseAccuracy, kWorseWindows * window);
  const bool by_loss = w->loss > kWorseLoss * ln_classes(classes);
  if (!by_accuracy && !by_loss) return std::nullopt;
  const std::string how =
      by_accuracy ? fmt::format("validation accuracy {} after {}", percent(w->accuracy_now),
                                percent(w->accuracy_before))
                  : fmt::format("validation loss {:.3f} after {:.3f}", w->loss_now, w->loss_before);
  return TrainingNote{TrainingNote::Kind::worse_than_parent, child.name,
                      fmt::format("'{}' ({}) is worse than '{}', which it goes on from: {}",
                                  child.name, join(child.variants, ", "), parent.name, how)};
}

}  // namespace

std::vector<TrainingRuns> training_runs(const store::Store& store,
                                        const experiment::Config& config) {
  const experiment::Variants variants = config.all_variants();
  std::vector<TrainingRuns> all;
  std::map<std::string, std::size_t> known;  // into `all`
  const auto read = [&](TrainingRuns training) {
    for (const std::int64_t seed : config.seeds) {
      std::optional<store::TrainingLog> log = store.training_log(training.name, seed);
      if (!log || log->epochs.empty()) continue;
      training.seeds.push_back(seed);
      training.logs.push_back(std::move(*log));
    }
    return training;
  };
  for (const std::string& name : config.variants) {
    const experiment::Recipe& recipe = variants.at(name).recipe;
    const experiment::RecipeStep* before = nullptr;
    std::string parent;
    for (std::size_t count = 1; count <= recipe.trained(); ++count) {
      const experiment::RecipeStep& step = recipe.steps[count - 1];
      if (!step.trains()) continue;
      const std::string training = recipe.prefix(count);
      const auto [found, is_new] = known.try_emplace(training, all.size());
      if (is_new) {
        const bool same = before == nullptr || (before->faults == step.faults &&
                                                (!step.faults || before->member == step.member));
        all.push_back(read({.name = training,
                            .parent = parent,
                            .same_validation = same,
                            .further = step.kind != experiment::StepKind::train}));
      }
      all[found->second].variants.push_back(name);
      before = &step;
      parent = training;
    }
  }
  std::erase_if(all, [](const TrainingRuns& training) { return training.logs.empty(); });
  return all;
}

std::optional<double> late_fall(const store::TrainingLog& log) {
  const std::size_t count = log.epochs.size();
  if (count < 2) return std::nullopt;
  const bool validated = !std::isnan(log.epochs.back().validation_loss);
  const std::size_t span = std::max<std::size_t>(count / 10, 1);
  const auto mean = [&](std::size_t begin) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + span; ++i) {
      const train::EpochLog& epoch = log.epochs[i];
      sum += validated ? epoch.validation_loss : epoch.train_loss;
    }
    return sum / static_cast<double>(span);
  };
  double lowest = mean(0);
  for (std::size_t begin = 1; begin + span <= count / 2; ++begin) {
    lowest = std::min(lowest, mean(begin));
  }
  return lowest - mean(count - span);
}

std::optional<Worse> worse_than(const TrainingRuns& parent, const TrainingRuns& child) {
  Worse w;
  int pairs = 0;
  for (std::size_t i = 0; i < child.seeds.size(); ++i) {
    const auto same = std::ranges::find(parent.seeds, child.seeds[i]);
    if (same == parent.seeds.end()) continue;
    const train::EpochLog* now = kept(child.logs[i]);
    const train::EpochLog* before =
        kept(parent.logs[static_cast<std::size_t>(same - parent.seeds.begin())]);
    if (now == nullptr || before == nullptr) continue;
    if (std::isnan(now->validation_loss) || std::isnan(before->validation_loss)) continue;
    ++pairs;
    w.accuracy_now += now->validation_accuracy;
    w.accuracy_before += before->validation_accuracy;
    w.loss_now += now->validation_loss;
    w.loss_before += before->validation_loss;
  }
  if (pairs == 0) return std::nullopt;
  for (double* sum : {&w.accuracy_now, &w.accuracy_before, &w.loss_now, &w.loss_before}) {
    *sum /= pairs;
  }
  w.accuracy = w.accuracy_before - w.accuracy_now;
  w.loss = w.loss_now - w.loss_before;
  return w;
}

std::vector<TrainingNote> notes_of(const std::vector<TrainingRuns>& trainings, int classes,
                                   std::int64_t validation_windows) {
  std::vector<TrainingNote> notes;
  for (const TrainingRuns& training : trainings) {
    if (auto note = not_converged(training, classes)) notes.push_back(std::move(*note));
    const auto parent = std::ranges::find(trainings, training.parent, &TrainingRuns::name);
    if (parent == trainings.end() || !training.same_validation) continue;
    if (auto note = worse(*parent, training, classes, validation_windows)) {
      notes.push_back(std::move(*note));
    }
  }
  return notes;
}

}  // namespace edgeproof::results
