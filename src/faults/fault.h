#pragma once

// The interface of every elementary sensor fault of the suite (docs/faults.md, version 2).
//
// A fault turns a clean physical segment x into what a broken sensor would have delivered, y. It is
// a pure function of (seed, fault, recording, channel, sample): thread count, order, the pieces in
// which a stream arrives and the model under test do not enter. A fault has one parameter that
// severity sets; severities 1 to 5 scale or threshold the same draws. A sample that is NaN before a
// fault stays NaN, unless its definition says what holds. Definitions are constant: thread-safe.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "faults/operator.h"

namespace edgeproof::faults {

struct Parameter {
  std::string name;
  std::string unit;
  double min = 0;
  double max = 0;
  bool whole = false;  // a whole number
};

// A parameter that severity leaves alone.
struct Constant {
  Parameter parameter;
  double value = 0;
};

inline constexpr int kMaxSeverity = 5;
using Severities = std::array<double, kMaxSeverity>;  // the parameter at severity 1 to 5

// One row of the suite's table.
struct Definition {
  std::string name;     // also the name of its sequence of random numbers
  std::string summary;  // y as a function of x, in a line
  Parameter parameter;
  Severities severities{};
  std::vector<Constant> constants = {};
  std::unique_ptr<Operator> (*make)(const Site&) = nullptr;
  // Why the fault cannot act on a data set (one channel only, no triad); absent if it always can.
  std::optional<std::string> (*obstacle)(const Context&, std::span<const int> channels) = nullptr;
  // Whether it acts on the derived channel itself. Otherwise what it changes in the physical
  // channel goes through the derived one's filter (derived.h).
  bool (*acts_on_derived)(const Context&, int channel) = nullptr;
  bool additive = false;          // what it adds to a channel does not depend on any samples
  bool has_past = false;          // and it was there before the segment, as it is in it
  bool needs_length = false;      // of the segment, from its beginning
  bool needs_statistics = false;  // mean or sd of the channels
};

// The elementary faults there are, in the order of the suite's table.
std::span<const Definition> definitions();

// Error bad_config, with a suggestion, for a name that is none of them.
const Definition& definition(const std::string& name);

}  // namespace edgeproof::faults
