#include "signal/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "signal/signal_testing.h"

namespace edgeproof::signal {
namespace {

using testing::HasSubstr;

std::vector<float> tone(double hz, double rate_hz, int length, double offset = 0) {
  std::vector<float> values;
  for (int t = 0; t < length; ++t) {
    values.push_back(
        static_cast<float>(offset + std::sin(2 * std::numbers::pi * hz * t / rate_hz)));
  }
  return values;
}

// The largest difference away from the ends.
double largest_difference(const std::vector<float>& a, const std::vector<float>& b,
                          std::size_t margin) {
  double largest = 0;
  for (std::size_t i = margin; i + margin < a.size(); ++i) {
    largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  }
  return largest;
}

TEST(Resample, AToneAboveTheNewNyquistFrequencyIsGone) {
  for (const double hz : {6100.0, 7000.0, 11000.0, 23000.0}) {
    const std::vector<float> out = resample(tone(hz, 48000, 96000), 48000, 12000);
    ASSERT_EQ(out.size(), 24000u);
    EXPECT_LT(largest_difference(out, std::vector<float>(out.size()), 2000), 1e-4) << hz;  // -80 dB
  }
}

// Equal to the tone sampled at the new rate: amplitude within 0.1 dB, and no delay.
TEST(Resample, AToneBelowItStaysWhereItIs) {
  struct Rates {
    double from, to;
  };
  for (const Rates rates :
       {Rates{48000, 12000}, Rates{360, 250}, Rates{100, 360}, Rates{97.3, 50}}) {
    const double nyquist = std::min(rates.from, rates.to) / 2;
    for (const double share : {0.01, 0.3, 0.85}) {
      const std::vector<float> out =
          resample(tone(share * nyquist, rates.from, 40000, 5), rates.from, rates.to);
      const auto length = static_cast<std::size_t>(std::llround(40000 * rates.to / rates.from));
      ASSERT_EQ(out.size(), length);
      const auto expected = tone(share * nyquist, rates.to, static_cast<int>(length), 5);
      EXPECT_LT(largest_difference(out, expected, length / 10), 0.0115 * 0.5)
          << rates.from << " " << rates.to << " " << share;
    }
  }
}

TEST(Resample, ALineAndAnOffsetHaveNoTransientsAtTheEnds) {
  std::vector<float> line;
  for (int t = 0; t < 1000; ++t) line.push_back(1000 + 0.25F * static_cast<float>(t));
  const std::vector<float> out = resample(line, 40, 10);
  ASSERT_EQ(out.size(), 250u);
  for (std::size_t j = 0; j < out.size(); ++j) {
    ASSERT_NEAR(out[j], 1000 + static_cast<double>(j), 0.001) << j;
  }
}

std::vector<std::size_t> missing_at(const std::vector<float>& values) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) at.push_back(i);
  }
  return at;
}

TEST(Resample, GapsStayGapsAndDoNotSpread) {
  std::vector<float> values(100, 2);
  for (const std::size_t at : {0, 40, 41, 42, 43, 44, 70, 99}) values[at] = NAN;
  EXPECT_EQ(missing_at(resample(values, 40, 20)),
            (std::vector<std::size_t>{0, 20, 21, 22, 35, 49}));
  EXPECT_EQ(missing_at(resample(values, 40, 40)), missing_at(values));
  EXPECT_EQ(missing_at(resample(std::vector<float>(10, NAN), 2, 1)).size(), 5u);
  const std::vector<float> up = resample(values, 10, 20);
  EXPECT_EQ(up.size(), 200u);
  for (const std::size_t j : {0, 79, 80, 88, 140, 198}) EXPECT_TRUE(std::isnan(up[j])) << j;
  for (const float value : up) {
    if (!std::isnan(value)) {
      ASSERT_NEAR(value, 2, 1e-4);
    }
  }
}

TEST(Resample, LabelsEventsAndPartsAreCarriedOver) {
  RecordingSet set;
  set.name = "made";
  set.rate_hz = 4;
  set.channels = {{"a", "", 0}, {"b", "", 1}};
  Recording recording;
  recording.part = Part::test;
  recording.labels = {0, 0, 0, 0, 1, 1, 1, -1};
  for (int t = 0; t < 8; ++t) {
    recording.samples.push_back(1);
    recording.samples.push_back(static_cast<float>(t));
  }
  recording.events = {{0, 0}, {3, 1}, {7, 0}};
  set.recordings.push_back(recording);
  const RecordingSet half = resample(set, 2);
  EXPECT_EQ(half.rate_hz, 2);
  const Recording& out = half.recordings[0];
  EXPECT_EQ(out.part, Part::test);
  EXPECT_EQ(out.labels, (std::vector<std::int32_t>{0, 0, 1, 1}));
  ASSERT_EQ(out.events.size(), 3u);
  EXPECT_EQ(out.events[1].sample, 2);
  EXPECT_EQ(out.events[1].label, 1);
  EXPECT_EQ(out.events[2].sample, 3);  // 3.5, but there are four
  ASSERT_EQ(out.samples.size(), 8u);
  for (std::size_t j = 0; j < 4; ++j) {
    EXPECT_NEAR(out.samples[2 * j], 1, 1e-5);
    EXPECT_NEAR(out.samples[2 * j + 1], 2 * static_cast<double>(j), 1e-5);
  }
}

TEST(Resample, WhatCannotBeResampledIsAnError) {
  RecordingSet set;
  set.name = "made";
  set.rate_hz = 10;
  const auto error = [&](double hz) { return error_of([&] { resample(set, hz); }); };
  EXPECT_THAT(error(0), HasSubstr("from 10 Hz to 0 Hz"));
  EXPECT_THAT(error(NAN), HasSubstr("to nan Hz"));
  EXPECT_THAT(error(10001), HasSubstr("at most 1000 times apart"));
  EXPECT_THAT(error(0.009), HasSubstr("at most 1000 times apart"));
  set.cut = true;
  EXPECT_THAT(error(5), HasSubstr("unsupported: data set 'made' comes cut"));
  set.cut = false;
  set.channels = {{"a", "", 0}};
  set.recordings.resize(1);
  set.recordings[0].name = "short";
  set.recordings[0].labels = {0};
  set.recordings[0].samples = {1};
  EXPECT_THAT(error(1), HasSubstr("recording 'short' would have 0 samples at 1 Hz"));
}

}  // namespace
}  // namespace edgeproof::signal
