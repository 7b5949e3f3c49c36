#include "store/trials.h"

namespace edgeproof::store {

experiment::Objectives objectives_of(const SearchTrial& trial) {
  return {1 - trial.robust, static_cast<double>(trial.weight_bytes)};
}

std::filesystem::path search_store_path(const std::filesystem::path& output) {
  return output / "search.db";
}

}  // namespace edgeproof::store
