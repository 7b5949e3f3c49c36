#pragma once

// The file of a store that is open, and the plan that is read through it. For the store's own
// sources.

#include <SQLiteCpp/SQLiteCpp.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "store/job.h"

namespace edgeproof::store {

inline constexpr int kWaitMs = 60000;  // for other processes' transactions

struct Database {
  Database(const std::filesystem::path& file, int flags) : path(file.string()), sql(path, flags) {
    sql.setBusyTimeout(kWaitMs);
  }
  std::string path;
  SQLite::Database sql;
  std::vector<Job> plan = {};
  std::map<JobId, std::string> keys = {};
};

}  // namespace edgeproof::store
