#include "store/job.h"

#include <fmt/format.h>

namespace edgeproof::store {

std::string_view job_kind_name(JobKind kind) {
  static constexpr std::string_view kNames[] = {"training",  "deployment", "evaluation",
                                                "diagnosis", "latency",    "device"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string JobId::text() const {
  std::string text = fmt::format("{} of {} seed {}", job_kind_name(kind), name, seed);
  if (const auto* target = std::get_if<OnDevice>(&on)) return text + " on " + target->target;
  const experiment::Condition& shown = condition();
  if (shown.severity > 0) text += fmt::format(" on {} severity {}", shown.fault, shown.severity);
  if (shown.realization > 0) text += fmt::format(" realization {}", shown.realization);
  return text;
}

}  // namespace edgeproof::store
