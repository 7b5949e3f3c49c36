#include "train/augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "signal/windows.h"

namespace edgeproof::train {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// Four people; classes a and b; channels x and y, the levels of which differ window by window.
signal::Dataset make_data() {
  signal::RecordingSet set;
  set.name = "test";
  set.rate_hz = 50;
  set.channels = {{"x", "g", 0}, {"y", "g", 1}};
  set.classes = {"a", "b"};
  const CounterRng rng(1, "recordings");
  for (int person = 0; person < 4; ++person) {
    set.group_names.push_back(std::to_string(person));
    signal::Recording recording{.name = "r", .group = person, .samples = {}, .labels = {}};
    for (int t = 0; t < 640; ++t) {
      for (int c = 0; c < 2; ++c) {
        recording.samples.push_back(static_cast<float>(t / 32 + rng.normal(person, t, c)));
      }
      recording.labels.push_back(t < 320 ? 0 : 1);
    }
    set.recordings.push_back(std::move(recording));
  }
  set.checksum = "none";
  return signal::make_dataset(std::move(set), {.length = 32, .hop = 32}, {});
}

class AugmentTest : public testing::Test {
 protected:
  signal::WindowSet apply(const AugmentOptions& options, std::uint32_t epoch = 3) const {
    signal::WindowSet windows = clean_;
    Augment(data_, pipeline_, options, 1).apply(windows, epoch);
    return windows;
  }
  static float mean(const signal::WindowSet& windows, int w, std::size_t channel) {
    double sum = 0;
    const auto x = windows.window(w);
    for (std::size_t i = channel; i < x.size(); i += 2) sum += x[i];
    return static_cast<float>(sum / windows.length);
  }
  static double power(const signal::WindowSet& windows, int w, std::size_t channel) {
    double sum = 0;
    const auto x = windows.window(w);
    for (std::size_t i = channel; i < x.size(); i += 2)
      sum += std::pow(x[i] - mean(windows, w, channel), 2);
    return sum;
  }

  signal::Dataset data_ = make_data();
  signal::Pipeline pipeline_{signal::Imputation::hold, signal::training_statistics(data_)};
  signal::WindowSet clean_ = signal::prepare(pipeline_, data_, data_.train);
};

TEST_F(AugmentTest, MotionGainScalesAboutTheMeanInItsClassesOnly) {
  const auto windows = apply({.motion_gain = 4, .motion_gain_classes = {"b"}});
  double smallest = 10, largest = 0;
  for (int w = 0; w < clean_.count; ++w) {
    for (const std::size_t c : {0, 1}) EXPECT_NEAR(mean(windows, w, c), mean(clean_, w, c), 1e-5);
    const double gain = std::sqrt(power(windows, w, 0) / power(clean_, w, 0));
    EXPECT_NEAR(gain, std::sqrt(power(windows, w, 1) / power(clean_, w, 1)), 1e-4);
    if (clean_.labels[w] == 0) {
      EXPECT_DOUBLE_EQ(gain, 1);
    } else {
      smallest = std::min(smallest, gain);
      largest = std::max(largest, gain);
    }
  }
  EXPECT_TRUE(1 < smallest && smallest < 1.5 && 3 < largest && largest < 4) << smallest << largest;
}

TEST_F(AugmentTest, LevelSwapMovesMeansAmongItsClassesAndLeavesTheMotion) {
  const auto windows =
      apply({.level_swap = 0.5, .level_swap_classes = {"b"}, .level_swap_channels = {"y"}});
  int swapped = 0, of = 0;
  for (int w = 0; w < clean_.count; ++w) {
    EXPECT_EQ(mean(windows, w, 0), mean(clean_, w, 0));
    EXPECT_NEAR(power(windows, w, 1), power(clean_, w, 1), 1e-3);
    const bool changed = std::abs(mean(windows, w, 1) - mean(clean_, w, 1)) > 1e-6;
    if (clean_.labels[w] == 0) {
      EXPECT_FALSE(changed);
      continue;
    }
    ++of;
    swapped += changed;
    bool found = false;  // the level is that of some window of the class
    for (int d = 0; d < clean_.count; ++d) {
      found |= clean_.labels[d] == 1 && std::abs(mean(clean_, d, 1) - mean(windows, w, 1)) < 1e-5;
    }
    EXPECT_TRUE(found);
  }
  EXPECT_TRUE(of / 4 < swapped && swapped < of * 3 / 4) << swapped << " of " << of;
}

TEST_F(AugmentTest, EpochsDifferAndRepeat) {
  const AugmentOptions options{.motion_gain = 4, .motion_gain_classes = {"a"}};
  EXPECT_EQ(apply(options, 1).values, apply(options, 1).values);
  EXPECT_NE(apply(options, 1).values, apply(options, 2).values);
}

TEST_F(AugmentTest, WhatTheDataDoesNotHaveIsAnError) {
  EXPECT_THAT([&] { apply({.rotation_deg = 5}); }, ThrowsMessage<Error>(HasSubstr("three-axis")));
  EXPECT_THAT([&] { apply({.motion_gain = 2}); },
              ThrowsMessage<Error>(HasSubstr("'motion_gain_classes' in [augment] is empty")));
  EXPECT_THAT([&] { apply({.motion_gain = 2, .motion_gain_classes = {"c"}}); },
              ThrowsMessage<Error>(HasSubstr("has no 'c'")));
  EXPECT_THAT([&] { apply({.level_swap = 0.1, .level_swap_classes = {"a"}}); },
              ThrowsMessage<Error>(HasSubstr("'level_swap_channels' in [augment] is empty")));
}

}  // namespace
}  // namespace edgeproof::train
