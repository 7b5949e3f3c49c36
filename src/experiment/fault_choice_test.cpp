#include "experiment/fault_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "signal/windows.h"

namespace edgeproof::experiment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

// One channel at 5 Hz: no place for hum, dropout, crosstalk and rotation.
struct Bench {
  signal::Dataset dataset;
  signal::Pipeline pipeline;

  Bench() {
    signal::RecordingSet set{
        .name = "one", .rate_hz = 5, .channels = {{"x", "g", 0}}, .classes = {"a", "b"}};
    for (int i = 0; i < 6; ++i) {
      set.group_names.push_back(std::to_string(i));
      signal::Recording recording{.name = "r", .group = i, .samples = {}, .labels = {}};
      for (int t = 0; t < 40; ++t) {
        recording.samples.push_back(static_cast<float>(t % 7));
        recording.labels.push_back(t < 20 ? 0 : 1);
      }
      set.recordings.push_back(std::move(recording));
    }
    dataset = signal::make_dataset(std::move(set), {.length = 10, .hop = 10}, {});
    pipeline.statistics = signal::training_statistics(dataset);
  }
};

TEST(Faults, WhatDoesNotApplyIsListedWithItsReason) {
  const Bench bench;
  const FaultList list = applicable_faults({.suite = "full"}, bench.dataset, bench.pipeline);
  std::map<std::string, std::string> others(list.others.begin(), list.others.end());
  EXPECT_EQ(list.applicable.size() + others.size(), 20);
  EXPECT_EQ(others.size(), 4);
  EXPECT_THAT(others.at("dropout"), HasSubstr("two physical channels"));
  EXPECT_THAT(others.at("crosstalk"), HasSubstr("two physical channels"));
  EXPECT_THAT(others.at("rotation"), HasSubstr("three-axis"));
  EXPECT_THAT(others.at("hum"), HasSubstr("5 samples a second"));
}

TEST(Faults, ListsAddToSuites) {
  const auto faults = named_faults({"core", {"hum", "mine: drift(sd=1) + bias"}});
  ASSERT_EQ(faults.size(), 7);
  EXPECT_EQ(faults[6].name, "mine");
  EXPECT_EQ(named_faults({"none", {"hum"}}).size(), 1);
}

TEST(Faults, ChoicesThatMakeNoSenseAreErrors) {
  const Bench bench;
  const auto apply = [&](const FaultChoice& choice) {
    return [&bench, choice] { applicable_faults(choice, bench.dataset, bench.pipeline); };
  };
  EXPECT_THAT(apply({"none", {}}), ThrowsMessage<Error>(HasSubstr("there is no fault")));
  EXPECT_THAT(apply({"core", {"drift"}}),
              ThrowsMessage<Error>(HasSubstr("'drift' is there twice")));
  EXPECT_THAT(apply({"none", {"rotation"}}), ThrowsMessage<Error>(HasSubstr("none of the faults")));
  EXPECT_THAT(apply({"none", {"bias on y"}}), ThrowsMessage<Error>(HasSubstr("no channel 'y'")));
  EXPECT_THAT(
      apply({"none", {"bias from 8"}}),
      ThrowsMessage<Error>(HasSubstr("begins at 8 s, but no recording is longer than 8 s")));
  EXPECT_NO_THROW(apply({"none", {"bias from 7.5"}})());
}

TEST(FaultyWindows, AreThoseOfTheFaultWhateverTheThreads) {
  const Bench bench;
  const faults::Fault bias = faults::parse_fault("bias(sd=2)");
  const auto windows = [&](const faults::Fault* fault, std::uint64_t seed, int threads) {
    return faulty_windows(bench.dataset, bench.pipeline, bench.dataset.test, fault, 1, seed,
                          threads)
        .values;
  };
  const auto clean = signal::prepare(bench.pipeline, bench.dataset, bench.dataset.test).values;
  const auto biased = windows(&bias, 1, 1);
  EXPECT_EQ(windows(nullptr, 1, 1), clean);
  EXPECT_EQ(windows(&bias, 1, 2), biased);
  for (std::size_t i = 0; i < clean.size(); ++i)
    EXPECT_NEAR(std::abs(biased[i] - clean[i]), 2, 1e-5);
}

}  // namespace
}  // namespace edgeproof::experiment
