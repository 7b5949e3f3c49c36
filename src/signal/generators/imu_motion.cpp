// Gait: the pelvis rises and falls once a step and sways once a stride (two steps). After a heel
// strike it is decelerated forwards while it accelerates upwards (double support), and pushed off a
// quarter of a step later; vertical and fore-aft accelerations have even, lateral ones odd
// harmonics of the stride (Menz, Lord & Fitzpatrick, "Acceleration patterns of the head and pelvis
// when walking on level and irregular surfaces", Gait & Posture 2003). Going up leans forward,
// slows down and softens the heel strike; going down hardens it (Zijlstra & Hof 2003; McFadyen &
// Winter 1988).
// Postures: sway as low-pass filtered noise, breathing, and physiological tremor near 9 Hz.
// Tested through imu_test.cpp.

#include "signal/generators/imu_motion.h"

#include <cmath>
#include <numbers>

namespace edgeproof::signal {
namespace {

constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr double kDegree = std::numbers::pi / 180;

// Averages over people; draw_person varies them.
constexpr Gait kGaits[3] = {
    {.cadence = 1.00,
     .up = 0.24,
     .second = 0.45,
     .second_phase = 0.6,
     .third = 0.18,
     .forward = 0.16,
     .right = 0.10,
     .impact = 0.30,
     .impact_hz = 15,
     .lean = 3,
     .nod = 1.5,
     .obliquity = 3.0,
     .rotation = 5.0},
    {.cadence = 0.91,
     .up = 0.21,
     .second = 0.33,
     .second_phase = 1.3,
     .third = 0.14,
     .forward = 0.14,
     .right = 0.12,
     .impact = 0.18,
     .impact_hz = 13,
     .lean = 8,
     .nod = 2.4,
     .obliquity = 4.2,
     .rotation = 4.2},
    {.cadence = 0.98,
     .up = 0.26,
     .second = 0.55,
     .second_phase = 0.2,
     .third = 0.27,
     .forward = 0.17,
     .right = 0.12,
     .impact = 0.55,
     .impact_hz = 16,
     .lean = 1,
     .nod = 1.9,
     .obliquity = 3.8,
     .rotation = 5.3},
};
constexpr Posture kPostures[3] = {
    {.lean = -14, .sway = 0.20, .breathing = 0.30, .tremor = 0.0020},
    {.lean = 1, .sway = 0.70, .breathing = 0.12, .tremor = 0.0035},
    {.lean = -84, .sway = 0.06, .breathing = 0.45, .tremor = 0.0012},
};

// Unit-variance noise through two first-order low-passes: smooth enough to have a derivative.
class Wander {
 public:
  Wander(double cutoff_hz, double rate_hz)
      : a_(std::exp(-kTwoPi * cutoff_hz / rate_hz)),
        gain_(std::sqrt(std::pow(1 - a_ * a_, 3) / (1 + a_ * a_))) {}
  double next(Draws& draws) {
    once_ = a_ * once_ + gain_ * draws.normal();
    twice_ = a_ * twice_ + once_;
    return twice_;
  }

