#pragma once

// What a study consists of: jobs, each of which makes one result. docs/decisions/0010 says why.
//
// A job's key is a SHA-256 of exactly what decides its result. Results are stored under their keys,
// so that what has been computed is never computed again, whatever else of a configuration changes.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "experiment/condition.h"

namespace edgeproof::store {

enum class JobKind { training, deployment, evaluation, diagnosis, latency, device };

inline constexpr JobKind kJobKinds[] = {JobKind::training,   JobKind::deployment,
                                        JobKind::evaluation, JobKind::diagnosis,
                                        JobKind::latency,    JobKind::device};

std::string_view job_kind_name(JobKind kind);

// Where a device job runs its model: the name of a microcontroller (targets/device.h).
struct OnDevice {
  std::string target;
  auto operator<=>(const OnDevice&) const = default;
};

// Where a job's model runs: on this machine under a condition, or on a device.
using Place = std::variant<experiment::Condition, OnDevice>;

// What a job is called in a configuration; jobs of several names may have one key.
struct JobId {
  JobKind kind = JobKind::training;
  std::string name;  // a training's recipe up to it; the variant of all other kinds
  std::int64_t seed = 0;
  Place on = {};  // clean, unless it is an evaluation, a diagnosis or a device job
  auto operator<=>(const JobId&) const = default;

  // Only for jobs that have one.
  const experiment::Condition& condition() const { return std::get<experiment::Condition>(on); }
  const std::string& device() const { return std::get<OnDevice>(on).target; }

  std::string text() const;  // "evaluation of qat_int8 seed 1 on drift severity 3"
};

struct Job {
  JobId id;
  std::string key;
  std::vector<std::string> needs = {};  // keys of the models that it is made from
  double cost = 1;                      // in proportion to its time, among those of its kind
};

}  // namespace edgeproof::store
