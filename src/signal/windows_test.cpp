#include "signal/windows.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

// (label, start) of the test windows of a recording with these labels.
std::vector<std::pair<int, int>> cut(const std::vector<std::int32_t>& labels,
                                     const WindowOptions& options) {
  const std::vector<std::int32_t> zeros(20, 0), ones(20, 1);
  const Dataset dataset = make_dataset(set_of({zeros, ones, labels, ones}), options, kByNames);
  std::vector<std::pair<int, int>> found;
  for (const Window& window : dataset.test) found.emplace_back(window.label, window.start);
  return found;
}

using Found = std::vector<std::pair<int, int>>;

TEST(Windows, StartEveryHopAndEndWithinTheRecording) {
  EXPECT_EQ(cut({1, 1, 1, 1, 1, 1, 1, 1}, {.length = 4, .hop = 2}),
            (Found{{1, 0}, {1, 2}, {1, 4}}));
  EXPECT_EQ(cut({1, 1, 1, 1, 1, 1, 1}, {.length = 4, .hop = 2}), (Found{{1, 0}, {1, 2}}));
  EXPECT_EQ(cut({1, 1, 1, 1, 1, 1, 1, 1}, {.length = 4}), (Found{{1, 0}, {1, 4}}));
}

TEST(Windows, TakeTheLabelOfMoreThanHalf) {
  EXPECT_EQ(cut({1, 2, 2, 0, 1, 2, 2, 2}, {.length = 4}), (Found{{2, 4}}));  // 2 of 4 is a tie
  EXPECT_EQ(cut({1, -1, -1, -1, 1, 1, 1, -1}, {.length = 4}), (Found{{1, 4}}));
}

// Labels are kept as bytes: more classes would wrap around silently.
TEST(Windows, AreOfAtMost256Classes) {
  RecordingSet set = even_set(8);
  set.classes.clear();
  for (int c = 0; c < 256; ++c) set.classes.push_back(fmt::format("c{}", c));
  EXPECT_EQ(cut_dataset(set, {.length = 4}).train.size(), 16U);
  set.classes.emplace_back("one too many");
  for (const auto& make : std::vector<std::function<Dataset()>>{
           [&] { return cut_dataset(set, {.length = 4}); },
           [&] { return make_dataset(set, {.length = 4}, {}); }}) {
    EXPECT_THAT(make, testing::ThrowsMessage<Error>(
                          HasSubstr("'made' has 257 classes, at most 256 are supported")));
  }
}

TEST(Windows, PurityLeavesMixedWindowsOut) {
  const std::vector<std::int32_t> labels{1, 1, 1, 0, 1, 1, 1, 1};
  EXPECT_EQ(cut(labels, {.length = 4, .purity = 0.75}), (Found{{1, 0}, {1, 4}}));
  EXPECT_EQ(cut(labels, {.length = 4, .purity = 0.76}), (Found{{1, 4}}));
  EXPECT_EQ(cut(labels, {.length = 4, .purity = 1}), (Found{{1, 4}}));
}

RC_GTEST_PROP(Windows, AreExactlyThoseWithAMajority, ()) {
  std::vector<std::int32_t> labels;  // in runs, or hardly any window would have a majority
  while (labels.size() < 30) {
    const auto run = *rc::gen::inRange<std::size_t>(1, 8);
    labels.insert(labels.end(), run, *rc::gen::element(-1, 0, 1, 2));
  }
  labels.resize(30);
  const int length = *rc::gen::inRange(1, 12);
  const int hop = *rc::gen::inRange(1, 12);
  Found expected;
  for (int start = 0; start + length <= 30; start += hop) {
    for (int label = 0; label < 3; ++label) {
      const auto begin = labels.begin() + start;
      if (2 * std::count(begin, begin + length, label) > length)
        expected.emplace_back(label, start);
    }
  }
  RC_PRE(!expected.empty());
  RC_ASSERT(cut(labels, {.length = length, .hop = hop}) == expected);
}

