#pragma once

// How far a study is, as text.

#include <filesystem>
#include <string>
#include <vector>

#include "store/job.h"

namespace edgeproof::cli {

// What there is to do of these jobs in a study's folder, which may not be there yet, and how long
// it will take on so many threads.
std::string dry_run_text(const std::vector<store::Job>& plan, const std::filesystem::path& output,
                         int threads);

// What all of these jobs would take on so many ranks of mpirun, from what the folder has timed.
std::string simulation_text(const std::vector<store::Job>& plan,
                            const std::filesystem::path& output, const std::vector<int>& ranks);

// What results of earlier configurations in the folder take. Frees them unless it is a dry run.
// Error io while a process is at work on the study.
std::string prune_text(const std::filesystem::path& output, bool dry_run);

// Of the folder's current configuration, which another process may be at work on.
std::string status_text(const std::filesystem::path& output);

}  // namespace edgeproof::cli
