#include "formats/trained_on.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "core/random.h"
#include "formats/metadata.h"

namespace edgeproof::formats {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

// So many recordings of random samples, 8 x 2, in each of so many groups.
signal::RecordingSet noise(int groups, int of_each, const char* name = "noise") {
  signal::RecordingSet set{.rate_hz = 10, .channels = {{"x", "", 0}, {"y", "", 1}}};
  const CounterRng rng(1, name);
  std::uint32_t draw = 0;
  for (int group = 0; group < groups; ++group) {
    set.group_names.push_back(fmt::format("g{}", group));
    for (int i = 0; i < of_each; ++i) {
      signal::Recording recording{.group = group, .labels = std::vector<std::int32_t>(8)};
      for (int k = 0; k < 16; ++k) {
        recording.samples.push_back(static_cast<float>(rng.normal(draw++)));
      }
      set.recordings.push_back(std::move(recording));
    }
  }
  return set;
}

// The recordings of the first groups are for training, of the one after them for validation, and
// the rest for testing.
signal::Dataset split(signal::RecordingSet set, int training_groups) {
  signal::Dataset dataset{.source = std::move(set), .window_length = 8, .hop = 8};
  for (int i = 0; i < static_cast<int>(dataset.source.recordings.size()); ++i) {
    const int group = dataset.source.recordings[static_cast<std::size_t>(i)].group;
    auto& part = group < training_groups    ? dataset.train
                 : group == training_groups ? dataset.validation
                                            : dataset.test;
    part.push_back({.recording = i});
  }
  return dataset;
}

TEST(TrainedOn, KnowsTheRecordingsOfTrainingAndValidationAndNoOthers) {
  const signal::Dataset dataset = split(noise(6, 3), 3);
  const TrainedOn known = trained_on(dataset);
  EXPECT_TRUE(known.complete);
  EXPECT_THAT(known.digests, SizeIs(12));
  const std::vector<bool> trained = was_trained_on(known, dataset.source);
  for (std::size_t i = 0; i < trained.size(); ++i) {
    EXPECT_EQ(trained[i], dataset.source.recordings[i].group <= 3) << i;
  }
}

TEST(TrainedOn, DoesNotDependOnGroupsNamesOrOrder) {
  const TrainedOn known = trained_on(split(noise(3, 2), 1));
  signal::RecordingSet file = noise(3, 2);
  std::ranges::reverse(file.recordings);
  for (signal::Recording& recording : file.recordings) recording.group = 0;
  EXPECT_EQ(was_trained_on(known, file), (std::vector<bool>{false, false, true, true, true, true}));
}

TEST(TrainedOn, OneChangedSampleIsAnotherRecording) {
  signal::Dataset dataset = split(noise(2, 1), 1);
  const TrainedOn known = trained_on(dataset);
  dataset.source.recordings[0].samples[5] += 1e-3F;
  dataset.source.recordings[1].samples[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(was_trained_on(known, dataset.source), Each(false));
}

// As UCI HAR: 7,000 windows of 30 persons.
TEST(TrainedOn, KnowsCutDataByItsGroupsInLessThanAKilobyte) {
  const signal::Dataset dataset = split(noise(30, 240), 20);
  const TrainedOn known = trained_on(dataset);
  EXPECT_FALSE(known.complete);
  EXPECT_LE(known.digests.size(), kMostDigests);
  const Deployment deployment{.window_length = 8,
                              .hop = 8,
                              .rate_hz = 10,
                              .channels = dataset.source.channels,
                              .pipeline = {signal::Imputation::hold, {{0, 0}, {1, 1}}},
                              .labels = {"a"},
                              .trained_on = known};
  EXPECT_LE(to_metadata(deployment).at("edgeproof.trained_on").size(), 1024U);
  const std::vector<bool> trained = was_trained_on(known, dataset.source);
  for (std::size_t i = 0; i < trained.size(); ++i) {
    ASSERT_EQ(trained[i], dataset.source.recordings[i].group <= 20) << i;
  }
  EXPECT_THAT(was_trained_on(known, noise(30, 240, "other")), Each(false));
}

TEST(TrainedOn, KeepsADigestOfEveryGroupHoweverManyThereAre) {
  const TrainedOn known = trained_on(split(noise(500, 2), 400));
  EXPECT_THAT(known.digests, SizeIs(401));
}

TEST(TrainedOn, ARecordingThatNeverChangesIsNobodys) {
  signal::Dataset dataset = split(noise(2, 1), 1);
  auto& samples = dataset.source.recordings[0].samples;
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    samples[i] = std::numeric_limits<float>::quiet_NaN();
    samples[i + 1] = 1;
  }
  const TrainedOn known = trained_on(dataset);
  EXPECT_THAT(known.digests, SizeIs(1));
  EXPECT_EQ(was_trained_on(known, dataset.source), (std::vector<bool>{false, true}));
}

TEST(TrainedOn, AModelTrainedFurtherKnowsBoth) {
  const TrainedOn both = united({{1, 5}, true}, {{2, 5, 9}, true});
  EXPECT_EQ(both, (TrainedOn{{1, 2, 5, 9}, true}));
  EXPECT_FALSE(united({{1}, false}, {{2}, true}).complete);
}

TEST(TrainedOn, DigestsAreBase64OfRfc4648) {
  EXPECT_EQ(to_base64({}), "");
  EXPECT_EQ(to_base64({0x666F6F62}), "Ym9vZg==");  // "boof"
  const std::vector<std::uint32_t> digests = {0, 1, 0x12345678, 0xFFFFFFFF};
  EXPECT_EQ(digests_from_base64(to_base64(digests)), digests);
  for (const char* wrong : {"Ym9v", "Ym9vZg", "Ym9vZg=", "Ym9vZg==x", "Ym9vZh==", "Ym9 Zg==", "*",
                            "AQAAAAAAAAA=", "AAAAAAAAAAA="}) {
    EXPECT_THROW(digests_from_base64(wrong), Error) << wrong;
  }
}

}  // namespace
}  // namespace edgeproof::formats
