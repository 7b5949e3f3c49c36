#pragma once

// The candidates that a search has tried, as a store keeps them.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "experiment/search_strategy.h"

namespace edgeproof::store {

// A candidate that a search has tried (engine/search.h).
struct SearchTrial {
  std::string strategy;
  int number = 0;  // from 0, in the order tried
  std::vector<int> genome;
  std::string recipe;
  std::int64_t weight_bytes = 0, arena_bytes = 0, macs = 0;
  double clean = 0, robust = 0;  // accuracy on validation windows
};

// What a search weighs: the error under faults, and the bytes of weights.
experiment::Objectives objectives_of(const SearchTrial& trial);

// The store of the search in the folder: trials of strategies "nsga2", "random" and "uniform", and
// the facts config and budget.
std::filesystem::path search_store_path(const std::filesystem::path& output);

}  // namespace edgeproof::store
