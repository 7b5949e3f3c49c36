#include "study/job.h"

#include <fmt/format.h>

namespace edgeproof::study {

std::vector<Condition> all_conditions(const std::vector<std::string>& faults,
                                      const std::vector<std::int64_t>& severities,
                                      int realizations) {
  std::vector<Condition> all = {Condition{}};
  for (const std::string& fault : faults) {
    for (const auto severity : severities) {
      for (int r = 0; r < realizations; ++r) all.push_back({fault, static_cast<int>(severity), r});
    }
  }
  return all;
}

std::string_view job_kind_name(JobKind kind) {
  static constexpr std::string_view kNames[] = {"training",  "deployment", "evaluation",
                                                "diagnosis", "latency",    "device"};
  return kNames[static_cast<size_t>(kind)];
}

std::string JobId::text() const {
  std::string text = fmt::format("{} of {} seed {}", job_kind_name(kind), name, seed);
  if (kind == JobKind::device) text += " on " + on.fault;
  if (on.severity > 0) text += fmt::format(" on {} severity {}", on.fault, on.severity);
  if (on.realization > 0) text += fmt::format(" realization {}", on.realization);
  return text;
}

}  // namespace edgeproof::study
