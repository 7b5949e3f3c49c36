// Test: diagnosis_test.cpp.

#include "study/diagnosis.h"

#include <algorithm>

namespace edgeproof::study {

DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most) {
  DiagnosisWindows result{.windows = {}, .validation = !dataset.validation.empty()};
  const auto& all = result.validation ? dataset.validation : dataset.train;
  const size_t count = std::min(all.size(), static_cast<size_t>(most));
  for (size_t i = 0; i < count; ++i) result.windows.push_back(all[i * all.size() / count]);
  return result;
}

}  // namespace edgeproof::study
