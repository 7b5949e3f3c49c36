#pragma once

// Faults as people write them, on a command line or in a study's configuration:
//
//   drift                            at whichever severity the caller works through
//   drift(severity=3)                always at that one
//   drift(sd=1.5)                    always at that value of its parameter
//   drift(sd=0.1|0.2|0.4)            severities 1, 2, 3 of its own
//   hum(sd=1, hz=50)                 constants by name
//   drift + missing_burst(p=0.2)     composed, in order
//   winter: drift + bias(sd=1)       with a name
//   bias(sd=2) on ax, ay from 10 to 15    on these channels, seconds 10 to 15 of each recording
//
// Everything is a value; nothing here depends on a data set before steps().

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"

namespace edgeproof::faults {

// One elementary fault of a composition.
struct Part {
  const Definition* definition = nullptr;  // of definitions(), never null
  // The parameter at severity 1, 2, ...; NaN: not at this one. One value alone is for all.
  std::vector<double> values;
  std::vector<double> constants;  // in the definition's order

  bool operator==(const Part&) const = default;
};

struct Fault {
  std::string name;
  std::vector<Part> parts;
  std::vector<std::string> channels = {};  // empty: all
  double from_s = 0;
  double to_s = std::numeric_limits<double>::infinity();

  // How many severities it has: 5, those of its own lists, or 1 if all its parts are fixed.
  int severities() const;
  // Whether it is the same at every severity but 0.
  bool fixed() const { return severities() == 1; }
  std::string summary() const;
};

// Error bad_config, quoting the text, for an unknown fault or parameter (with a suggestion), a
// value out of range, parts with lists of different lengths, or anything not of the forms above.
Fault parse_fault(std::string_view text);

// An elementary fault at its table's severities.
Fault make_fault(const Definition& definition);

// The faults of the suite's table, in its order: the elementary ones, then `field`.
std::span<const Fault> all_faults();

// "core": the paper's five; "full": all. Error bad_config for another name.
std::span<const Fault> suite(const std::string& name);
std::span<const std::string> suites();

// An elementary fault at a value, on some channels of a data set, for a part of each recording.
struct Step {
  const Definition* definition = nullptr;
  double value = 0;
  std::vector<double> constants = {};  // those left out are the definition's
  std::vector<int> channels = {};      // physical; empty: all
  double from_s = 0;
  double to_s = std::numeric_limits<double>::infinity();
};

// What the fault does to a data set at a severity; nothing at severity 0. Error bad_config for a
// severity that it does not have, and as channels_of().
std::vector<Step> steps(const Fault& fault, int severity, const Context& context);

// The physical channels of these names. Error bad_config for a name that is no channel's (with a
// suggestion) or is derived from another one's.
std::vector<int> channels_of(const std::vector<std::string>& names, const Context& context);

// Why the fault does not apply to the data set; nothing if it does. Errors as channels_of().
std::optional<std::string> not_applicable(const Fault& fault, const Context& context);

}  // namespace edgeproof::faults
