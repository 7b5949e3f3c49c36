#include "signal/generators/bearing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <map>
#include <numbers>

#include "core/error.h"
#include "signal/generators/linear_model.h"

namespace edgeproof::signal {
namespace {

using ::testing::HasSubstr;

constexpr double kRpm[] = {1797, 1772, 1750, 1730};

const RecordingSet& small() {
  static const RecordingSet set = generate_bearing({.recordings = 1, .seconds = 4});
  return set;
}

// The sound of what is left above the shaft's harmonics, rectified and without its mean.
std::vector<double> envelope(const Recording& recording) {
  std::vector<double> e;
  double mean = 0;
  for (std::size_t i = 1; i < recording.samples.size(); ++i) {
    e.push_back(std::abs(recording.samples[i] - recording.samples[i - 1]));
    mean += e.back();
  }
  for (double& x : e) x -= mean / static_cast<double>(e.size());
  return e;
}

template <typename T>
double power(const std::vector<T>& x, double hz) {
  const std::complex<double> turn = std::polar(1.0, 2 * std::numbers::pi * hz / small().rate_hz);
  std::complex<double> phase = 1, sum = 0;
  for (const T value : x) {
    sum += static_cast<double>(value) * phase;
    phase *= turn;
  }
  return std::norm(sum) / static_cast<double>(x.size());
}

template <typename T>
double strongest_hz(const std::vector<T>& x, double low, double high, double step) {
  double best = low;
  double best_power = -1;
  for (double hz = low; hz <= high; hz += step) {
    const double p = power(x, hz);
    if (p > best_power) best = hz, best_power = p;
  }
  return best;
}

double rms(const Recording& recording) {
  double sum = 0;
  for (const float x : recording.samples) sum += static_cast<double>(x) * x;
  return std::sqrt(sum / recording.length());
}

const std::string& class_of(const Recording& recording) {
  return small().classes.at(recording.labels.front());
}

double shaft_hz(const Recording& recording) {
  return kRpm[recording.group] / 60;
}

TEST(Bearing, IsAPureFunctionOfItsOptions) {
  const RecordingSet set = generate_bearing({.recordings = 2, .seconds = 0.2});
  const RecordingSet again = generate_bearing({.recordings = 2, .seconds = 0.2});
  const RecordingSet other = generate_bearing({.recordings = 2, .seconds = 0.2, .seed = 2});
  const RecordingSet fewer = generate_bearing({.recordings = 1, .seconds = 0.2});
  for (std::size_t r = 0; r < set.recordings.size(); ++r) {
    EXPECT_EQ(set.recordings[r].samples, again.recordings[r].samples);
    EXPECT_NE(set.recordings[r].samples, other.recordings[r].samples);
    if (r % 2 == 0) {
      EXPECT_EQ(set.recordings[r].samples, fewer.recordings[r / 2].samples);
    }
    if (r > 0) {
      EXPECT_NE(set.recordings[r].samples, set.recordings[r - 1].samples);
    }
  }
  EXPECT_EQ(set.checksum, again.checksum);
  EXPECT_NE(set.checksum, other.checksum);
  EXPECT_NE(set.checksum, fewer.checksum);
  EXPECT_EQ(set.checksum.size(), 64u);
}

TEST(Bearing, HasEveryClassEquallyOftenInEveryLoad) {
  EXPECT_THAT(small().classes,
              ::testing::ElementsAre("normal", "inner_007", "inner_014", "inner_021", "outer_007",
                                     "outer_014", "outer_021", "ball_007", "ball_014", "ball_021"));
  EXPECT_THAT(small().group_names, ::testing::ElementsAre("load0", "load1", "load2", "load3"));
  ASSERT_EQ(small().channels.size(), 1u);
  EXPECT_EQ(small().channels[0].source, 0);
  EXPECT_EQ(small().rate_hz, 12000);
  std::map<std::pair<int, int>, int> counts;
  for (const Recording& recording : small().recordings) {
    ASSERT_EQ(recording.length(), 48000);
    ASSERT_EQ(recording.samples.size(), recording.labels.size());
    EXPECT_EQ(recording.labels.front(), recording.labels.back());
    ++counts[{recording.group, recording.labels.front()}];
  }
  EXPECT_EQ(counts.size(), 40u);
  for (const auto& [key, count] : counts) EXPECT_EQ(count, 1);
}

TEST(Bearing, SamplesAreFiniteAndWithinTheSensorsRange) {
  for (const Recording& recording : small().recordings) {
    for (const float x : recording.samples) {
      ASSERT_TRUE(std::isfinite(x));
      ASSERT_LT(std::abs(x), 20);
    }
  }
}

// Misalignment's line at twice the shaft's speed; neighbouring loads are 0.7 Hz apart there.
TEST(Bearing, TheShaftTurnsAtItsLoadsSpeed) {
  for (const Recording& recording : small().recordings) {
    if (class_of(recording) != "normal") continue;
    EXPECT_NEAR(strongest_hz(recording.samples, 57, 61, 0.05), 2 * shaft_hz(recording), 0.3);
  }
}

TEST(Bearing, EnvelopesPeakAtTheDefectsRate) {
  const std::map<std::string, double> per_turn = {
      {"outer", 3.5848}, {"inner", 5.4152}, {"ball_", 2 * 2.3567}};
  int checked = 0;
  for (const Recording& recording : small().recordings) {
    const auto found = per_turn.find(class_of(recording).substr(0, 5));
    if (found == per_turn.end()) continue;
    const double hz = found->second * shaft_hz(recording);
    EXPECT_NEAR(strongest_hz(envelope(recording), 0.85 * hz, 1.12 * hz, 0.2), hz, 0.012 * hz)
        << recording.name;
    ++checked;
  }
  EXPECT_EQ(checked, 36);
}

// Power close to one shaft turn beside the defect's line, relative to the line.
double sideband(const Recording& recording, double per_turn) {
  const std::vector<double> e = envelope(recording);
  const auto near = [&](double turns) {
    double sum = 0;
    for (double hz = -1.5; hz <= 1.5; hz += 0.25) sum += power(e, turns * shaft_hz(recording) + hz);
    return sum;
  };
  return near(per_turn + 1) / near(per_turn);
}

TEST(Bearing, AnInnerSpallIsModulatedByTheShaftAndAnOuterOneIsNot) {
  for (const Recording& recording : small().recordings) {
    const std::string place = class_of(recording).substr(0, 5);
    if (place == "inner") {
      EXPECT_GT(sideband(recording, 5.4152), 0.08) << recording.name;
    } else if (place == "outer") {
      EXPECT_LT(sideband(recording, 3.5848), 0.02) << recording.name;
    }
  }
}

TEST(Bearing, LargerSpallsAreLouderOnTheWhole) {
  std::map<std::string, double> loudness;
  for (const Recording& recording : small().recordings)
    loudness[class_of(recording)] += rms(recording);
  for (const std::string place : {"inner", "outer", "ball"}) {
    EXPECT_LT(loudness["normal"], loudness[place + "_007"]);
    EXPECT_LT(loudness[place + "_007"], loudness[place + "_014"]);
    EXPECT_LT(loudness[place + "_014"], loudness[place + "_021"]);
  }
}

TEST(Bearing, OptionsOutOfRangeAreNamed) {
  const auto message = [](const BearingOptions& options) -> std::string {
    try {
      generate_bearing(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({.recordings = 0}), HasSubstr("recordings is 0"));
  EXPECT_THAT(message({.seconds = -2}), HasSubstr("seconds is -2"));
  EXPECT_THAT(message({.recordings = 1000, .seconds = 3600}), HasSubstr("GiB"));
}

// It learns its training windows almost by heart, and that is of next to no use at another load.
TEST(BearingLinearSlow, ALinearModelOfTheRawWindowStaysBelow40Percent) {
  const RecordingSet set = generate_bearing();
  const WindowTable train = cut(set, 2048, 1024, 0, 2), test = cut(set, 2048, 1024, 3, 4);
  EXPECT_EQ(train.rows.size(), 2400u);
  EXPECT_EQ(test.rows.size(), 1200u);
  const LinearScore score = linear_accuracy(train, test, 1, 10, 20);
  EXPECT_GT(score.train, 0.70);
  EXPECT_LT(score.test, 0.40);
  RecordProperty("accuracy", std::to_string(score.test));
}

}  // namespace
}  // namespace edgeproof::signal