 private:
  double a_, gain_, once_ = 0, twice_ = 0;
};

std::vector<Pose> walk(const Person& person, const Gait& gait, int samples, double rate_hz,
                       Draws& draws) {
  const double cadence = gait.cadence * draws.factor(0.03);
  const double vigour = draws.factor(0.08);
  const double lean = gait.lean + draws.normal(0, 1.5);
  const auto amplitude = [&](int step) {
    return vigour * (1 + (step % 2 == 0 ? person.asymmetry : -person.asymmetry) +
                     person.irregularity * draws.normal());
  };
  const auto pace = [&](int step) {
    const double uneven = (step % 2 == 0 ? 0.3 : -0.3) * person.asymmetry;
    return cadence / rate_hz * (1 + uneven + 0.5 * person.irregularity * draws.normal());
  };

  Wander turn(0.15, rate_hz), lean_wander(0.3, rate_hz), roll_wander(0.3, rate_hz);
  int step = static_cast<int>(draws.uniform(0, 2));
  double s = draws.uniform(0, 1);  // of the step: 0 and 1 are heel strikes
  double now = amplitude(step), next = amplitude(step + 1), speed = pace(step);
  double heading = 0;
  std::vector<Pose> poses(samples);
  for (Pose& pose : poses) {
    const double a = std::lerp(now, next, s);
    const double step_angle = kTwoPi * s;
    const double stride_angle = std::numbers::pi * (step % 2 + s);
    const double since_strike = s / (speed * rate_hz);
    const double strike = now * gait.impact * std::exp(-since_strike / 0.035) *
                          std::sin(kTwoPi * gait.impact_hz * since_strike);
    pose.up = a * gait.up *
                  (std::cos(step_angle - 0.7) +
                   gait.second * std::cos(2 * step_angle - gait.second_phase) +
                   gait.third * std::cos(3 * step_angle - 2 * gait.second_phase)) +
              strike;
    pose.forward = a * gait.forward *
                       (-std::sin(step_angle) +
                        gait.second * std::cos(2 * step_angle + 1 - gait.second_phase)) -
                   0.4 * strike;
    pose.right = a * gait.right *
                     (std::sin(stride_angle + 0.5) + 0.5 * std::sin(3 * stride_angle) +
                      gait.third * std::sin(5 * stride_angle)) +
                 (step % 2 == 0 ? 0.2 : -0.2) * strike;
    heading += 0.25 * turn.next(draws) / rate_hz;
    pose.heading = heading;
    pose.lean =
        kDegree * (lean + a * gait.nod * std::cos(step_angle + 1.2) + lean_wander.next(draws));
    pose.roll =
        kDegree * (a * gait.obliquity * std::sin(stride_angle - 0.3) + roll_wander.next(draws));
    pose.twist = kDegree * a * gait.rotation *
                 (std::cos(stride_angle) + 0.25 * std::cos(3 * stride_angle + 0.5));
    s += speed;
    if (s >= 1) {
      s -= 1;
      ++step;
      now = next;
      next = amplitude(step + 1);
      speed = pace(step);
    }
  }
  return poses;
}

std::vector<Pose> rest(const Person& person, Activity activity, const Posture& posture, int samples,
                       double rate_hz, Draws& draws) {
  const bool lies = activity == Activity::lying;
  const double lean = posture.lean + draws.normal(0, activity == Activity::standing ? 1.5 : 2.5);
  const double roll = posture.roll + draws.normal(0, 1.5);
  const double die =
      draws.uniform(0, 1);  // people lie on their back more often than on either side
  const double side = die < 0.6 ? 0 : die < 0.8 ? 80 : -80;
  const double twist = lies ? side + draws.normal(0, 12) : draws.normal(0, 2);
  const double sway = posture.sway * draws.factor(0.25);
  const double breath_hz = person.breath_hz * draws.factor(0.08);
  const double phase = draws.uniform(0, kTwoPi);

  Wander shift(0.03, rate_hz);
  Wander sway_lean(0.5, rate_hz), sway_roll(0.5, rate_hz), sway_twist(0.5, rate_hz);
  Wander sway_forward(0.8, rate_hz), sway_right(0.8, rate_hz);
  Wander tremor_up(9, rate_hz), tremor_forward(9, rate_hz), tremor_right(9, rate_hz);
  std::vector<Pose> poses(samples);
  for (int i = 0; i < samples; ++i) {
    const double breath = std::sin(kTwoPi * breath_hz * i / rate_hz + phase);
    Pose& pose = poses[i];
    pose.lean = kDegree * (lean + 2 * sway * shift.next(draws) + sway * sway_lean.next(draws) +
                           posture.breathing * breath);
    pose.roll = kDegree * (roll + 0.6 * sway * sway_roll.next(draws));
    pose.twist = kDegree * (twist + 0.6 * sway * sway_twist.next(draws));
    pose.up = posture.tremor * tremor_up.next(draws);
    pose.forward = 0.01 * sway * sway_forward.next(draws) + 0.01 * posture.breathing * breath +
                   posture.tremor * tremor_forward.next(draws);
    pose.right = 0.006 * sway * sway_right.next(draws) + posture.tremor * tremor_right.next(draws);
  }
  return poses;
}

}  // namespace

Person draw_person(Draws draws) {
  Person person;
  const double cadence = draws.uniform(1.65, 2.15);
  const double vigour = draws.factor(0.12) * (cadence / 1.9) * (cadence / 1.9);
  const double shoe = draws.factor(0.17);
  const double own_phase = draws.normal(0, 0.15);
  const double own_lean = draws.normal(0, 1.2);
  person.asymmetry = draws.normal(0, 0.05);
  person.irregularity = draws.uniform(0.03, 0.08);
  person.breath_hz = draws.uniform(0.18, 0.33);
  for (int i = 0; i < 3; ++i) {
    Gait gait = kGaits[i];
    gait.cadence *= i == 0 ? cadence : cadence * draws.uniform(0.94, 1.06);
    for (double Gait::*field : {&Gait::second, &Gait::third, &Gait::forward, &Gait::right,
                                &Gait::nod, &Gait::obliquity, &Gait::rotation}) {
      gait.*field *= draws.factor(0.09);
    }
    gait.up *= vigour * draws.factor(0.08);
    gait.forward *= vigour;
    gait.right *= vigour;
    gait.impact *= shoe * draws.factor(0.12);
    gait.second_phase += own_phase + draws.normal(0, 0.1);
    gait.lean += own_lean + draws.normal(0, 1.5);
    person.gaits[i] = gait;
  }
  for (int i = 0; i < 3; ++i) {
    Posture posture = kPostures[i];
    posture.lean += own_lean + draws.normal(0, i == 1 ? 1.3 : 2.2);
    posture.roll = draws.normal(0, 2);
    posture.sway *= draws.factor(0.3);
    posture.breathing *= draws.factor(0.3);
    posture.tremor *= draws.factor(0.25);
    person.postures[i] = posture;
  }
  return person;
}

std::vector<Pose> perform(const Person& person, Activity activity, int samples, double rate_hz,
                          Draws draws) {
  const int index = static_cast<int>(activity);
  return index < 3 ? walk(person, person.gaits[index], samples, rate_hz, draws)
                   : rest(person, activity, person.postures[index - 3], samples, rate_hz, draws);
}

}  // namespace edgeproof::signal
