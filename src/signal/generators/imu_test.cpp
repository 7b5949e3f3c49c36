#include "signal/generators/imu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>

#include "core/error.h"
#include "signal/generators/linear_model.h"

namespace edgeproof::signal {
namespace {

using ::testing::HasSubstr;

constexpr int kChannels = 9, kBody = 0, kGyro = 3, kTotal = 6;
constexpr int kWalking = 0, kSitting = 3, kStanding = 4, kLying = 5;
using Vector = std::array<double, 3>;

const RecordingSet& small() {
  static const RecordingSet set =
      generate_imu({.persons = 8, .bouts = 1, .seconds_per_activity = 20});
  return set;
}

Vector at(const Recording& recording, int sample, int first_channel) {
  Vector v;
  for (int c = 0; c < 3; ++c) v[c] = recording.samples[sample * kChannels + first_channel + c];
  return v;
}

Vector gravity(const Recording& recording, int sample) {
  const Vector total = at(recording, sample, kTotal), body = at(recording, sample, kBody);
  return {total[0] - body[0], total[1] - body[1], total[2] - body[2]};
}

double norm(const Vector& v) {
  return std::hypot(v[0], v[1], v[2]);
}

struct Stretch {
  int start, end, label;
};

std::vector<Stretch> stretches(const Recording& recording) {
  std::vector<Stretch> result;
  for (int i = 0; i < recording.length(); ++i) {
    if (result.empty() || result.back().label != recording.labels[i]) {
      result.push_back({i, i, recording.labels[i]});
    }
    result.back().end = i + 1;
  }
  return result;
}

void for_each_stretch(int label, const std::function<void(const Recording&, Stretch)>& body) {
  int found = 0;
  for (const Recording& recording : small().recordings) {
    for (const Stretch stretch : stretches(recording)) {
      if (stretch.label == label) ++found, body(recording, stretch);
    }
  }
  EXPECT_GE(found, static_cast<int>(small().recordings.size()));
}

// The frequency in [low, high] with the largest power in one channel of a stretch.
double strongest_hz(const Recording& recording, Stretch stretch, int channel, double low,
                    double high) {
  double best = 0, best_power = -1;
  for (double hz = low; hz <= high; hz += 0.02) {
    std::complex<double> sum = 0;
    for (int i = stretch.start; i < stretch.end; ++i) {
      const double angle = 2 * std::numbers::pi * hz * i / small().rate_hz;
      sum +=
          static_cast<double>(recording.samples[i * kChannels + channel]) * std::polar(1.0, angle);
    }
    if (std::norm(sum) > best_power) best = hz, best_power = std::norm(sum);
  }
  return best;
}

TEST(Imu, IsAPureFunctionOfItsOptions) {
  const ImuOptions options{.persons = 3, .bouts = 1, .seconds_per_activity = 3};
  const RecordingSet set = generate_imu(options), again = generate_imu(options);
  ImuOptions fewer = options, other = options;
  fewer.persons = 2;
  other.seed = 2;
  const RecordingSet less = generate_imu(fewer), different = generate_imu(other);
  for (int p = 0; p < 3; ++p) {
    EXPECT_EQ(set.recordings[p].samples, again.recordings[p].samples);
    EXPECT_NE(set.recordings[p].samples, different.recordings[p].samples);
    if (p < 2) {
      EXPECT_EQ(set.recordings[p].samples, less.recordings[p].samples);
    }
  }
  EXPECT_EQ(set.checksum, again.checksum);
  EXPECT_NE(set.checksum, less.checksum);
  EXPECT_NE(set.checksum, different.checksum);
  EXPECT_EQ(set.checksum.size(), 64u);
}

TEST(Imu, DeclaresChannelsAsUciHarDoesAndWhatDerivesFromWhat) {
  const RecordingSet& set = small();
  ASSERT_EQ(set.channels.size(), 9u);
  const std::array<std::string, 9> names = {"body_acc_x",  "body_acc_y",  "body_acc_z",
                                            "gyro_x",      "gyro_y",      "gyro_z",
                                            "total_acc_x", "total_acc_y", "total_acc_z"};
  for (int c = 0; c < 9; ++c) {
    EXPECT_EQ(set.channels[c].name, names[c]);
    EXPECT_EQ(set.channels[c].unit, c / 3 == 1 ? "rad/s" : "g");
    EXPECT_EQ(set.channels[c].source, c < 3 ? c + 6 : c);
    EXPECT_EQ(set.channels[c].filter, c < 3 ? kBodyFilter : Filter{});
  }
  EXPECT_EQ(set.rate_hz, 50);
  EXPECT_EQ(set.group_names.front(), "p01");
  EXPECT_FALSE(set.cut);
}

TEST(Imu, EveryPersonDoesEveryActivityForTheSameTime) {
  for (const Recording& recording : small().recordings) {
    ASSERT_EQ(recording.samples.size(), recording.labels.size() * kChannels);
    std::array<int, 7> counts{};
    for (const int label : recording.labels) ++counts.at(label + 1);
    for (int label = 0; label < 6; ++label) EXPECT_EQ(counts[label + 1], 20 * 50);
    EXPECT_EQ(counts[0], 5 * 125) << "a transition between each two bouts";
  }
}

TEST(Imu, SamplesAreFiniteAndWithinWhatPeopleDo) {
  for (const Recording& recording : small().recordings) {
    for (const float x : recording.samples) {
      ASSERT_TRUE(std::isfinite(x));
      ASSERT_LT(std::abs(x), 8);
    }
  }
}

TEST(Imu, TotalMinusBodyIsOneGEverywhere) {
  for (const Recording& recording : small().recordings) {
    for (int i = 0; i < recording.length(); ++i) {
      ASSERT_NEAR(norm(gravity(recording, i)), 1, 1e-5);
    }
  }
}

TEST(Imu, AtRestTheAccelerometerReadsOneG) {
  for (const int label : {kSitting, kStanding, kLying}) {
    for_each_stretch(label, [](const Recording& recording, Stretch stretch) {
      Vector mean{};
      for (int i = stretch.start; i < stretch.end; ++i) {
        for (int c = 0; c < 3; ++c)
          mean[c] += at(recording, i, kTotal)[c] / (stretch.end - stretch.start);
      }
      EXPECT_NEAR(norm(mean), 1, 0.06);  // biases of 0.012 g and scale errors of 1 %
    });
  }
}

TEST(Imu, GravityIsAlongTheTrunkStandingAndAcrossItLying) {
  for_each_stretch(kStanding, [](const Recording& recording, Stretch stretch) {
    EXPECT_GT(gravity(recording, stretch.start)[0], 0.93);
  });
  for_each_stretch(kLying, [](const Recording& recording, Stretch stretch) {
    EXPECT_LT(std::abs(gravity(recording, stretch.start)[0]), 0.5);
  });
}

// dg/dt = -w x g in the turning frame: what the gyroscope says must carry gravity through a
// transition.
TEST(Imu, TheGyroscopeIntegratesToTheChangeOfGravity) {
  for_each_stretch(-1, [](const Recording& recording, Stretch stretch) {
    const Vector before = gravity(recording, stretch.start);
    Vector g = before;
    for (int i = stretch.start; i < stretch.end; ++i) {
      const Vector a = at(recording, i, kGyro), b = at(recording, i + 1, kGyro);
      const Vector w{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2};
      const Vector d{w[1] * g[2] - w[2] * g[1], w[2] * g[0] - w[0] * g[2],
                     w[0] * g[1] - w[1] * g[0]};
      for (int c = 0; c < 3; ++c) g[c] -= d[c] / small().rate_hz;
      const double length = norm(g);
      for (double& x : g) x /= length;
    }
    const Vector after = gravity(recording, stretch.end);
    EXPECT_LT(norm({g[0] - after[0], g[1] - after[1], g[2] - after[2]}), 0.12);
  });
}

TEST(Imu, WalkingRisesOncePerStepAndSwaysOncePerStride) {
  for_each_stretch(kWalking, [](const Recording& recording, Stretch stretch) {
    const double step = strongest_hz(recording, stretch, kBody, 0.4, 6);
    const double stride = strongest_hz(recording, stretch, kGyro, 0.4, 1.4);  // pelvic rotation
    EXPECT_GT(step, 1.4);
    EXPECT_LT(step, 2.4);
    EXPECT_NEAR(stride, step / 2, 0.08);
  });
}

TEST(Imu, OptionsOutOfRangeAreNamed) {
  const auto message = [](const ImuOptions& options) -> std::string {
    try {
      generate_imu(options);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::bad_config);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message({.persons = 0}), HasSubstr("persons is 0"));
  EXPECT_THAT(message({.bouts = -1}), HasSubstr("bouts is -1"));
  EXPECT_THAT(message({.seconds_per_activity = NAN}), HasSubstr("seconds_per_activity is nan"));
  EXPECT_THAT(message({.persons = 1000, .seconds_per_activity = 3600}), HasSubstr("GiB"));
}

// Gravity tells lying from the rest and much of sitting from standing; gaits are not linear.
TEST(ImuLinearSlow, ALinearModelOfTheRawWindowStaysBelow70Percent) {
  const RecordingSet set = generate_imu();
  const WindowTable train = cut(set, 128, 64, 0, 21), test = cut(set, 128, 64, 21, 30);
  const std::size_t windows = train.rows.size() + test.rows.size();
  EXPECT_GE(windows, 4500u);
  EXPECT_LE(windows, 6000u);
  const LinearScore score = linear_accuracy(train, test, kChannels, 6, 40);
  EXPECT_GT(score.test, 0.40);
  EXPECT_LT(score.test, 0.70);
  RecordProperty("accuracy", std::to_string(score.test));
}

}  // namespace
}  // namespace edgeproof::signal
