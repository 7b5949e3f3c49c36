#include "signal/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "signal/signal_testing.h"
#include "signal/split_check.h"
#include "signal/windows.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

using Names = std::set<std::string>;

TEST(Split, EveryWindowIsInOnePartAndEveryGroupToo) {
  const Dataset dataset = make_dataset(even_set(20), {.length = 4}, {.seed = 3});
  EXPECT_EQ(all_windows(dataset).size(), 40u);
  const Names train = groups_of(dataset, dataset.train);
  const Names validation = groups_of(dataset, dataset.validation);
  const Names test = groups_of(dataset, dataset.test);
  EXPECT_EQ(test.size(), 5u);        // a quarter of 20
  EXPECT_EQ(validation.size(), 3u);  // a fifth of the other 15
  EXPECT_EQ(train.size(), 12u);
  Names all = train;
  all.insert(validation.begin(), validation.end());
  all.insert(test.begin(), test.end());
  EXPECT_EQ(all.size(), 20u);
}

TEST(Split, TheSeedDecides) {
  std::map<std::string, int> tested;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const SplitOptions split{.test_fraction = 0.25, .seed = seed};
    const Dataset one = make_dataset(even_set(8), {.length = 4}, split);
    const Dataset two = make_dataset(even_set(8), {.length = 4}, split);
    EXPECT_EQ(groups_of(one, one.test), groups_of(two, two.test));
    EXPECT_EQ(groups_of(one, one.validation), groups_of(two, two.validation));
    for (const std::string& group : groups_of(one, one.test)) ++tested[group];
  }
  ASSERT_EQ(tested.size(), 8u);
  for (const auto& [group, count] : tested) EXPECT_NEAR(count, 100, 45) << group;  // 5 sd
}

TEST(Split, GroupsWithoutWindowsAreNotDrawn) {
  RecordingSet set = even_set(4);
  for (int i = 0; i < 50; ++i) set.group_names.push_back(fmt::format("empty{}", i));
  const Dataset dataset = make_dataset(set, {.length = 4}, {});
  EXPECT_EQ(groups_of(dataset, dataset.test).size(), 1u);
}

TEST(Split, NamedGroupsGoWhereTheyAreNamed) {
  const Dataset dataset = make_dataset(even_set(4), {.length = 4}, kByNames);
  EXPECT_EQ(groups_of(dataset, dataset.test), Names{"g2"});
  EXPECT_EQ(groups_of(dataset, dataset.validation), Names{"g1"});
  EXPECT_EQ(groups_of(dataset, dataset.train), (Names{"g0", "g3"}));
}

TEST(Split, ValidationIsDrawnFromTheTrainingGroups) {
  const Dataset dataset = make_dataset(even_set(6), {.length = 4},
                                       {.by = SplitBy::groups, .test_groups = {"g0", "g5"}});
  EXPECT_EQ(groups_of(dataset, dataset.test), (Names{"g0", "g5"}));
  EXPECT_EQ(groups_of(dataset, dataset.validation).size(), 1u);
  EXPECT_EQ(groups_of(dataset, dataset.train).size(), 3u);
}

TEST(Split, TheOfficialTestPartStaysAsItIs) {
  RecordingSet set = even_set(8);
  for (std::size_t r = 0; r < 8; ++r) set.recordings[r].part = r < 5 ? Part::train : Part::test;
  const Dataset dataset = make_dataset(set, {.length = 4}, {.by = SplitBy::official});
  EXPECT_EQ(groups_of(dataset, dataset.test), (Names{"g5", "g6", "g7"}));
  EXPECT_EQ(groups_of(dataset, dataset.validation).size(), 1u);
  EXPECT_EQ(groups_of(dataset, dataset.train).size(), 4u);

  set.recordings[2].part = Part::validation;  // an official validation part is kept, too
  const Dataset three = make_dataset(set, {.length = 4}, {.by = SplitBy::official});
  EXPECT_EQ(groups_of(three, three.validation), Names{"g2"});

  set.recordings[0].part = Part::unassigned;
  EXPECT_THAT(split_error_of(set, {.length = 4}, {.by = SplitBy::official}),
              HasSubstr("no official split (recording 'r0' is in no part)"));
}

TEST(Split, WithoutAValidationFractionThereIsNoValidation) {
  const Dataset dataset = make_dataset(even_set(2), {.length = 4}, {.validation_fraction = 0});
  EXPECT_TRUE(dataset.validation.empty());
  EXPECT_EQ(groups_of(dataset, dataset.train).size(), 1u);
}

