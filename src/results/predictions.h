#pragma once

// What a study's models predicted, as its statistics read it.

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/condition.h"
#include "store/store.h"

namespace edgeproof::results {

// Everything that was predicted.
struct Predictions {
  store::TestSet test;
  std::vector<std::string> faults;  // in the suite's order
  std::vector<std::int64_t> severities;
  int realizations = 1;
  int seeds = 0;
  std::vector<std::string> variants;  // holds "fp32"
  // Per variant, seed and condition: one label per test window.
  std::vector<std::vector<std::vector<std::vector<std::uint8_t>>>> labels;

  std::vector<experiment::Condition> conditions() const {
    return experiment::all_conditions(faults, severities, realizations);
  }
};

}  // namespace edgeproof::results
