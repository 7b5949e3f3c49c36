#include "experiment/condition.h"

#include <algorithm>

namespace edgeproof::experiment {

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

std::vector<Condition> diagnosis_conditions(const std::vector<std::string>& faults,
                                            const std::vector<std::int64_t>& severities) {
  return all_conditions(faults, {std::ranges::max(severities)}, 1);
}

}  // namespace edgeproof::experiment
