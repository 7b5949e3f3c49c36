#pragma once

// Search for the channels and weight bits of each layer that keep a network most robust within a
// budget.
//
// A candidate is made from one trained network: channels removed by Taylor importance, then a short
// form of the recipe that finishes the real one, as an integer program; it is judged by its
// accuracy under faults on validation windows, never on test windows. For each
// number of bits the largest network of uniform shares is tried; from there NSGA-II weighs accuracy
// against the bytes of weights, beside random search with as many trials. What each finds is then
// compared in an ordinary study, trained in full.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/study.h"
#include "experiment/config.h"
#include "experiment/search_space.h"
#include "store/store.h"

namespace edgeproof::engine {

// Nothing: no limit.
struct SearchBudget {
  std::optional<std::int64_t> flash_bytes;  // weights, biases and scales as stored, without code
  std::optional<std::int64_t> ram_bytes;    // the arena of activations
  std::optional<std::int64_t> macs;
  std::optional<double> latency_us;  // median on this machine: what fits depends on it

  bool allows(const experiment::SearchCost& cost) const;
  std::string text() const;  // "at most 32768 bytes of flash, 16384 bytes of RAM"
};

// Runs what the search store in `output` does not have yet, and gives the study of what was found:
// variants fp32, base, base_int8, uniform, random_search, found, and found_half, the best of at
// most half the bytes if there is one. Error bad_config without a validation part, for a budget
// that nothing fits, a recipe that cannot be searched, or variants of these names in [recipes].
experiment::Config search(const experiment::Config& config, const SearchBudget& budget,
                          const RunOptions& options);

}  // namespace edgeproof::engine
