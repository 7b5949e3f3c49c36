#include "train/epochs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/random.h"
#include "faults/injector.h"

namespace edgeproof::train {
namespace {

// Stands for the validation windows, which never change.
constexpr std::uint32_t kNoEpoch = std::numeric_limits<std::uint32_t>::max();

// A recording's samples become what its one window is now; what was missing stays missing.
void restore_units(std::vector<float>& samples, std::span<const float> window,
                   const signal::Pipeline& pipeline) {
  const auto& [mean, sd] = pipeline.statistics;
  const std::size_t sensors = mean.size(),
                    channels = static_cast<std::size_t>(pipeline.input_channels());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::size_t t = i / sensors, c = i % sensors;
    if (!std::isnan(samples[i])) samples[i] = window[t * channels + c] * sd[c] + mean[c];
  }
}

}  // namespace

Epochs::Epochs(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
               const EpochOptions& options)
    : dataset_(dataset),
      pipeline_(pipeline),
      options_(options),
      clean_(signal::prepare(pipeline, dataset, dataset.train)) {
  if (options.augment.any()) augment_.emplace(dataset, pipeline, options.augment, options.seed);
  if (options.faults.empty()) return;
  if (options.sampling == faults::Sampling::worst && dataset.validation.empty()) {
    fail(ErrorCode::bad_config,
         "'sampling' in [fault_training]: 'worst' needs a validation part to learn from");
  }
  sampler_.emplace(options.faults, options.sampling, options.epochs, options.seed);
  validation_sampler_.emplace(options.faults, faults::Sampling::uniform, 0, options.seed);
}

const signal::WindowSet& Epochs::training(int epoch) {
  if (!sampler_) return clean(epoch);
  const auto e = static_cast<std::uint32_t>(epoch);
  const bool cut = dataset_.source.cut;
  current_ = faulty(dataset_.train, cut ? clean(epoch) : clean_, options_.clean_share, e);
  if (augment_ && !cut) augment_->apply(current_, e);
  return current_;
}

const signal::WindowSet& Epochs::clean(int epoch) {
  if (!augment_) return clean_;
  clean_augmented_ = clean_;
  augment_->apply(clean_augmented_, static_cast<std::uint32_t>(epoch));
  return clean_augmented_;
}

signal::WindowSet Epochs::validation() const {
  signal::WindowSet set = signal::prepare(pipeline_, dataset_, dataset_.validation);
  if (!sampler_ || set.count == 0) return set;
  const signal::WindowSet broken = faulty(dataset_.validation, set, 0, kNoEpoch);
  set.values.insert(set.values.end(), broken.values.begin(), broken.values.end());
  set.labels.insert(set.labels.end(), broken.labels.begin(), broken.labels.end());
  set.groups.insert(set.groups.end(), broken.groups.begin(), broken.groups.end());
  set.count += broken.count;
  return set;
}

void Epochs::learn(std::span<const std::int32_t> labels) {
  if (!sampler_ || options_.sampling != faults::Sampling::worst) return;
  const auto windows = std::span(dataset_.validation);
  std::vector<double> wrong(options_.faults.size()), seen(options_.faults.size());
  double all_wrong = 0;
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const std::size_t fault = fault_of(kNoEpoch, windows[w].recording).fault;
    const double error = labels[windows.size() + w] != windows[w].label;  // the faulty copy
    wrong[fault] += error;
    seen[fault] += 1;
    all_wrong += error;
  }
  // A fault that no validation recording drew is taken to be as hard as the others.
  for (std::size_t f = 0; f < wrong.size(); ++f) {
    wrong[f] = seen[f] > 0 ? wrong[f] / seen[f] : all_wrong / static_cast<double>(windows.size());
  }
  sampler_->learn(wrong);
}

// The validation part keeps its faults, so that its epochs can be compared: they are drawn as if
// nothing had been learnt.
faults::TrainingFault Epochs::fault_of(std::uint32_t epoch, int recording) const {
  const auto& sampler = epoch == kNoEpoch ? validation_sampler_ : sampler_;
  return sampler->draw(epoch, static_cast<std::uint32_t>(recording));
}

signal::WindowSet Epochs::faulty(std::span<const signal::Window> windows,
                                 const signal::WindowSet& clean, double clean_share,
                                 std::uint32_t epoch) const {
  const signal::RecordingSet& source = dataset_.source;
  const CounterRng rng(options_.seed, "clean share");
  // The same draws for a window in every epoch would leave some windows clean for ever.
  const auto stays_clean = [&](std::size_t window) {
    return rng.uniform(static_cast<std::uint32_t>(window), epoch) < clean_share;
  };
  std::vector<std::vector<float>> samples(source.recordings.size());
  for (std::size_t w = 0; w < windows.size(); ++w) {
    const auto number = static_cast<std::size_t>(windows[w].recording);
    if (stays_clean(w) || !samples[number].empty()) continue;
    const signal::Recording& recording = source.recordings[number];
    const faults::TrainingFault draw = fault_of(epoch, windows[w].recording);
    const faults::Context context{.rate_hz = source.rate_hz,
                                  .channels = source.channels,
                                  .triads = source.triads,
                                  .mean = pipeline_.statistics.mean,
                                  .sd = pipeline_.statistics.sd,
                                  .seed = draw.seed};
    samples[number] = recording.samples;
    if (source.cut && augment_) {
      restore_units(samples[number], clean.window(static_cast<int>(w)), pipeline_);
    }
    faults::inject(options_.faults[draw.fault], draw.severity, context,
                   {samples[number], static_cast<std::uint32_t>(number)});
  }
  // Recordings that nothing happened to are prepared from what they are.
  for (const signal::Window& window : windows) {
    auto& copy = samples[static_cast<std::size_t>(window.recording)];
    if (copy.empty()) copy = source.recordings[static_cast<std::size_t>(window.recording)].samples;
  }
  signal::WindowSet set = signal::prepare(pipeline_, dataset_, windows, samples);
  const std::size_t size = set.values.size() / windows.size();
  for (std::size_t w = 0; w < windows.size(); ++w) {
    if (!stays_clean(w)) continue;
    const auto from = clean.values.begin() + static_cast<std::ptrdiff_t>(w * size);
    std::copy_n(from, size, set.values.begin() + static_cast<std::ptrdiff_t>(w * size));
  }
  return set;
}

}  // namespace edgeproof::train
