#pragma once

// report.html of a study while it runs.

#include <filesystem>
#include <thread>

namespace edgeproof::cli {

// Writes the report of the study in a folder now and then, in a thread of its own, from when it is
// made to when it is destroyed: at first how far it is, then its results, too. Not while latencies
// are measured. A report that cannot be written is left for finish_study() to complain about.
class LiveReport {
 public:
  explicit LiveReport(std::filesystem::path folder);

 private:
  std::jthread thread_;
};

}  // namespace edgeproof::cli
