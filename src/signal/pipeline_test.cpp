#include "signal/pipeline.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Two channels; imputed values show as they are, since the z-score is the identity on channel 0 and
// (x - 10) / 2 on channel 1.
Pipeline pipeline(Imputation imputation) {
  return {.imputation = imputation, .statistics = {.mean = {0, 10}, .sd = {1, 2}}};
}

// One channel of mean 7 and sd 1; the mean is added again, so that imputed values are seen.
std::vector<float> imputed(Imputation imputation, const std::vector<float>& samples) {
  std::vector<float> values = prepare_recording(
      {.imputation = imputation, .statistics = {.mean = {7}, .sd = {1}}}, samples);
  for (float& value : values) value += 7;
  return values;
}

const std::vector<float> kHoles{kMissing, 1, kMissing, kMissing, 4, kMissing};

TEST(Imputation, HoldTakesTheLastValueAndTheMeanBeforeTheFirst) {
  EXPECT_EQ(imputed(Imputation::hold, kHoles), (std::vector<float>{7, 1, 1, 1, 4, 4}));
}

TEST(Imputation, LinearGoesBetweenNeighboursAndHoldsAtTheEnds) {
  EXPECT_EQ(imputed(Imputation::linear, kHoles), (std::vector<float>{1, 1, 2, 3, 4, 4}));
}

TEST(Imputation, MeanTakesTheMean) {
  EXPECT_EQ(imputed(Imputation::mean, kHoles), (std::vector<float>{7, 1, 7, 7, 4, 7}));
}

TEST(Imputation, AChannelOfWhichNothingWasSeenBecomesItsMean) {
  for (const Imputation mode : {Imputation::hold, Imputation::linear, Imputation::mean}) {
    EXPECT_EQ(imputed(mode, {kMissing, kMissing}), (std::vector<float>{7, 7}));
  }
}

TEST(Imputation, TheMaskMarksSamplesWithAnythingMissing) {
  const Pipeline mask = pipeline(Imputation::mask);
  EXPECT_EQ(mask.input_channels(), 3);
  EXPECT_EQ(pipeline(Imputation::mean).input_channels(), 2);
  const std::vector<float> samples{1, 12, kMissing, 14, 3, kMissing, kMissing, kMissing};
  EXPECT_EQ(prepare_recording(mask, samples),
            (std::vector<float>{1, 1, 0, 0, 2, 1, 3, 0, 1, 0, 0, 1}));
}

// A held value would be a constant signal that was never there.
TEST(Imputation, PaddingBecomesTheMeanWhateverFaultsPutThere) {
  const std::vector<float> samples{3, kMissing, kMissing, 9};  // two of padding
  for (const Imputation mode :
       {Imputation::hold, Imputation::linear, Imputation::mean, Imputation::mask}) {
    const Pipeline one{.imputation = mode, .statistics = {.mean = {7}, .sd = {2}}};
    const std::vector<float> prepared = prepare_recording(one, samples, 2);
    const std::size_t channels = static_cast<std::size_t>(one.input_channels());
    const float held = mode == Imputation::hold || mode == Imputation::linear ? -2 : 0;
    EXPECT_EQ(prepared[1 * channels], held);
    EXPECT_EQ(prepared[2 * channels], 0);
    EXPECT_EQ(prepared[3 * channels], 0);
  }
}

TEST(Imputation, NamesAreReadBack) {
  for (const Imputation mode :
       {Imputation::hold, Imputation::linear, Imputation::mean, Imputation::mask}) {
    EXPECT_EQ(imputation_from_name(std::string(imputation_name(mode))), mode);
  }
  EXPECT_THAT(error_of([] { imputation_from_name("maks"); }), HasSubstr("did you mean 'mask'?"));
}

// Any samples of two channels, with holes.
std::vector<float> any_samples() {
  const auto draws = *rc::gen::container<std::vector<int>>(40, rc::gen::inRange(-100, 150));
  std::vector<float> samples;
  for (const int draw : draws) samples.push_back(draw < 100 ? static_cast<float>(draw) : kMissing);
  return samples;
}

