#include "train/augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"

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

int index_of(const std::string& name, const std::vector<std::string>& names, std::string_view key) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    fail(ErrorCode::bad_config, "'{}' in [augment]: the data set has no '{}'{}", key, name,
         did_you_mean(name, names));
  }
  return static_cast<int>(found - names.begin());
}

std::vector<bool> chosen(const std::vector<std::string>& classes,
                         const std::vector<std::string>& all, std::string_view key, bool needed) {
  std::vector<bool> result(all.size(), false);
  for (const std::string& name : classes)
    result[static_cast<std::size_t>(index_of(name, all, key))] = true;
  if (needed && classes.empty()) fail(ErrorCode::bad_config, "'{}' in [augment] is empty", key);
  return result;
}

float mean_of(const float* x, int length, std::size_t channels) {
  double sum = 0;
  for (int t = 0; t < length; ++t) sum += x[static_cast<std::size_t>(t) * channels];
  return static_cast<float>(sum / length);
}

float* window_of(signal::WindowSet& windows, std::size_t w) {
  return &windows.values[w * static_cast<std::size_t>(windows.length) *
                         static_cast<std::size_t>(windows.channels)];
}

}  // namespace

Augment::Augment(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
                 const AugmentOptions& options, std::uint64_t seed)
    : rotation_deg_(options.rotation_deg),
      motion_gain_(options.motion_gain),
      level_swap_(options.level_swap),
      seed_(seed),
      triads_(dataset.source.triads),
      statistics_(pipeline.statistics) {
  if (rotation_deg_ > 0 && triads_.empty()) {
    fail(ErrorCode::bad_config,
         "'rotation_deg' in [augment] needs three-axis sensors, and data set '{}' declares none",
         dataset.source.name);
  }
  const auto& classes = dataset.source.classes;
  motion_gain_classes_ =
      chosen(options.motion_gain_classes, classes, "motion_gain_classes", motion_gain_ > 1);
  level_swap_classes_ =
      chosen(options.level_swap_classes, classes, "level_swap_classes", level_swap_ > 0);
  std::vector<std::string> channels;
  for (const signal::Channel& channel : dataset.source.channels) channels.push_back(channel.name);
  for (const std::string& name : options.level_swap_channels) {
    level_swap_channels_.push_back(index_of(name, channels, "level_swap_channels"));
  }
  if (level_swap_ > 0 && level_swap_channels_.empty()) {
    fail(ErrorCode::bad_config, "'level_swap_channels' in [augment] is empty");
  }
}

void Augment::apply(signal::WindowSet& windows, std::uint32_t epoch) const {
  if (rotation_deg_ > 0) rotate(windows, epoch);
  if (level_swap_ > 0) swap_levels(windows, epoch);
  if (motion_gain_ > 1) scale_motion(windows, epoch);
}

void Augment::rotate(signal::WindowSet& windows, std::uint32_t epoch) const {
  const CounterRng rng(seed_, "rotation");
  const auto& [mean, sd] = statistics_;
  const auto channels = static_cast<std::size_t>(windows.channels);
  for (int w = 0; w < windows.count; ++w) {
    const Matrix turn = random_rotation(rng, rotation_deg_, static_cast<std::uint32_t>(w), epoch);
    float* sample = window_of(windows, static_cast<std::size_t>(w));
    for (int t = 0; t < windows.length; ++t, sample += channels) {
      for (const auto& triad : triads_) {
        std::array<double, 3> physical{};
        for (std::size_t k = 0; k < 3; ++k) {
          const auto c = static_cast<std::size_t>(triad[k]);
          physical[k] = double{sample[c]} * sd[c] + mean[c];
        }
        for (std::size_t k = 0; k < 3; ++k) {
          const auto c = static_cast<std::size_t>(triad[k]);
          const double turned =
              turn[k][0] * physical[0] + turn[k][1] * physical[1] + turn[k][2] * physical[2];
          sample[c] = static_cast<float>((turned - mean[c]) / sd[c]);
        }
      }
    }
  }
}

void Augment::swap_levels(signal::WindowSet& windows, std::uint32_t epoch) const {
  const CounterRng rng(seed_, "level swap");
  const auto channels = static_cast<std::size_t>(windows.channels);
  std::vector<std::size_t> candidates;
  for (std::size_t w = 0; w < windows.labels.size(); ++w) {
    if (level_swap_classes_[static_cast<std::size_t>(windows.labels[w])]) candidates.push_back(w);
  }
  std::vector<float> levels;  // of the candidates, before any is changed
  for (const std::size_t w : candidates) {
    for (const int c : level_swap_channels_) {
      levels.push_back(mean_of(window_of(windows, w) + c, windows.length, channels));
    }
  }
  const std::size_t count = level_swap_channels_.size();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto words = rng.words(static_cast<std::uint32_t>(candidates[i]), epoch);
    if (CounterRng::unit(words[0], words[1]) >= level_swap_) continue;
    const std::size_t donor = std::uint64_t{words[2]} * candidates.size() >> 32;
    for (std::size_t k = 0; k < count; ++k) {
      const float change = levels[donor * count + k] - levels[i * count + k];
      float* x = window_of(windows, candidates[i]) + level_swap_channels_[k];
      for (int t = 0; t < windows.length; ++t) x[static_cast<std::size_t>(t) * channels] += change;
    }
  }
}

void Augment::scale_motion(signal::WindowSet& windows, std::uint32_t epoch) const {
  const CounterRng rng(seed_, "motion gain");
  const auto channels = static_cast<std::size_t>(windows.channels);
  const std::size_t sensors = statistics_.mean.size();  // a mask channel is left alone
  for (std::size_t w = 0; w < windows.labels.size(); ++w) {
    if (!motion_gain_classes_[static_cast<std::size_t>(windows.labels[w])]) continue;
    const double u = rng.uniform(static_cast<std::uint32_t>(w), epoch);
    const auto gain = static_cast<float>(std::exp(u * std::log(motion_gain_)));
    for (std::size_t c = 0; c < sensors; ++c) {
      float* x = window_of(windows, w) + c;
      const float mean = mean_of(x, windows.length, channels);
      for (int t = 0; t < windows.length; ++t) {
        float& value = x[static_cast<std::size_t>(t) * channels];
        value = mean + gain * (value - mean);
      }
    }
  }
}

}  // namespace edgeproof::train
