#pragma once

// On which windows int8 models are diagnosed (compress/diagnose.h).

#include <vector>

#include "signal/dataset.h"

namespace edgeproof::study {

struct DiagnosisWindows {
  std::vector<signal::Window> windows;
  bool validation = false;  // or else of the training part
};

// At most `most` windows of the validation part, evenly spread; of the training part if there is
// none. Never of the test part: what a diagnosis shows leads to changes.
DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most = 256);

}  // namespace edgeproof::study
