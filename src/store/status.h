#pragma once

// How far a study is, and how long the rest will take, from what its store has timed.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/store.h"

namespace edgeproof::store {

// Jobs of one kind; those of one key count once.
struct KindStatus {
  JobKind kind = JobKind::training;
  int total = 0, done = 0;
  double seconds_left = 0;  // of one thread
  int unknown = 0;          // jobs left whose time nothing is known of
};

// A job that some process is at.
struct RunningStatus {
  Running running;
  std::string text;                    // of the job
  std::optional<double> seconds_left;  // if it is known
};

struct Status {
  std::vector<KindStatus> kinds;
  std::vector<RunningStatus> running;
  int threads = 0;  // at work
  bool finished() const;
  // How long the rest takes on so many threads; nothing if that is not known of all jobs.
  std::optional<double> seconds_left(int threads) const;
};

// How long one thread takes: the mean of jobs of its name, or else of its kind, by their costs.
// Nothing if none of its kind has been timed.
std::optional<double> estimated_seconds(const Job& job, std::span<const Timed> timed);

// Without a store nothing is done. `now` in seconds since 1970.
Status status_of(const std::vector<Job>& plan, const Store* store, double now);

// Writes all evaluations of the current plan: one row per variant, seed and condition, as
// CSV or as JSON. What does not apply, and flip rates where the clean labels are not there yet, are
// empty, or null.
std::string export_csv(const Store& store);
std::string export_json(const Store& store);

}  // namespace edgeproof::store
