#pragma once

// Why the integer variants of a study fail: which layer, and under which fault
// (compress/diagnose.h).

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/models.h"
#include "signal/dataset.h"

namespace edgeproof::engine {

struct DiagnosisWindows {
  std::vector<signal::Window> windows;
  bool validation = false;  // or else of the training part
};

// At most `most` windows of the validation part, evenly spread; of the training part if there is
// none. Never of the test part: what a diagnosis shows leads to changes.
DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most = 256);

// Diagnoses integer variants against the FP32 networks that they were quantized from, and keeps
// them.
class Diagnoser {
 public:
  Diagnoser(const experiment::Materials& materials, ModelSource models);
  ~Diagnoser();

  // The jobs are diagnoses on one condition.
  std::vector<compress::Diagnosis> diagnose(std::span<const store::Job> jobs, int threads);

 private:
  struct Pair;
  const Pair& pair(const store::JobId& job);

  const experiment::Materials& m_;
  ModelSource source_;
  experiment::FaultList faults_;
  std::vector<signal::Window> windows_;
  std::map<std::string, std::unique_ptr<Pair>> pairs_;
};

}  // namespace edgeproof::engine
