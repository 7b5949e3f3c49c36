#pragma once

// A study from its configuration to its result store.

#include <filesystem>
#include <functional>
#include <vector>

#include "experiment/budget.h"
#include "experiment/config.h"
#include "store/job.h"

namespace edgeproof::engine {

struct RunOptions {
  std::filesystem::path output;  // folder of the store and everything written from it
  std::filesystem::path base;    // folder that relative paths in [data] and [model] are below
  int threads = 1;
  bool retime = false;  // latencies that a busy machine has disturbed are measured again
  // Called when the store has the study's plan and its jobs begin; not on ranks that only work.
  std::function<void()> on_begin = {};
};

// Runs what the store in `output` does not have yet (plan.h), and makes the configuration the
// store's current one. The same configuration and data give the same rows, whatever the threads,
// however often it was stopped, and whatever the store held before.
// False on other ranks than the first under mpirun (ranks.h), which only work for it.
bool run_study(const experiment::Config& config, const RunOptions& options);

struct PlannedStudy {
  std::vector<store::Job> jobs;
  experiment::Budgets budgets;  // of its trainings
};

// What the study consists of, without running any of it.
PlannedStudy plan_study(const experiment::Config& config, const std::filesystem::path& base);

}  // namespace edgeproof::engine
