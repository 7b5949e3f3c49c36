#pragma once

// People who walk, climb, sit, stand and lie down with an inertial sensor at the waist: a data set
// made from a model of the movement and of the sensor, for work without recorded data, and for
// tests.
//
// 50 Hz, nine channels in the order and units of UCI HAR: body_acc (g), gyro (rad/s), total_acc
// (g), each x, y, z. The sensor's nominal axes are x up along the trunk, y to the right, z forward.
//
//   total_acc = S (R'(a + g)) + b + n      R: trunk orientation and a person's placement error
//   gyro      = S (R'dR/dt) + b + n        S, b, n: scale errors, biases and noise of the sensor
//   body_acc  = total_acc - R'g            derived from total_acc; g: 1 g upwards, as read at rest
//
// A device does not know R: it takes gravity off by a high-pass, as that of UCI HAR does. Faults of
// total_acc therefore reach body_acc through kBodyFilter, although the clean body_acc is exact.
//
// One recording a person; every activity comes `bouts` times, in an order drawn for that person.
// Samples of the movement between two bouts have the label -1. Everybody differs in cadence,
// vigour, symmetry, posture and placement, so that classes overlap between people as they do in
// life.
//
// A pure function of the options, to the last bit for one libm.

#include <cstdint>

#include "signal/dataset.h"
#include "signal/readers/source.h"

namespace edgeproof::signal {

struct ImuOptions {
  int persons = 30;
  int bouts = 4;                     // of each activity, for each person
  double seconds_per_activity = 45;  // of each activity, for each person, all bouts together
  std::uint64_t seed = 1;
};

// Error bad_config if an option is out of its range, or if the result would not fit 1 GiB.
RecordingSet generate_imu(const ImuOptions& options = {});

// Its entry in readers/registry.cpp.
Source imu_source();

}  // namespace edgeproof::signal
