#pragma once

// A fault as people write it, on a command line or in a study's configuration:
//
//   drift               at whichever severities the caller works through
//   drift(severity=3)   at one severity, 0 to 5
//   drift(sd=1.5)       at a value of its own parameter

#include <optional>
#include <string>
#include <string_view>

#include "faults/fault.h"

namespace edgeproof::faults {

struct FaultSpec {
  const Definition* definition = nullptr;  // of definitions(), never null once parsed
  // At most one of the two.
  std::optional<int> severity;
  std::optional<double> value;

  bool operator==(const FaultSpec&) const = default;
};

// Error bad_config, quoting the text, for an unknown fault or parameter (with a suggestion), a
// value out of range, or anything not of the three forms above.
FaultSpec parse_fault(std::string_view text);

// The text that parse_fault() reads back to the same value.
std::string to_string(const FaultSpec& spec);

// Error bad_config if the specification gives neither a severity nor a value; else as in fault.h.
void inject(const FaultSpec& spec, const Context& context, Segment segment);

}  // namespace edgeproof::faults
