#pragma once

// How a person's trunk moves in the six activities of generate_imu: the model without the sensor.
//
// Accelerations are in the frame of the heading (up, right, forward) and without gravity. The
// trunk's orientation is heading about the vertical, then lean (forward is positive), roll (about
// the forward axis), and twist (about the trunk's own long axis: pelvic rotation, or the side one
// lies on).

#include <vector>

#include "signal/generators/draws.h"

namespace edgeproof::signal {

enum class Activity { walking, walking_upstairs, walking_downstairs, sitting, standing, lying };
inline constexpr int kActivities = 6;

struct Pose {
  double up = 0, right = 0, forward = 0;              // g
  double heading = 0, lean = 0, roll = 0, twist = 0;  // rad
};

// One gait. Amplitudes are of the first harmonic (of the step for up and forward, of the stride for
// right), and ratios to it.
struct Gait {
  double cadence = 0;  // steps a second
  double up = 0, second = 0, second_phase = 0, third = 0;
  double forward = 0, right = 0;
  double impact = 0, impact_hz = 0;                       // heel strike: a damped oscillation
  double lean = 0, nod = 0, obliquity = 0, rotation = 0;  // degrees
};

// One posture: its angles in degrees, and what moves in it.
struct Posture {
  double lean = 0, roll = 0;
  double sway = 0;       // degrees
  double breathing = 0;  // degrees
  double tremor = 0;     // g
};

struct Person {
  Gait gaits[3];
  Posture postures[3];
  double asymmetry = 0;     // of left and right steps, relative
  double irregularity = 0;  // sd of step times and amplitudes, relative
  double breath_hz = 0;
};

Person draw_person(Draws draws);

// One bout of an activity, sampled at `rate_hz`.
std::vector<Pose> perform(const Person& person, Activity activity, int samples, double rate_hz,
                          Draws draws);

}  // namespace edgeproof::signal
