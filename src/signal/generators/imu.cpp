// Bouts of imu_motion.h, joined by transitions, seen by a strapped-on sensor. The gyroscope is the
// derivative of the very orientation that turns gravity, so that both sensors tell the same story.
// Tested by imu_test.cpp.

#include "signal/generators/imu.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "signal/generators/imu_motion.h"
#include "signal/readers/keys.h"

namespace edgeproof::signal {
namespace {

constexpr int kVersion = 1;
constexpr double kMotionRateHz = 50;
constexpr int kMotionChannels = 9;
constexpr double kTransitionSeconds = 2.5;
constexpr double kDegree = std::numbers::pi / 180;

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// Rotation about coordinate axis 0, 1 or 2 by the right-hand rule.
Matrix turn(int axis, double angle) {
  const int i = (axis + 1) % 3, j = (axis + 2) % 3;
  Matrix m{};
  m[axis][axis] = 1;
  m[i][i] = m[j][j] = std::cos(angle);
  m[j][i] = std::sin(angle);
  m[i][j] = -m[j][i];
  return m;
}

Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix m{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k) m[i][j] += a[i][k] * b[k][j];
  return m;
}

Matrix transpose(const Matrix& a) {
  Matrix m{};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) m[i][j] = a[j][i];
  return m;
}

// The sensor's orientation but for the heading: what turns accelerations of the heading's frame.
Matrix trunk(const Pose& pose, const Matrix& placement) {
  return turn(1, -pose.lean) * turn(2, pose.roll) * turn(0, pose.twist) * placement;
}

struct Timeline {
  std::vector<Pose> poses;
  std::vector<std::int32_t> labels;
};

double smooth_step(double t) {
  return t * t * t * (t * (6 * t - 15) + 10);
}

// What follows `last`: the first `lead` poses of `next` become a transition, in which the angles
// move over on a minimum-jerk path. Who gets up or lies down bends forward on the way.
std::vector<Pose> follow(const Pose& last, std::vector<Pose> next, int lead, bool rises) {
  const double heading = last.heading - next[lead].heading;
  for (Pose& pose : next) pose.heading += heading;
  for (int i = 0; i < lead; ++i) {
    Pose& pose = next[i];
    const double t = (i + 1.0) / (lead + 1.0), w = smooth_step(t);
    const double bend = rises ? std::pow(std::sin(std::numbers::pi * t), 2) : 0;
    pose.up = w * pose.up + 0.15 * std::sin(2 * std::numbers::pi * t) * bend;
    pose.right *= w;
    pose.forward = w * pose.forward + 0.08 * bend;
    pose.heading = std::lerp(last.heading, pose.heading, w);
    pose.lean = std::lerp(last.lean, pose.lean, w) + 30 * kDegree * bend;
    pose.roll = std::lerp(last.roll, pose.roll, w);
    pose.twist = std::lerp(last.twist, pose.twist, w);
  }
  return next;
}

bool is_low(Activity activity) {
  return activity == Activity::sitting || activity == Activity::lying;
}

// Strings all of one person's bouts together.
Timeline live(const Person& person, int index, const ImuOptions& options) {
  const int lead = static_cast<int>(kTransitionSeconds * kMotionRateHz);
  const int samples =
      std::max(1, static_cast<int>(options.seconds_per_activity * kMotionRateHz / options.bouts));
  Draws order(options.seed, "imu.order", index);
  Timeline timeline;
  Activity before{};
  for (int bout = 0; bout < options.bouts; ++bout) {
    std::array<int, kActivities> activities{0, 1, 2, 3, 4, 5};
    for (int i = kActivities - 1; i > 0; --i) {
      std::swap(activities[i], activities[static_cast<int>(order.uniform(0, i + 1))]);
    }
    for (const int label : activities) {
      const auto activity = static_cast<Activity>(label);
      const bool first = timeline.poses.empty();
      const int lead_in = first ? 0 : lead;
      std::vector<Pose> poses = perform(person, activity, lead_in + samples, kMotionRateHz,
                                        Draws(options.seed, "imu.bout", index, bout, label));
      if (!first) {
        const bool rises = is_low(before) != is_low(activity);
        poses = follow(timeline.poses.back(), std::move(poses), lead_in, rises);
      }
      timeline.poses.insert(timeline.poses.end(), poses.begin(), poses.end());
      timeline.labels.insert(timeline.labels.end(), lead_in, -1);
      timeline.labels.insert(timeline.labels.end(), samples, label);
      before = activity;
    }
  }
  return timeline;
}

