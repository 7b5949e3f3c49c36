#pragma once

// What a study consists of: jobs, each of which makes one result. docs/decisions/0010 says why.
//
// A job's key is a SHA-256 of exactly what decides its result. Results are stored under their keys,
// so that what has been computed is never computed again, whatever else of a configuration changes.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/condition.h"

namespace edgeproof::store {

enum class JobKind { training, deployment, evaluation, diagnosis, latency, device };

inline constexpr JobKind kJobKinds[] = {JobKind::training,   JobKind::deployment,
                                        JobKind::evaluation, JobKind::diagnosis,
                                        JobKind::latency,    JobKind::device};

std::string_view job_kind_name(JobKind kind);

// What a job is called in a configuration; jobs of several names may have one key.
struct JobId {
  JobKind kind = JobKind::training;
  std::string name;  // of a training: its recipe up to it; of the others: the variant
  std::int64_t seed = 0;
  experiment::Condition on =
      {};  // of evaluations and diagnoses; of a device, its name instead of a fault's
  auto operator<=>(const JobId&) const = default;

  std::string text() const;  // "evaluation of qat_int8 seed 1 on drift severity 3"
};

struct Job {
  JobId id;
  std::string key;
  std::vector<std::string> needs = {};  // keys of the models that it is made from
  double cost = 1;                      // in proportion to its time, among those of its kind
};

}  // namespace edgeproof::store
