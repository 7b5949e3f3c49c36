#include "signal/summary.h"

#include <gtest/gtest.h>

#include <cmath>

#include "signal/signal_testing.h"
#include "signal/windows.h"

namespace edgeproof::signal {
namespace {

// Two channels; each recording has its own values. Groups: a, b, a.
RecordingSet three_recordings() {
  RecordingSet set;
  set.name = "made";
  set.rate_hz = 1;
  set.channels = {{"x", "g", 0}, {"still", "", 1}};
  set.classes = {"no", "yes", "never"};
  set.group_names = {"a", "b"};
  for (int r = 0; r < 3; ++r) {
    Recording recording;
    recording.name = fmt::format("r{}", r);
    recording.group = r % 2;
    recording.labels = {0, 0, 1, 1, -1, -1};
    for (int t = 0; t < 6; ++t) {
      recording.samples.push_back(static_cast<float>(10 * r + t));
      recording.samples.push_back(7);
    }
    set.recordings.push_back(recording);
  }
  return set;
}

Dataset dataset_of(RecordingSet set) {
  Dataset dataset;
  dataset.source = std::move(set);
  dataset.window_length = 2;
  dataset.hop = 2;
  return dataset;
}

TEST(Summary, CountsPartsClassesAndGroups) {
  Dataset dataset = dataset_of(three_recordings());
  dataset.source.recordings[0].events = {{1, 1}, {2, 1}, {3, -1}};
  dataset.train = {{0, 0, 0}, {0, 2, 1}, {2, 0, 0}};
  dataset.test = {{1, 0, 0}};
  const Summary summary = summarize(dataset);
  ASSERT_EQ(summary.parts.size(), 2u);
  const PartSummary& train = summary.parts[0];
  EXPECT_EQ(train.part, Part::train);
  EXPECT_EQ(train.all.recordings, 2);
  EXPECT_EQ(train.all.samples, 12);
  EXPECT_EQ(train.all.events, 2);
  EXPECT_EQ(train.all.windows, 3);
  ASSERT_EQ(train.classes.size(), 3u);
  EXPECT_EQ(train.classes[0].windows, 2);
  EXPECT_EQ(train.classes[0].samples, 4);
  EXPECT_EQ(train.classes[1].windows, 1);
  EXPECT_EQ(train.classes[1].events, 2);
  EXPECT_EQ(train.classes[1].recordings, 2);
  EXPECT_EQ(train.classes[2].recordings, 0);
  ASSERT_EQ(train.groups.size(), 1u);
  EXPECT_EQ(train.groups[0].name, "a");
  EXPECT_EQ(train.groups[0].windows, 3);
  EXPECT_EQ(summary.parts[1].groups[0].name, "b");
  EXPECT_EQ(summary.parts[1].all.windows, 1);
  EXPECT_TRUE(summary.leaks.empty());
}

TEST(Summary, DescribesChannels) {
  RecordingSet set = three_recordings();
  set.recordings[0].samples[0] = NAN;
  const Summary summary = summarize(set);
  ASSERT_EQ(summary.channels.size(), 2u);
  const ChannelSummary& x = summary.channels[0];
  double sum = 0, squares = 0;
  for (int r = 0; r < 3; ++r) {
    for (int t = r == 0 ? 1 : 0; t < 6; ++t) sum += 10 * r + t;
  }
  for (int r = 0; r < 3; ++r) {
    for (int t = r == 0 ? 1 : 0; t < 6; ++t) squares += std::pow(10 * r + t - sum / 17, 2);
  }
  EXPECT_EQ(x.unit, "g");
  EXPECT_DOUBLE_EQ(x.missing, 1.0 / 18);
  EXPECT_EQ(x.min, 1);
  EXPECT_EQ(x.max, 25);
  EXPECT_DOUBLE_EQ(x.mean, sum / 17);
  EXPECT_DOUBLE_EQ(x.sd, std::sqrt(squares / 17));
  EXPECT_FALSE(x.constant);
  EXPECT_TRUE(summary.channels[1].constant);
  EXPECT_EQ(summary.channels[1].sd, 0);
  EXPECT_DOUBLE_EQ(summary.missing, 1.0 / 36);

  for (Recording& recording : set.recordings) {
    for (std::size_t i = 0; i < recording.samples.size(); i += 2) recording.samples[i] = NAN;
  }
  const Summary empty = summarize(set);
  EXPECT_TRUE(std::isnan(empty.channels[0].mean));
  EXPECT_EQ(empty.channels[0].missing, 1);
  EXPECT_TRUE(empty.channels[0].constant);
}

TEST(Summary, WithoutASplitAllIsUnassignedAndNothingLeaks) {
  const Summary summary = summarize(three_recordings());
  ASSERT_EQ(summary.parts.size(), 1u);
  EXPECT_EQ(summary.parts[0].part, Part::unassigned);
  EXPECT_EQ(summary.parts[0].all.recordings, 3);
  EXPECT_TRUE(summary.leaks.empty());
}

TEST(Summary, AGroupInTwoPartsIsALeak) {
  RecordingSet set = three_recordings();
  set.recordings[0].part = Part::test;
  set.recordings[1].part = Part::train;
  set.recordings[2].part = Part::train;
  const Summary summary = summarize(set);
  ASSERT_EQ(summary.leaks.size(), 1u);
  EXPECT_EQ(summary.leaks[0].kind, LeakKind::shared_group);
  EXPECT_EQ(summary.leaks[0].first, Part::train);
  EXPECT_EQ(summary.leaks[0].second, Part::test);
  EXPECT_EQ(summary.leaks[0].count, 1);
  EXPECT_EQ(summary.leaks[0].example, "a");
}

std::vector<Leak> leaks_of(const Dataset& dataset, LeakKind kind) {
  std::vector<Leak> found;
  for (const Leak& leak : summarize(dataset).leaks) {
    if (leak.kind == kind) found.push_back(leak);
  }
  return found;
}

TEST(Summary, WindowsThatShareSamplesAcrossTheSplitAreALeak) {
  Dataset dataset = dataset_of(three_recordings());
  dataset.train = {{0, 0, 0}, {1, 0, 0}};
  dataset.test = {{0, 2, 0}, {1, 4, 0}};
  EXPECT_TRUE(leaks_of(dataset, LeakKind::overlapping_windows).empty());
  dataset.test = {{0, 1, 0}, {2, 1, 0}};
  dataset.validation = {{1, 1, 0}};
  const std::vector<Leak> leaks = leaks_of(dataset, LeakKind::overlapping_windows);
  ASSERT_EQ(leaks.size(), 2u);
  EXPECT_EQ(leaks[0].second, Part::validation);
  EXPECT_EQ(leaks[0].example, "r1 at 0 and r1 at 1");
  EXPECT_EQ(leaks[1].second, Part::test);
  EXPECT_EQ(leaks[1].count, 1);
}

TEST(Summary, IdenticalWindowsAcrossTheSplitAreALeak) {
  Dataset dataset = dataset_of(three_recordings());
  dataset.train = {{0, 0, 0}};
  dataset.test = {{1, 0, 0}, {1, 2, 0}, {1, 4, 0}};
  EXPECT_TRUE(leaks_of(dataset, LeakKind::identical_windows).empty());
  std::vector<float>& samples = dataset.source.recordings[1].samples;
  const std::vector<float>& other = dataset.source.recordings[0].samples;
  for (const std::size_t at : {0, 4}) std::copy_n(other.data(), 4, samples.data() + 2 * at);
  const std::vector<Leak> leaks = leaks_of(dataset, LeakKind::identical_windows);
  ASSERT_EQ(leaks.size(), 1u);
  EXPECT_EQ(leaks[0].count, 2);
  EXPECT_EQ(leaks[0].first, Part::train);
  EXPECT_EQ(leaks[0].second, Part::test);
  EXPECT_EQ(leaks[0].example, "r0 at 0 and r1 at 0");

  for (Recording& recording : dataset.source.recordings) {
    recording.samples.assign(recording.samples.size(), NAN);
  }
  EXPECT_TRUE(leaks_of(dataset, LeakKind::identical_windows).empty());
}

}  // namespace
}  // namespace edgeproof::signal
