#pragma once

// What a fault is made of: an operator at work on one segment of one recording, fed in order.
//
// Frames are planar: one array a channel. The injector (faults/injector.h) calls apply() for
// consecutive runs of at most kBlock frames; where the runs are cut must not matter to the result.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/random.h"
#include "faults/draws.h"
#include "signal/dataset.h"

namespace edgeproof::faults {

// What a fault may know of the data set; the statistics are those of the clean training split. The
// spans have one entry a channel, but for the triads.
struct Context {
  double rate_hz = 0;  // 0: unknown
  std::span<const signal::Channel> channels;
  std::span<const std::array<int, 3>> triads;
  std::span<const float> mean;
  std::span<const float> sd;
  std::uint64_t seed = 0;

  bool physical(int channel) const { return channels[channel].source == channel; }
};

// A channel that the operator changes, and the physical one whose draws and statistics it takes:
// itself, or the one that it is derived from.
struct Lane {
  int channel = 0;
  int source = 0;
};

inline constexpr std::int64_t kUnknownLength = -1;
inline constexpr int kBlock = 256;  // of a few channels: they stay in the first cache

// Where an operator acts. The segment is the part of the recording in which the fault is present.
struct Site {
  const Context& context;
  std::span<const Lane> lanes;
  std::uint32_t recording = 0;
  std::int64_t begin = 0;                // first sample of the segment
  std::int64_t length = kUnknownLength;  // samples
  double value = 0;                      // of the parameter
  std::span<const double> constants;     // in the definition's order
  CounterRng rng;

  Draws draws(int channel) const { return {rng, recording, static_cast<std::uint32_t>(channel)}; }
  float mean(const Lane& lane) const { return context.mean[static_cast<std::size_t>(lane.source)]; }
  float sd(const Lane& lane) const { return context.sd[static_cast<std::size_t>(lane.source)]; }
};

// Consecutive frames, planar.
struct Frames {
  std::int64_t first = 0;  // the number of the first sample in the recording
  int count = 0;
  float* data = nullptr;  // channel c begins at data + c * stride
  std::size_t stride = 0;

  std::span<float> channel(int c) const {
    return {data + static_cast<std::size_t>(c) * stride, static_cast<std::size_t>(count)};
  }
  float& at(int c, std::int64_t sample) const {
    return data[static_cast<std::size_t>(c) * stride + static_cast<std::size_t>(sample - first)];
  }
  std::int64_t end() const { return first + count; }
};

class Operator {
 public:
  virtual ~Operator() = default;

  // How many frames before and after those asked for apply() must see (fewer where the segment
  // ends). With 0 it works in place.
  virtual std::int64_t reach() const { return 0; }

  // Turns `out`, which holds clean frames of all channels, into faulty ones on its lanes. `in`
  // holds the clean frames of `out` and those within reach; without reach the two are the same
  // memory.
  virtual void apply(const Frames& in, const Frames& out) = 0;
};

template <class T>
std::unique_ptr<Operator> make(const Site& site) {
  return std::make_unique<T>(site);
}

// An operator of channels that have nothing to do with each other: an Action for each lane, made of
// (site, lane), that changes the samples x of its channel, x[0] being sample number `first`.
template <class Action>
class PerLane : public Operator {
 public:
  explicit PerLane(const Site& site) {
    for (const Lane& lane : site.lanes) actions_.emplace_back(lane.channel, Action(site, lane));
  }
  void apply(const Frames&, const Frames& out) override {
    for (auto& [channel, action] : actions_) action(out.first, out.channel(channel));
  }

 private:
  std::vector<std::pair<int, Action>> actions_;
};

}  // namespace edgeproof::faults
