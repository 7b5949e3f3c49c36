#pragma once

// What a recording's numbers mean: how often its channels are read, what they are called, what they
// vary by when nothing is wrong.
//
//   edgeproof::Sensors sensors{.rate_hz = 50, .channels = {{"ax", "g"}, {"ay", "g"}, {"az", "g"}}};
//   sensors = edgeproof::fit_statistics(sensors, clean_samples);  // [samples, 3]
//
// Everything here is a value; functions are pure and thread-safe.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "edgeproof/visibility.h"

namespace edgeproof {

// Mean and population standard deviation of a channel of the clean training data.
struct Statistics {
  float mean = 0;
  float sd = 1;  // above 0
  bool operator==(const Statistics&) const = default;
};

inline constexpr int kPhysical = -1;

// A causal filter of one channel: the identity, or a Butterworth filter, made digital by the
// bilinear transform with the cut-off prewarped.
enum class FilterKind { copy, high_pass, low_pass };

struct Filter {
  FilterKind kind = FilterKind::copy;
  int order = 0;  // 1 to 8; 0 for copy
  double hz = 0;  // the half-power point, below half the rate; 0 for copy
  bool operator==(const Filter&) const = default;
};

struct Channel {
  std::string name = {};
  std::string unit = {};  // of the samples, such as "g"
  // Index of the channel that this one is computed from (body acceleration from total
  // acceleration); kPhysical, or its own index, if a sensor measures it.
  int source = kPhysical;
  std::optional<Statistics> statistics = {};  // nothing: unknown
  // How the device computes a derived channel: what a fault changes in the source goes through it.
  // A body acceleration is a high_pass of the total one.
  Filter filter = {};
  bool operator==(const Channel&) const = default;
};

struct Sensors {
  double rate_hz = 0;  // samples a second; 0: unknown
  std::vector<Channel> channels = {};
  // Sensors of three axes: their channels x, y, z. Rotation is the one fault that asks.
  std::vector<std::array<int, 3>> triads = {};
  bool operator==(const Sensors&) const = default;
};

// The sensors with the statistics of `samples`, [samples, channels], a missing one NaN and left
// out. A constant channel has sd 1. Error bad_input for no samples, a part of a sample, or a
// channel that is missing throughout.
EDGEPROOF_PUBLIC Sensors fit_statistics(Sensors sensors, std::span<const float> samples);

}  // namespace edgeproof
