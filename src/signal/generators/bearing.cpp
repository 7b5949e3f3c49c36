// Contacts come at the defect's rate with a random slip of 1-2 % a period (Antoni & Randall 2002),
// loud where the defect meets the load zone: an inner spall once a shaft turn, a ball's once a cage
// turn, an outer one always. A ball leaves a spall with a sharp blow, after entering it softly
// (Sawalhi & Randall, "Vibration response of spalled rolling element bearings", MSSP 2011): the
// time between them tells the size. Each blow rings the structure's modes through the path from its
// race. Rates from the geometry as in Smith & Randall, "Rolling element bearing diagnostics using
// the CWRU data", MSSP 2015. Tested by bearing_test.cpp.

#include "signal/generators/bearing.h"

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "core/error.h"
#include "core/files.h"
#include "signal/generators/draws.h"
#include "signal/readers/keys.h"

namespace edgeproof::signal {
namespace {

constexpr int kVersion = 1;
constexpr double kBearingRateHz = 12000;
constexpr double kTwoPi = 2 * std::numbers::pi;
constexpr std::array<double, 4> kRpm = {1797, 1772, 1750, 1730};
constexpr double kCagePerTurn = 0.39828;

enum class Place { none, inner, outer, ball };

struct Defect {
  const char* name;
  Place place;
  int mils;  // width of the spall in 0.001 inch
};
constexpr std::array<Defect, 10> kDefects = {{{"normal", Place::none, 0},
                                              {"inner_007", Place::inner, 7},
                                              {"inner_014", Place::inner, 14},
                                              {"inner_021", Place::inner, 21},
                                              {"outer_007", Place::outer, 7},
                                              {"outer_014", Place::outer, 14},
                                              {"outer_021", Place::outer, 21},
                                              {"ball_007", Place::ball, 7},
                                              {"ball_014", Place::ball, 14},
                                              {"ball_021", Place::ball, 21}}};

// Where balls roll without slipping, the contact point runs equally fast over both races and the
// ball: pi x (39.04 + 7.94) mm x cage turns.
constexpr double kContactMmPerTurn = 58.7;

// How a place is heard: contacts a shaft turn, and how well each mode is reached from there.
struct Path {
  double per_turn;
  std::array<double, 3> gains;
};
constexpr Path path_of(Place place) {
  switch (place) {
    case Place::inner:
      return {5.4152, {0.6, 0.9, 1.0}};
    case Place::outer:
      return {3.5848, {1.0, 1.0, 0.6}};
    case Place::ball:
      return {2 * 2.3567, {0.8, 0.6, 0.4}};
    case Place::none:
      break;
  }
  return {0, {0.8, 0.8, 0.8}};
}

struct Mode {
  double hz, damping, gain;
};
constexpr std::array<Mode, 3> kModes = {{{1350, 0.05, 0.5}, {2850, 0.035, 1.0}, {3600, 0.03, 0.8}}};

// One mode's ringing: a decaying complex exponential, so that a blow at any instant between two
// samples is exact.
class Ringing {
 public:
  Ringing(double hz, double damping, double gain)
      : hz_(hz),
        rate_(kTwoPi * hz / kBearingRateHz * std::complex<double>(-damping, 1)),
        pole_(std::exp(rate_)),
        gain_(gain) {}
  // A blow `ago` samples ago (0 to 1), spread over `width` seconds: a soft one leaves high modes
  // quiet.
  void strike(double ago, double amplitude, double width) {
    const double x = std::numbers::pi * hz_ * width;
    state_ += gain_ * amplitude * std::exp(-x * x / 2) * std::exp(rate_ * ago);
  }
  void shake(double force) { state_ += gain_ * force; }
  double next() {
    const double value = state_.imag();
    state_ *= pole_;
    return value;
  }

 private:
  double hz_;
  std::complex<double> rate_, pole_;
  double gain_;
  std::complex<double> state_ = 0;
};

// The machine's own vibration: imbalance, misalignment, and a gear-like mesh whose strength follows
// the shaft.
class Shaft {
 public:
  Shaft(int load, Draws& draws) : mesh_(0.008 * (1 + 0.1 * load) * draws.factor(0.2)) {
    constexpr std::array<double, kHarmonics> kMeans = {0.020, 0.030, 0.012, 0.006, 0.004};
    for (int h = 0; h < kHarmonics; ++h) {
      amplitudes_[h] = kMeans[h] * draws.factor(0.2);
      phases_[h] = draws.uniform(0, kTwoPi);
    }
  }
  double at(double angle) const {
    double x = mesh_ * (1 + 0.4 * std::cos(angle)) * std::cos(29 * angle + phases_[1]);
    for (int h = 0; h < kHarmonics; ++h) {
      x += amplitudes_[h] * std::cos((h + 1) * angle + phases_[h]);
    }
    return x;
  }