RC_GTEST_PROP(Imputation, LeavesNothingMissingAndWhatIsThereAlone, ()) {
  const std::vector<float> samples = any_samples();
  for (const Imputation mode : {Imputation::hold, Imputation::linear, Imputation::mean}) {
    const std::vector<float> values = prepare_recording(pipeline(mode), samples);
    RC_ASSERT(values.size() == samples.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      RC_ASSERT(!std::isnan(values[i]));
      const float z = i % 2 == 0 ? samples[i] : (samples[i] - 10) / 2;
      RC_ASSERT(std::isnan(samples[i]) || values[i] == z);
    }
  }
}

// What a device has computed does not change by what comes later.
RC_GTEST_PROP(Imputation, HoldMeanAndMaskAreCausal, ()) {
  const std::vector<float> samples = any_samples();
  const std::size_t kept = 2 * *rc::gen::inRange<std::size_t>(0, samples.size() / 2);
  for (const Imputation mode : {Imputation::hold, Imputation::mean, Imputation::mask}) {
    const std::vector<float> whole = prepare_recording(pipeline(mode), samples);
    const std::vector<float> before =
        prepare_recording(pipeline(mode), std::span(samples).first(kept));
    RC_ASSERT(std::equal(before.begin(), before.end(), whole.begin()));
  }
}

RC_GTEST_PROP(Imputation, LinearIsTheSameBackwards, ()) {
  std::vector<float> samples = any_samples();
  for (std::size_t i = 1; i < samples.size(); i += 2) samples[i] = 10;  // one channel is enough
  const auto backwards = [](std::vector<float> values) {
    std::vector<float> out;
    for (std::size_t t = values.size() / 2; t-- > 0;) {
      out.push_back(values[2 * t]);
      out.push_back(values[2 * t + 1]);
    }
    return out;
  };
  const Pipeline linear = pipeline(Imputation::linear);
  const std::vector<float> there = prepare_recording(linear, samples);
  const std::vector<float> back = backwards(prepare_recording(linear, backwards(samples)));
  for (std::size_t i = 0; i < there.size(); ++i) RC_ASSERT(std::abs(there[i] - back[i]) < 1e-3F);
}

// Recordings of one channel, samples as given.
Dataset dataset_of(const std::vector<std::vector<float>>& recordings, int window_length) {
  Dataset dataset;
  dataset.source.name = "made";
  dataset.source.channels = {{"x", "", 0}};
  dataset.window_length = window_length;
  for (const auto& samples : recordings) {
    Recording recording;
    recording.group = static_cast<int>(dataset.source.recordings.size()) + 5;
    recording.samples = samples;
    recording.labels.resize(samples.size());
    dataset.source.recordings.push_back(recording);
  }
  return dataset;
}

TEST(Statistics, CountEachTrainingSampleOnceAndNoOther) {
  Dataset dataset = dataset_of({{1, 2, 3, kMissing, 6, 1000}, {2000, 2000}}, 3);
  dataset.train = {{0, 2, 0}, {0, 0, 0}, {0, 1, 0}};  // samples 0 to 4, the middle ones three times
  const Statistics statistics = training_statistics(dataset);
  EXPECT_FLOAT_EQ(statistics.mean[0], 3);
  EXPECT_FLOAT_EQ(statistics.sd[0], std::sqrt((4 + 1 + 0 + 9) / 4.0F));
}

TEST(Statistics, ASmallDeviationOnALargeMeanIsSeen) {
  Dataset dataset = dataset_of({{100000, 100001, 100002, 100003}}, 4);
  dataset.train = {{0, 0, 0}};
  EXPECT_FLOAT_EQ(training_statistics(dataset).sd[0], std::sqrt(1.25F));
}

