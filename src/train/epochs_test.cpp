#include "train/epochs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "signal/windows.h"

namespace edgeproof::train {
namespace {

// Four people, one triad, two classes, 20 windows each.
signal::Dataset dataset() {
  signal::RecordingSet set;
  set.name = "test";
  set.rate_hz = 50;
  set.channels = {{"x", "g", 0}, {"y", "g", 1}, {"z", "g", 2}};
  set.triads = {{0, 1, 2}};
  set.classes = {"a", "b"};
  const CounterRng rng(1, "recordings");
  for (int person = 0; person < 4; ++person) {
    set.group_names.push_back(std::to_string(person));
    signal::Recording recording{.name = "r", .group = person, .samples = {}, .labels = {}};
    for (int t = 0; t < 640; ++t) {
      for (int c = 0; c < 3; ++c) {
        recording.samples.push_back(static_cast<float>(2 + rng.normal(person, t, c)));
      }
      recording.labels.push_back(t < 320 ? 0 : 1);
    }
    set.recordings.push_back(std::move(recording));
  }
  set.checksum = "none";
  return signal::make_dataset(std::move(set), {.length = 32, .hop = 32}, {});
}

// The same windows, each a recording of its own.
signal::Dataset cut_dataset() {
  signal::RecordingSet set = dataset().source;
  std::vector<signal::Recording> windows;
  for (const signal::Recording& recording : set.recordings) {
    for (int start = 0; start < recording.length(); start += 32) {
      const auto sample = recording.samples.begin() + start * 3;
      const auto label = recording.labels.begin() + start;
      windows.push_back({.name = "w",
                         .group = recording.group,
                         .samples = {sample, sample + 96},
                         .labels = {label, label + 32}});
    }
  }
  set.recordings = std::move(windows);
  set.cut = true;
  return signal::make_dataset(std::move(set), {}, {});
}

std::vector<faults::Fault> core() {
  const auto suite = faults::suite("core");
  return {suite.begin(), suite.end()};
}

class EpochsTest : public testing::Test {
 protected:
  signal::Dataset dataset_ = dataset();
  signal::Pipeline pipeline_{signal::Imputation::hold, signal::training_statistics(dataset_)};
};

TEST_F(EpochsTest, CleanTrainingSeesTheSameWindowsEveryTime) {
  Epochs epochs(dataset_, pipeline_, {});
  const auto first = epochs.training(0).values;
  EXPECT_EQ(epochs.training(1).values, first);
  EXPECT_EQ(first, signal::prepare(pipeline_, dataset_, dataset_.train).values);
}

TEST_F(EpochsTest, FaultsLeaveTheCleanShareUntouchedInBits) {
  Epochs epochs(dataset_, pipeline_, {.faults = core(), .clean_share = 0.5, .seed = 1});
  const auto clean = signal::prepare(pipeline_, dataset_, dataset_.train);
  int same = 0, all = 0;
  for (int epoch = 0; epoch < 20; ++epoch) {
    const signal::WindowSet& windows = epochs.training(epoch);
    ASSERT_EQ(windows.labels, clean.labels);
    for (int w = 0; w < clean.count; ++w, ++all) {
      const auto a = windows.window(w), b = clean.window(w);
      same += std::equal(a.begin(), a.end(), b.begin());
    }
  }
  // Half, but for windows that a fault happens not to touch (a missing sample or an impulse
  // elsewhere).
  const double share = static_cast<double>(same) / all;
  EXPECT_GT(share, 0.45);
  EXPECT_LT(share, 0.65);
}

TEST_F(EpochsTest, EpochsDifferAndRepeat) {
  const EpochOptions options{.faults = core(), .seed = 1};
  Epochs a(dataset_, pipeline_, options), b(dataset_, pipeline_, options);
  const auto first = a.training(3).values;
  EXPECT_NE(first, a.training(4).values);
  EXPECT_EQ(first, b.training(3).values);
}

TEST_F(EpochsTest, RotationKeepsTheLengthOfEveryVector) {
  Epochs epochs(dataset_, pipeline_, {.augment = {.rotation_deg = 30}, .seed = 1});
  const auto clean = signal::prepare(pipeline_, dataset_, dataset_.train);
  const auto& turned = epochs.training(0);
  EXPECT_NE(turned.values, clean.values);
  const auto& [mean, sd] = pipeline_.statistics;
  for (std::size_t i = 0; i < clean.values.size(); i += 3) {
    double before = 0, after = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      before += std::pow(clean.values[i + c] * sd[c] + mean[c], 2);
      after += std::pow(turned.values[i + c] * sd[c] + mean[c], 2);
    }
    EXPECT_NEAR(std::sqrt(before), std::sqrt(after), 1e-4);
  }
}

TEST_F(EpochsTest, FaultTrainingValidatesOnCleanAndFaultyWindows) {
  const Epochs clean(dataset_, pipeline_, {});
  const Epochs faulty(dataset_, pipeline_, {.faults = core(), .seed = 1});
  EXPECT_EQ(faulty.validation().count, 2 * clean.validation().count);
}

// A drift rises by k standard deviations, whatever the window that it breaks was made to be.
TEST_F(EpochsTest, AugmentationLeavesFaultsAsTheyAre) {
  const signal::Dataset data = cut_dataset();
  const signal::Pipeline pipeline{signal::Imputation::hold, signal::training_statistics(data)};
  const AugmentOptions augment{.motion_gain = 6, .motion_gain_classes = {"a", "b"}};
  Epochs epochs(data, pipeline,
                {.augment = augment,
                 .faults = {faults::parse_fault("drift(sd=1)")},
                 .clean_share = 0,
                 .seed = 1});
  const signal::WindowSet faulty = epochs.training(2);
  const signal::WindowSet& clean = epochs.clean(2);
  EXPECT_NE(clean.values, signal::prepare(pipeline, data, data.train).values);
  for (int w = 0; w < clean.count; ++w) {
    for (int i = 0; i < 96; ++i) {
      const float rise = faulty.window(w)[i] - clean.window(w)[i];
      ASSERT_NEAR(std::abs(rise), static_cast<float>(i / 3) / 31, 1e-4);
    }
  }
}

TEST_F(EpochsTest, RotationNeedsADeclaredTriad) {
  dataset_.source.triads.clear();
  EXPECT_THROW(Epochs(dataset_, pipeline_, {.augment = {.rotation_deg = 10}}), Error);
}

// What is wrong everywhere says nothing; errors on one recording, which drew one fault, do.
TEST_F(EpochsTest, WorstSamplingFollowsTheErrors) {
  dataset_.validation.insert(dataset_.validation.end(), dataset_.train.begin(),
                             dataset_.train.end());
  const EpochOptions options{
      .faults = core(), .sampling = faults::Sampling::worst, .clean_share = 0, .seed = 1};
  Epochs learning(dataset_, pipeline_, options), ignorant(dataset_, pipeline_, options);
  std::vector<std::int32_t> labels = learning.validation().labels;
  EXPECT_EQ(learning.training(1).values, ignorant.training(1).values);
  for (auto& label : labels) label = 1 - label;
  learning.learn(labels);
  EXPECT_EQ(learning.training(2).values, ignorant.training(2).values);
  for (std::size_t w = 0; w < dataset_.validation.size(); ++w) {
    if (dataset_.validation[w].recording == dataset_.validation[0].recording) continue;
    labels[dataset_.validation.size() + w] = dataset_.validation[w].label;
  }
  learning.learn(labels);
  int different = 0;
  for (int epoch = 3; epoch < 23; ++epoch) {
    different += learning.training(epoch).values != ignorant.training(epoch).values;
  }
  EXPECT_GT(different, 0);
}

TEST_F(EpochsTest, WithoutAValidationPartThereIsNothingToValidateOn) {
  dataset_.validation.clear();
  EXPECT_EQ(Epochs(dataset_, pipeline_, {.faults = core()}).validation().count, 0);
}

TEST_F(EpochsTest, WorstSamplingNeedsAValidationPart) {
  dataset_.validation.clear();
  EXPECT_THROW(Epochs(dataset_, pipeline_, {.faults = core(), .sampling = faults::Sampling::worst}),
               Error);
}

}  // namespace
}  // namespace edgeproof::train
