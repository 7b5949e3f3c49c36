// Test: epochs_test.cpp.

#include "train/epochs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "core/random.h"
#include "faults/fault.h"
#include "faults/training.h"

namespace edgeproof::train {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;

// Rodrigues' formula; the axis is uniform on the sphere.
Matrix random_rotation(const CounterRng& rng, double sd_deg, std::uint32_t window,
                       std::uint32_t epoch) {
  std::array<double, 3> u{};
  double norm = 0;
  for (std::uint32_t k = 0; k < 3; ++k) {
    u[k] = rng.normal(window, epoch, k);
    norm += u[k] * u[k];
  }
  for (double& component : u) component /= std::sqrt(norm);
  const double angle = sd_deg * std::numbers::pi / 180 * rng.normal(window, epoch, 3);
  const double c = std::cos(angle), s = std::sin(angle), d = 1 - c;
  const auto [x, y, z] = u;
  return {{{c + x * x * d, x * y * d - z * s, x * z * d + y * s},
           {y * x * d + z * s, c + y * y * d, y * z * d - x * s},
           {z * x * d - y * s, z * y * d + x * s, c + z * z * d}}};
}

}  // namespace

void check(const signal::Dataset& dataset, const EpochOptions& options) {
  if (options.rotation_deg > 0 && dataset.source.triads.empty()) {
    fail(ErrorCode::bad_config,
         "'rotation_deg' in [augment] needs three-axis sensors, and data set '{}' declares none",
         dataset.source.name);
  }
}

Epochs::Epochs(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
               const EpochOptions& options)
    : dataset_(dataset),
      pipeline_(pipeline),
      options_(options),
      clean_(signal::prepare(pipeline, dataset, dataset.train)) {
  check(dataset, options);
}

const signal::WindowSet& Epochs::training(int epoch) {
  const bool with_faults = !options_.fault_suite.empty();
  if (!with_faults && options_.rotation_deg == 0) return clean_;
  const auto e = static_cast<std::uint32_t>(epoch);
  current_ = with_faults ? faulty(dataset_.train, clean_, options_.clean_share, e) : clean_;
  if (options_.rotation_deg > 0) rotate(current_, e);
  return current_;
}

signal::WindowSet Epochs::validation() const {
  signal::WindowSet set = signal::prepare(pipeline_, dataset_, dataset_.validation);
  if (options_.fault_suite.empty()) return set;
  constexpr std::uint32_t kNoEpoch = std::numeric_limits<std::uint32_t>::max();
  const signal::WindowSet broken = faulty(dataset_.validation, set, 0, kNoEpoch);
  set.values.insert(set.values.end(), broken.values.begin(), broken.values.end());
  set.labels.insert(set.labels.end(), broken.labels.begin(), broken.labels.end());
  set.groups.insert(set.groups.end(), broken.groups.begin(), broken.groups.end());
  set.count += broken.count;
  return set;
}

signal::WindowSet Epochs::faulty(std::span<const signal::Window> windows,
                                 const signal::WindowSet& clean, double clean_share,
                                 std::uint32_t epoch) const {
  const signal::RecordingSet& source = dataset_.source;
  const faults::TrainingSampler sampler(faults::suite(options_.fault_suite), options_.seed);
  const CounterRng rng(options_.seed, "clean share");
  // The same draws for a window in every epoch would leave some windows clean for ever.
  const auto stays_clean = [&](size_t window) {
    return rng.uniform(static_cast<std::uint32_t>(window), epoch) < clean_share;
  };
  std::vector<std::vector<float>> samples(source.recordings.size());
  for (size_t w = 0; w < windows.size(); ++w) {
    const auto number = static_cast<size_t>(windows[w].recording);
    if (stays_clean(w) || !samples[number].empty()) continue;
    const signal::Recording& recording = source.recordings[number];
    const faults::TrainingFault fault = sampler.draw(epoch, static_cast<std::uint32_t>(number));
    const faults::Context context{source.rate_hz, source.channels, pipeline_.statistics.mean,
                                  pipeline_.statistics.sd, fault.seed};
    samples[number] = recording.samples;
    faults::inject(*fault.definition, fault.severity, context,
                   {samples[number], recording.length(), static_cast<int>(source.channels.size()),
                    static_cast<std::uint32_t>(number)});
  }
  // Recordings that nothing happened to are prepared from what they are.
  for (const signal::Window& window : windows) {
    auto& copy = samples[static_cast<size_t>(window.recording)];
    if (copy.empty()) copy = source.recordings[static_cast<size_t>(window.recording)].samples;
  }
  signal::WindowSet set = signal::prepare(pipeline_, dataset_, windows, samples);
  const size_t size = set.values.size() / windows.size();
  for (size_t w = 0; w < windows.size(); ++w) {
    if (!stays_clean(w)) continue;
    const auto from = clean.values.begin() + static_cast<std::ptrdiff_t>(w * size);
    std::copy_n(from, size, set.values.begin() + static_cast<std::ptrdiff_t>(w * size));
  }
  return set;
}

void Epochs::rotate(signal::WindowSet& windows, std::uint32_t epoch) const {
  const CounterRng rng(options_.seed, "rotation");
  const auto& [mean, sd] = pipeline_.statistics;
  const auto channels = static_cast<size_t>(windows.channels);
  for (int w = 0; w < windows.count; ++w) {
    const Matrix turn =
        random_rotation(rng, options_.rotation_deg, static_cast<std::uint32_t>(w), epoch);
    float* sample = &windows.values[static_cast<size_t>(w) * windows.length * channels];
    for (int t = 0; t < windows.length; ++t, sample += channels) {
      for (const auto& triad : dataset_.source.triads) {
        std::array<double, 3> physical{};
        for (size_t k = 0; k < 3; ++k) {
          const auto c = static_cast<size_t>(triad[k]);
          physical[k] = double{sample[c]} * sd[c] + mean[c];
        }
        for (size_t k = 0; k < 3; ++k) {
          const auto c = static_cast<size_t>(triad[k]);
          const double turned =
              turn[k][0] * physical[0] + turn[k][1] * physical[1] + turn[k][2] * physical[2];
          sample[c] = static_cast<float>((turned - mean[c]) / sd[c]);
        }
      }
    }
  }
}

}  // namespace edgeproof::train
