#pragma once

// A planar channel at a time between its samples.

#include <algorithm>

#include "faults/operator.h"

namespace edgeproof::faults {

// Linear between neighbours, the nearest sample where `time` is outside of the frames; NaN if a
// sample that counts is missing.
inline float interpolate(const Frames& frames, int channel, double time) {
  const auto first = static_cast<double>(frames.first);
  const double t = std::clamp(time, first, static_cast<double>(frames.end() - 1));
  const auto whole = static_cast<std::int64_t>(t);  // not negative: samples begin at 0
  const float* x = &frames.at(channel, whole);
  const auto share = static_cast<float>(t - static_cast<double>(whole));
  return share == 0 ? x[0] : x[0] + share * (x[1] - x[0]);
}

}  // namespace edgeproof::faults