TEST(Split, WhatCannotBeSplitIsAnError) {
  const WindowOptions four{.length = 4};
  EXPECT_THAT(split_error_of(even_set(1), four, {}),
              HasSubstr("has 1 group(s) left to draw the test part"));
  EXPECT_THAT(split_error_of(even_set(2), four, {}), HasSubstr("left to draw the validation part"));
  EXPECT_THAT(split_error_of(even_set(4), four, {.test_fraction = 1}),
              HasSubstr("test_fraction is 1"));
  EXPECT_THAT(split_error_of(even_set(4), four, {.validation_fraction = -1}),
              HasSubstr("validation_frac"));
  EXPECT_THAT(split_error_of(even_set(4), four, {.by = SplitBy::groups, .test_groups = {"g9"}}),
              HasSubstr("has no group 'g9', did you mean 'g0'?"));
  EXPECT_THAT(
      split_error_of(even_set(4), four,
                     {.by = SplitBy::groups, .test_groups = {"g1"}, .validation_groups = {"g1"}}),
      HasSubstr("group 'g1' cannot validate, it is for testing"));
  EXPECT_THAT(split_error_of(even_set(4), four, {.by = SplitBy::groups}),
              HasSubstr("'test_groups' in [split] names none; data set 'made' has g0, g1, g2, g3"));
  EXPECT_THAT(
      split_error_of(even_set(2), four,
                     {.by = SplitBy::groups, .test_groups = {"g0"}, .validation_groups = {"g1"}}),
      HasSubstr("the training part of data set 'made' has no windows"));
  EXPECT_THAT(
      split_error_of(set_of({{0, 0}, {1, 1}, {1, 1}, {0, 0}}), {.length = 2},
                     {.by = SplitBy::groups, .test_groups = {"g1"}, .validation_groups = {"g2"}}),
      HasSubstr("windows of one class only ('a')"));
}

RecordingSet officially_split(int groups, int tested) {
  RecordingSet set = even_set(groups);
  for (int r = 0; r < groups; ++r) {
    set.recordings[r].part = r < groups - tested ? Part::train : Part::test;
  }
  return set;
}

TEST(AutomaticSplit, TakesWhatTheDataSetsAuthorsMade) {
  const Dataset dataset = make_dataset(officially_split(8, 3), {.length = 4}, {});
  EXPECT_EQ(groups_of(dataset, dataset.test), (Names{"g5", "g6", "g7"}));
  EXPECT_EQ(resolve_split(dataset.source, {}), SplitBy::official);
  EXPECT_EQ(split_text(dataset.source, {.seed = 4}),
            "the official split (as published); validation: 20 % of the training groups, drawn "
            "with seed 4");
}

TEST(AutomaticSplit, TakesNamedGroupsBeforeThat) {
  const SplitOptions named{.test_groups = {"g0"}, .validation_fraction = 0};
  const Dataset dataset = make_dataset(officially_split(8, 3), {.length = 4}, named);
  EXPECT_EQ(groups_of(dataset, dataset.test), Names{"g0"});
  EXPECT_EQ(split_text(dataset.source, named), "test groups: g0; no validation part");
}

TEST(AutomaticSplit, DrawsWhereThereIsNone) {
  EXPECT_EQ(resolve_split(even_set(4), {}), SplitBy::fractions);
  EXPECT_EQ(resolve_split(officially_split(4, 0), {}), SplitBy::fractions);  // nothing is tested
  EXPECT_THAT(split_text(even_set(4), {}), HasSubstr("25 % of 4 groups, drawn for testing"));
}

TEST(AutomaticSplit, OfHalfAnOfficialSplitIsAnError) {
  RecordingSet set = officially_split(4, 2);
  set.recordings[1].part = Part::unassigned;
  EXPECT_THAT(split_error_of(set, {.length = 4}, {}),
              HasSubstr("('r1' is in no part); give 'by' in"));
}

std::map<int, int> windows_by_label(const std::vector<Window>& windows) {
  std::map<int, int> counts;
  for (const Window& window : windows) ++counts[window.label];
  return counts;
}

// Ten groups of class a, six of b, four of c: a group per file, as of bearings.
TEST(StratifiedDraw, GivesEachClassItsShareOfGroups) {
  std::vector<std::vector<std::int32_t>> labels(10, {0, 0});
  labels.insert(labels.end(), 6, {1, 1});
  labels.insert(labels.end(), 4, {2, 2});
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Dataset dataset =
        make_dataset(set_of(labels), {.length = 2},
                     {.test_fraction = 0.25, .validation_fraction = 0.2, .seed = seed});
    EXPECT_EQ(windows_by_label(dataset.test), (std::map<int, int>{{0, 3}, {1, 2}, {2, 1}}));
    EXPECT_EQ(windows_by_label(dataset.validation), (std::map<int, int>{{0, 1}, {1, 1}, {2, 1}}));
  }
}

// A class that only three of twelve groups have, with others in each.
TEST(StratifiedDraw, IsRepeatedUntilMixedGroupsHaveEveryClassOnBothSides) {
  std::vector<std::vector<std::int32_t>> labels(12, {0, 0, 1, 1});
  for (const std::size_t rare : {1u, 4u, 9u}) labels[rare] = {0, 0, 2, 2};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Dataset dataset =
        make_dataset(set_of(labels), {.length = 2}, {.validation_fraction = 0, .seed = seed});
    EXPECT_EQ(windows_by_label(dataset.test).size(), 3u) << seed;
    EXPECT_EQ(windows_by_label(dataset.train).size(), 3u) << seed;
  }
}