 private:
  static constexpr int kHarmonics = 5;
  double mesh_;
  std::array<double, kHarmonics> amplitudes_, phases_;
};

// How much of the load the defect carries when the shaft stands at `angle`: the load zone is
// centred below, wider under more load; `bump` counts contacts, since a ball's spall meets both
// races in turn.
double load_share(Place place, double angle, double start, int load, int bump) {
  const double floor = 0.12 + 0.03 * load;
  const auto zone = [&](double at) {
    return floor + (1 - floor) * std::pow((1 + std::cos(at)) / 2, 1.5);
  };
  switch (place) {
    case Place::inner:
      return zone(angle + start);
    case Place::ball:
      return zone(kCagePerTurn * angle + start) * (bump % 2 == 0 ? 1 : 0.65);
    case Place::outer:
    case Place::none:
      break;
  }
  return 1;
}

std::vector<float> vibrate(const Defect& defect, int load, int samples, Draws draws) {
  const Path path = path_of(defect.place);
  const double turns_per_sample = kRpm[load] / 60 * draws.factor(0.001) / kBearingRateHz;
  const Shaft shaft(load, draws);
  const double floor = 0.035 * draws.factor(0.12);
  const double response = draws.factor(0.06);  // of mounting and accelerometer
  const double slip = draws.uniform(0.01, 0.02);
  const double severity =
      0.30 * std::pow(defect.mils / 7.0, 0.8) * (1 + 0.04 * load) * draws.factor(0.09);
  // From entry to exit, in samples.
  const double gap = defect.mils * 0.0254 / kContactMmPerTurn / turns_per_sample;
  const double start = draws.uniform(0, kTwoPi);
  std::vector<Ringing> modes;
  for (std::size_t m = 0; m < kModes.size(); ++m) {
    modes.emplace_back(kModes[m].hz * draws.factor(0.012) * (1 - 0.006 * load),
                       kModes[m].damping * draws.factor(0.15),
                       kModes[m].gain * path.gains[m] * draws.factor(0.09));
  }

  const double period = path.per_turn > 0 ? 1 / path.per_turn / turns_per_sample : 2.0 * samples;
  double entry = defect.place == Place::none ? 2.0 * samples : draws.uniform(0, period);
  double exit = entry + gap, blow = 0;
  int bumps = 0;
  std::vector<float> x(samples);
  for (int i = 0; i < samples; ++i) {
    const double angle = kTwoPi * turns_per_sample * i + start;
    if (entry <= i) {
      blow = severity * load_share(defect.place, angle, start, load, bumps++) * draws.factor(0.15);
      for (Ringing& mode : modes) mode.strike(i - entry, 0.45 * blow, 1.2e-4);
      exit = entry + gap;
      entry += period * (1 + slip * draws.normal());
    }
    if (exit <= i) {
      for (Ringing& mode : modes) mode.strike(i - exit, blow, 2e-5);
      exit = 2.0 * samples;
    }
    const double force = draws.normal();
    double sum = 0;
    for (Ringing& mode : modes) {
      mode.shake(0.3 * floor * force);
      sum += mode.next();
    }
    x[i] = static_cast<float>(shaft.at(angle) + response * sum + floor * draws.normal());
  }
  return x;
}

void check(const BearingOptions& options) {
  const auto in_range = [](const char* key, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      fail(ErrorCode::bad_config, "bearing generator: {} is {}, expected {} to {}", key, value, low,
           high);
    }
  };
  in_range("recordings", options.recordings, 1, 1000);
  in_range("seconds", options.seconds, 0.01, 3600);
  const double bytes = options.recordings * options.seconds * kBearingRateHz * kRpm.size() *
                       kDefects.size() * (sizeof(float) + sizeof(std::int32_t));
  if (bytes > 0x1p30) {
    fail(ErrorCode::bad_config,
         "bearing generator: {} recordings of {} s make {:.1f} GiB, expected at most 1 GiB",
         options.recordings, options.seconds, bytes / 0x1p30);
  }
}

}  // namespace

RecordingSet generate_bearing(const BearingOptions& options) {
  check(options);
  RecordingSet set;
  set.name = "bearing";
  set.rate_hz = kBearingRateHz;
  set.channels = {{"acceleration", "g", 0}};
  for (const Defect& defect : kDefects) set.classes.emplace_back(defect.name);
  const int samples = static_cast<int>(options.seconds * kBearingRateHz);
  for (int load = 0; load < static_cast<int>(kRpm.size()); ++load) {
    set.group_names.push_back(fmt::format("load{}", load));
    for (int label = 0; label < static_cast<int>(kDefects.size()); ++label) {
      for (int r = 0; r < options.recordings; ++r) {
        set.recordings.push_back(
            {.name = fmt::format("{}_load{}_{}", kDefects[label].name, load, r + 1),
             .group = load,
             .part = Part::unassigned,
             .samples = vibrate(kDefects[label], load, samples,
                                Draws(options.seed, "bearing", label, load, r)),
             .labels = std::vector<std::int32_t>(samples, label)});
      }
    }
  }
  set.checksum = sha256(fmt::format("bearing {} recordings={} seconds={} seed={}", kVersion,
                                    options.recordings, options.seconds, options.seed));
  return set;
}

Source bearing_source() {
  return {
      .name = "bearing",
      .meaning = "the vibration of a motor's bearing, generated",
      .keys = {use(kSeed)},
      .read =
          [](const SourceRequest& r) { return generate_bearing({.seed = seed_of(r.settings)}); },
      .window_length = 2048,
      .hop = 1024};
}

}  // namespace edgeproof::signal
