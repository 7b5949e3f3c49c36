#pragma once

// The faults that a configuration names, as a data set can have them.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "experiment/condition.h"
#include "faults/expression.h"
#include "signal/dataset.h"
#include "signal/pipeline.h"

namespace edgeproof::experiment {

// A suite and a list of further ones (faults/expression.h).
struct FaultChoice {
  std::string suite = "core";  // "none": the list alone
  std::vector<std::string> list;
};

// Error bad_config for a text that is no fault, a name used twice, or none at all.
std::vector<faults::Fault> named_faults(const FaultChoice& choice);

struct FaultList {
  std::vector<faults::Fault> applicable;
  std::vector<std::pair<std::string, std::string>> others;  // name, why it does not apply
};

// Error bad_config if none applies, for channels that the data set does not have, and for a fault
// that would begin after the end of every recording.
FaultList applicable_faults(const FaultChoice& choice, const signal::Dataset& dataset,
                            const signal::Pipeline& pipeline);

// The fault of the condition; null if it is clean.
const faults::Fault* fault_of(const Condition& condition, const FaultList& list);

// What the faults may know of the data set; both must outlive it.
faults::Context fault_context(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
                              std::uint64_t seed);

// The windows as the fault leaves them, prepared for the network; clean ones if it is null. Does
// not depend on the number of threads. Errors as faults::steps().
signal::WindowSet faulty_windows(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
                                 std::span<const signal::Window> windows,
                                 const faults::Fault* fault, int severity, std::uint64_t seed,
                                 int threads);

}  // namespace edgeproof::experiment