// Starts of the test windows around events, in a recording of 20 samples.
std::vector<std::pair<int, int>> cut_events(const std::vector<Event>& events,
                                            const WindowOptions& options) {
  const std::vector<std::int32_t> none(20, -1);
  RecordingSet set = set_of({none, none, none, none});
  set.recordings[0].events = {{10, 0}, {10, 1}};
  set.recordings[1].events = {{10, 1}};
  set.recordings[2].events = events;
  const Dataset dataset = make_dataset(set, options, kByNames);
  EXPECT_GE(dataset.hop, 1);
  std::vector<std::pair<int, int>> found;
  for (const Window& window : dataset.test) found.emplace_back(window.label, window.start);
  return found;
}

TEST(Windows, SurroundEvents) {
  const std::vector<Event> events{{5, 1}, {6, -1}, {7, 2}, {7, 2}};
  EXPECT_EQ(cut_events(events, {.length = 4}), (Found{{1, 3}, {2, 5}, {2, 5}}));
  EXPECT_EQ(cut_events(events, {.length = 5}), (Found{{1, 3}, {2, 5}, {2, 5}}));
  EXPECT_EQ(cut_events(events, {.length = 4, .event_offset = 0}), (Found{{1, 5}, {2, 7}, {2, 7}}));
  EXPECT_EQ(cut_events(events, {.length = 4, .event_offset = 3}), (Found{{1, 2}, {2, 4}, {2, 4}}));
}

TEST(Windows, AroundEventsIgnoreHopAndPurity) {
  EXPECT_EQ(cut_events({{9, 1}, {10, 1}}, {.length = 4, .hop = 3, .purity = 1}).size(), 2u);
}

TEST(Windows, ThatReachBeyondTheRecordingAreLeftOut) {
  EXPECT_EQ(cut_events({{1, 1}, {2, 1}, {18, 2}, {19, 2}}, {.length = 4}),
            (Found{{1, 0}, {2, 16}}));
}

TEST(Windows, EventOptionsThatDoNotFitAreErrors) {
  RecordingSet set = even_set(4);
  set.recordings[0].events = {{0, 1}};
  EXPECT_THAT(split_error_of(set, {.length = 4, .event_offset = 4}, {}),
              HasSubstr("event_offset is 4, expected 0 to 3"));
  EXPECT_THAT(split_error_of(set, {.length = 4, .event_offset = -2}, {}),
              HasSubstr("event_offset is -2"));
  EXPECT_THAT(split_error_of(set, {.length = 4}, {}),
              HasSubstr("no labelled event has a whole window of 4 samples"));
}

TEST(Windows, ADataSetThatComesCutKeepsItsWindows) {
  RecordingSet set = set_of({{0, 0}, {1, 1}, {0, 0}, {1, 1}});
  set.cut = true;
  const Dataset dataset = make_dataset(
      set, {}, {.by = SplitBy::groups, .test_groups = {"g2"}, .validation_groups = {"g3"}});
  EXPECT_EQ(dataset.window_length, 2);
  EXPECT_EQ(dataset.train.size(), 2u);
  EXPECT_EQ(dataset.train[1].recording, 1);
  EXPECT_THAT(split_error_of(set, {.length = 1}, {}),
              HasSubstr("'r0' has 2 samples, but the window length"));
  set.recordings[3].labels.push_back(1);
  EXPECT_THAT(split_error_of(set, {}, {}), HasSubstr("comes cut into windows"));
}

TEST(Windows, OptionsThatDoNotFitAreErrors) {
  EXPECT_THAT(split_error_of(even_set(4), {.length = 9}, {}),
              HasSubstr("a window of 9 samples is longer than every recording"));
  EXPECT_THAT(split_error_of(even_set(4), {}, {}), HasSubstr("window length 0"));
  EXPECT_THAT(split_error_of(even_set(4), {.length = 4, .hop = -1}, {}), HasSubstr("hop -1"));
  EXPECT_THAT(split_error_of(even_set(4), {.length = 4, .purity = 0.4}, {}),
              HasSubstr("purity is 0.4"));
  EXPECT_THAT(split_error_of(set_of({}), {.length = 4}, {}), HasSubstr("has no samples"));
  EXPECT_THAT(split_error_of(set_of({{-1, -1}, {-1, -1}}), {.length = 2}, {}),
              HasSubstr("no window of 2"));
}

}  // namespace
}  // namespace edgeproof::signal
