#pragma once

// The table diagnosis.csv of a study: why its integer variants fail (compress/diagnose.h).

#include <string>
#include <vector>

#include "experiment/config.h"
#include "store/store.h"

namespace edgeproof::results {

// One row per variant, condition and layer. `faults` are those of the study that apply.
std::string diagnosis_csv(const experiment::Config& config, const std::vector<std::string>& faults,
                          const store::Store& store);

}  // namespace edgeproof::results