TEST(StratifiedDraw, OfOneGroupForEachClassIsAnErrorThatNamesTheWayOut) {
  EXPECT_THAT(split_error_of(set_of({{0, 0}, {1, 1}, {2, 2}}), {.length = 2}, {}),
              HasSubstr("by = \"time\" in [split]"));
}

// One recording of a hundred samples for each class; windows of 4 every 2.
TEST(TimeSplit, LeavesAWindowBetweenTheParts) {
  const std::vector<std::int32_t> a(100, 0), b(100, 1);
  const SplitOptions split{.by = SplitBy::time, .test_fraction = 0.3, .validation_fraction = 0.2};
  const Dataset dataset = make_dataset(set_of({a, b}), {.length = 4, .hop = 2}, split);
  const auto ends = [](const std::vector<Window>& windows) {
    int first = windows.front().start, last = 0;
    for (const Window& window : windows) {
      first = std::min(first, window.start);
      last = std::max(last, window.start + 3);
    }
    return std::pair(first, last);
  };
  EXPECT_EQ(ends(dataset.train), std::pair(0, 55));        // training ends before 56
  EXPECT_EQ(ends(dataset.validation), std::pair(60, 69));  // a window later; ends before 70
  EXPECT_EQ(ends(dataset.test), std::pair(74, 99));
  for (const auto* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    EXPECT_EQ(windows_by_label(*part).size(), 2u);  // every recording is in every part
  }
  EXPECT_THAT(split_text(dataset.source, split), HasSubstr("its last 30 % test"));
}

TEST(TimeSplit, RefusesWhatHasNoTime) {
  RecordingSet cut = set_of({{0, 0}, {1, 1}, {0, 0}, {1, 1}});
  cut.cut = true;
  EXPECT_THAT(split_error_of(cut, {}, {.by = SplitBy::time}), HasSubstr("comes cut into windows"));
  EXPECT_THAT(split_error_of(even_set(4), {.length = 4},
                             {.by = SplitBy::time, .validation_groups = {"g1"}}),
              HasSubstr("'validation_groups' does not go with by = \"time\""));
}

std::vector<SplitProblem> problems_of(const Dataset& dataset) {
  std::vector<SplitProblem> problems;
  for (const SplitFinding& finding : check_split(dataset)) problems.push_back(finding.problem);
  return problems;
}

// g0 trains on classes a and b, g1 validates, g2 and g3 test.
Dataset split_as(std::vector<std::vector<std::int32_t>> labels) {
  RecordingSet set = set_of(labels);
  float value = 0;  // no two windows are alike
  for (Recording& recording : set.recordings) {
    for (float& sample : recording.samples) sample = ++value;
  }
  return make_dataset(
      std::move(set), {.length = 1},
      {.by = SplitBy::groups, .test_groups = {"g2", "g3"}, .validation_groups = {"g1"}});
}

std::vector<std::int32_t> both(int windows, int first = 0, int second = 1) {
  std::vector<std::int32_t> labels(static_cast<std::size_t>(windows), first);
  labels.insert(labels.end(), static_cast<std::size_t>(windows), second);
  return labels;
}

TEST(CheckSplit, FindsNothingWhereNothingIsWrong) {
  EXPECT_TRUE(problems_of(split_as({both(40), both(5), both(30), both(40)})).empty());
}

TEST(CheckSplit, NamesClassesThatTrainingNeverSees) {
  const Dataset dataset = split_as({both(40), both(5), both(30, 0, 2), both(40)});
  const auto findings = check_split(dataset);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].problem, SplitProblem::unseen_class);
  EXPECT_THAT(findings[0].text, HasSubstr("'c' (30)"));
  EXPECT_NO_THROW(expect_seen_classes(dataset));
}

TEST(CheckSplit, RefusesATestPartOfNothingThatWasTrained) {
  const Dataset dataset = split_as({both(4), both(4), both(4, 2, 2), both(4, 2, 2)});
  EXPECT_THAT(error_of([&] { expect_seen_classes(dataset); }),
              HasSubstr("no class in the test part of data set 'made' is in its training part"));
}

TEST(CheckSplit, NamesWhatIsMissingElsewhere) {
  EXPECT_EQ(problems_of(split_as({both(40), both(40, 0, 0), both(40), both(40)})),
            std::vector{SplitProblem::unvalidated_class});
  EXPECT_EQ(problems_of(split_as({both(40), both(40), both(40, 0, 0), both(40, 0, 0)})),
            std::vector{SplitProblem::untested_class});
  EXPECT_EQ(problems_of(split_as({both(40), both(40), both(40), {}})),
            std::vector{SplitProblem::one_test_group});
  EXPECT_EQ(problems_of(split_as({both(29), both(40), both(14), both(14)})),
            (std::vector{SplitProblem::few_windows, SplitProblem::few_windows}));
}

TEST(CheckSplit, RepeatsLeaks) {
  RecordingSet set = even_set(4);  // all samples are zero
  const Dataset dataset = make_dataset(set, {.length = 4}, kByNames);
  EXPECT_EQ(problems_of(dataset).front(), SplitProblem::leak);
  EXPECT_THAT(check_split(dataset).front().text, HasSubstr("the split leaks"));
}

}  // namespace
}  // namespace edgeproof::signal
