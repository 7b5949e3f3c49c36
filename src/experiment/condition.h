#pragma once

// The conditions under which a study shows test windows to its models.

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace edgeproof::experiment {

// What is shown to the models: the clean test split (severity 0) or one realization of a fault.
struct Condition {
  std::string fault = "clean";
  int severity = 0;
  int realization = 0;
  auto operator<=>(const Condition&) const = default;
};

// Clean first, then fault by fault, severity by severity, realization by realization.
std::vector<Condition> all_conditions(const std::vector<std::string>& faults,
                                      const std::vector<std::int64_t>& severities,
                                      int realizations);

// Clean, and each fault's first realization at the highest severity.
std::vector<Condition> diagnosis_conditions(const std::vector<std::string>& faults,
                                            const std::vector<std::int64_t>& severities);

}  // namespace edgeproof::experiment