TEST(Statistics, AConstantChannelBecomesZero) {
  Dataset dataset = dataset_of({std::vector<float>(1000, 0.1F)}, 1000);
  dataset.train = {{0, 0, 0}};
  const Statistics statistics = training_statistics(dataset);
  EXPECT_EQ(statistics.sd[0], 1);
  const auto values =
      prepare_recording({.statistics = statistics}, dataset.source.recordings[0].samples);
  EXPECT_EQ(values, std::vector<float>(1000, 0.0F));
}

TEST(Statistics, AChannelThatIsAlwaysMissingIsAnError) {
  Dataset dataset = dataset_of({{kMissing, kMissing, 1}}, 2);
  dataset.train = {{0, 0, 0}};
  EXPECT_THAT(error_of([&] { training_statistics(dataset); }),
              HasSubstr("channel 'x' of data set 'made' is missing in all training windows"));
}

TEST(Prepare, CutsWindowsInTheirOrder) {
  const Dataset dataset = dataset_of({{0, 1, 2, 3}, {4, 5, 6, 7}}, 2);
  const std::vector<Window> windows{{1, 2, 2}, {0, 1, 0}, {1, 0, 1}, {0, 1, 0}};
  const Pipeline identity{.statistics = {.mean = {0}, .sd = {1}}};
  const WindowSet set = prepare(identity, dataset, windows);
  EXPECT_EQ(set.count, 4);
  EXPECT_EQ(set.length, 2);
  EXPECT_EQ(set.channels, 1);
  EXPECT_EQ(set.values, (std::vector<float>{6, 7, 1, 2, 4, 5, 1, 2}));
  EXPECT_EQ(set.labels, (std::vector<std::int32_t>{2, 0, 1, 0}));
  EXPECT_EQ(set.groups, (std::vector<std::int32_t>{6, 5, 6, 5}));
  EXPECT_EQ(set.window(1)[0], 1);
  EXPECT_EQ(prepare(identity, dataset, {}).count, 0);
}

TEST(Prepare, AWindowKnowsWhatWasSeenBeforeIt) {
  const Dataset dataset = dataset_of({{5, 3, kMissing, kMissing}}, 2);
  const WindowSet set =
      prepare({.statistics = {.mean = {1}, .sd = {2}}}, dataset, std::vector<Window>{{0, 2, 0}});
  EXPECT_EQ(set.values, (std::vector<float>{1, 1}));
}

TEST(Prepare, FaultySamplesStandInForTheRecordings) {
  const Dataset dataset = dataset_of({{0, 1}, {2, 3}, {4, 5}}, 2);
  const std::vector<std::vector<float>> faulty{{}, {20, kMissing}, {40, 50}};
  const WindowSet set = prepare({.imputation = Imputation::mask, .statistics = {{0}, {10}}},
                                dataset, std::vector<Window>{{2, 0, 0}, {1, 0, 0}}, faulty);
  EXPECT_EQ(set.values, (std::vector<float>{4, 0, 5, 0, 2, 0, 0, 1}));
}

// Preparing windows of a data set is preparing its recordings and cutting them.
RC_GTEST_PROP(Prepare, IsPrepareRecordingCut, ()) {
  const std::vector<float> samples = any_samples();
  Dataset dataset = dataset_of({samples}, *rc::gen::inRange(1, 10));
  dataset.source.channels.push_back({"y", "", 1});
  dataset.source.recordings[0].labels.resize(samples.size() / 2);
  const auto starts = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10));
  std::vector<Window> windows;
  for (const int start : starts) windows.push_back({0, start, 0});
  const Pipeline mask = pipeline(Imputation::mask);
  const std::vector<float> whole = prepare_recording(mask, samples);
  const WindowSet set = prepare(mask, dataset, windows);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto window = set.window(static_cast<int>(i));
    RC_ASSERT(std::equal(window.begin(), window.end(), whole.begin() + windows[i].start * 3));
  }
}

}  // namespace
}  // namespace edgeproof::signal
