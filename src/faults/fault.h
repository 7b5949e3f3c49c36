#pragma once

// The interface of every sensor fault of the suite (docs/faults.md, version 1).
//
// A fault turns a clean physical segment x into what a broken sensor would have delivered, y. It is
// a pure function of (seed, fault, recording, channel, sample): thread count, order and the model
// under test do not enter. Severity 0 is the identity in bits; severities 1 to 5 scale or threshold
// the same draws. A sample that is NaN before a fault stays NaN. Thread-safe: definitions are
// constant and faults have no state.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "signal/dataset.h"

namespace edgeproof::faults {

// What a fault may know of the data set; the statistics are those of the clean training split. The
// spans have one entry a channel.
struct Context {
  double rate_hz = 0;
  std::span<const signal::Channel> channels;
  std::span<const float> mean;
  std::span<const float> sd;
  std::uint64_t seed = 0;

  bool physical(int channel) const { return channels[channel].source == channel; }
};

// A segment in memory, [length, channels], changed in place: a recording of a stream, or a window
// where the data set comes already cut.
struct Segment {
  std::span<float> samples;
  int length = 0;
  int channels = 0;
  std::uint32_t recording = 0;  // its number in the data set, for the draws

  float& at(int t, int channel) const {
    return samples[static_cast<std::size_t>(t) * channels + channel];
  }
};

// What severity sets, and what can be given by name instead: gaussian(sd=0.3).
struct Parameter {
  std::string name;
  std::string unit;
  double min = 0;
  double max = 0;
  std::array<double, 5> severities{};  // the values at severity 1 to 5
};

inline constexpr int kMaxSeverity = 5;

// A fault acts on one physical channel at a time, or on all of them together (a lost packet, a
// turned triad). Either changes physical channels only; inject() calls it and sees to the derived
// ones.
using ChannelFault = void (*)(double value, const Context&, const Segment&, int channel);
using SegmentFault = void (*)(double value, const Context&, const Segment&);

// One row of the suite's table.
struct Definition {
  std::string name;     // also the name of its sequence of random numbers
  std::string summary;  // y as a function of x, in a line
  Parameter parameter;
  std::variant<ChannelFault, SegmentFault> apply;
  // Why the fault cannot act on a data set (one channel only, no triad); absent if it always can.
  std::optional<std::string> (*obstacle)(const Context&) = nullptr;
};

// The faults there are, in the order of the suite's table.
std::span<const Definition> definitions();

// Error bad_config, with a suggestion, for a name that is none of them.
const Definition& definition(const std::string& name);

// A named part of definitions(), in the same order: "core". Error bad_config for a name not in
// suites().
std::span<const Definition> suite(const std::string& name);
std::span<const std::string> suites();

// Why the fault does not apply to the data set; nothing if it does.
std::optional<std::string> not_applicable(const Definition& definition, const Context& context);

// Applies the fault at a severity, 0 to 5, to the physical channels of the segment, and adds to
// each derived channel what it added to the physical one: y_derived = x_derived + (y_source -
// x_source) in float, so that what is missing there is missing here. Error bad_config for another
// severity, unsupported if the fault is not applicable, bad_input if context and segment do not fit
// each other.
void inject(const Definition& definition, int severity, const Context& context, Segment segment);

// The same at a value of the fault's parameter. Error bad_config if it is out of range.
void inject_value(const Definition& definition, double value, const Context& context,
                  Segment segment);

}  // namespace edgeproof::faults