// What the person's sensor makes of the movement: samples of [length, channels].
std::vector<float> sense(const std::vector<Pose>& poses, Draws draws) {
  const Matrix placement = turn(0, draws.normal(0, 10 * kDegree)) *
                           turn(1, draws.normal(0, 2 * kDegree)) *
                           turn(2, draws.normal(0, 5 * kDegree));
  std::array<double, 6> scale{}, bias{}, noise{};
  for (int c = 0; c < 6; ++c) {
    const bool gyro = c >= 3;
    scale[c] = draws.normal(1, 0.01);
    bias[c] = draws.normal(0, gyro ? 0.01 : 0.012);
    noise[c] = (gyro ? 0.006 : 0.006) * draws.factor(0.1);
  }

  const int length = static_cast<int>(poses.size());
  std::vector<Matrix> orientation(length);
  for (int i = 0; i < length; ++i) {
    orientation[i] = turn(0, poses[i].heading) * trunk(poses[i], placement);
  }

  std::vector<float> samples;
  samples.reserve(static_cast<std::size_t>(length) * kMotionChannels);
  for (int i = 0; i < length; ++i) {
    const Pose& pose = poses[i];
    const Matrix frame = trunk(pose, placement);
    const int before = std::max(0, i - 1), after = std::min(length - 1, i + 1);
    const Matrix turned = transpose(orientation[before]) * orientation[after];
    const double seconds = std::max(1, after - before) / kMotionRateHz;
    std::array<float, kMotionChannels> sample{};
    for (int c = 0; c < 3; ++c) {
      const double gravity = frame[0][c];
      const double felt =
          gravity + frame[0][c] * pose.up + frame[1][c] * pose.right + frame[2][c] * pose.forward;
      const double total = scale[c] * felt + bias[c] + draws.normal(0, noise[c]);
      const int j = (c + 1) % 3, k = (c + 2) % 3;
      const double rate = (turned[k][j] - turned[j][k]) / (2 * seconds);
      const double gyro = scale[3 + c] * rate + bias[3 + c] + draws.normal(0, noise[3 + c]);
      sample[c] = static_cast<float>(total - gravity);
      sample[3 + c] = static_cast<float>(gyro);
      sample[6 + c] = static_cast<float>(total);
    }
    samples.insert(samples.end(), sample.begin(), sample.end());
  }
  return samples;
}

std::vector<Channel> channels() {
  constexpr const char* kQuantities[3] = {"body_acc", "gyro", "total_acc"};
  std::vector<Channel> all;
  for (int c = 0; c < kMotionChannels; ++c) {
    all.push_back({fmt::format("{}_{}", kQuantities[c / 3], "xyz"[c % 3]),
                   c / 3 == 1 ? "rad/s" : "g", c < 3 ? c + 6 : c, c < 3 ? kBodyFilter : Filter{}});
  }
  return all;
}

void check(const ImuOptions& options) {
  const auto in_range = [](const char* key, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      fail(ErrorCode::bad_config, "imu generator: {} is {}, expected {} to {}", key, value, low,
           high);
    }
  };
  in_range("persons", options.persons, 1, 1000);
  in_range("bouts", options.bouts, 1, 100);
  in_range("seconds_per_activity", options.seconds_per_activity, 1, 3600);
  const double seconds = options.persons * kActivities *
                         (options.seconds_per_activity + options.bouts * kTransitionSeconds);
  const double bytes =
      seconds * kMotionRateHz * (kMotionChannels * sizeof(float) + sizeof(std::int32_t));
  if (bytes > 0x1p30) {
    fail(ErrorCode::bad_config,
         "imu generator: {} persons of {} s per activity make {:.1f} GiB, expected at most 1 GiB",
         options.persons, options.seconds_per_activity, bytes / 0x1p30);
  }
}

}  // namespace

RecordingSet generate_imu(const ImuOptions& options) {
  check(options);
  RecordingSet set;
  set.name = "imu";
  set.rate_hz = kMotionRateHz;
  set.channels = channels();
  set.triads = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  set.classes = {"walking", "walking_upstairs", "walking_downstairs",
                 "sitting", "standing",         "lying"};
  for (int p = 0; p < options.persons; ++p) {
    set.group_names.push_back(fmt::format("p{:02}", p + 1));
    Timeline timeline = live(draw_person(Draws(options.seed, "imu.person", p)), p, options);
    set.recordings.push_back(
        {.name = set.group_names.back(),
         .group = p,
         .part = Part::unassigned,
         .samples = sense(timeline.poses, Draws(options.seed, "imu.sensor", p)),
         .labels = std::move(timeline.labels)});
  }
  set.checksum = sha256(fmt::format("imu {} persons={} bouts={} seconds_per_activity={} seed={}",
                                    kVersion, options.persons, options.bouts,
                                    options.seconds_per_activity, options.seed));
  return set;
}

Source imu_source() {
  return {
      .name = "imu",
      .meaning = "people in motion, generated",
      .keys = {use(kSeed), use(kDerived, kDerivedBody)},
      .read =
          [](const SourceRequest& r) {
            RecordingSet set = generate_imu({.seed = seed_of(r.settings)});
            set.channels = with_filters(std::move(set.channels), r.settings.get(kDerived));
            return set;
          },
      .check =
          [](const SourceRequest& r) { (void)with_filters(channels(), r.settings.get(kDerived)); }};
}

}  // namespace edgeproof::signal
