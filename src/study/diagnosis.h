#pragma once

// Why the integer variants of a study fail: which layer, and under which fault
// (compress/diagnose.h).

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "signal/dataset.h"
#include "study/models.h"

namespace edgeproof::study {

struct DiagnosisWindows {
  std::vector<signal::Window> windows;
  bool validation = false;  // or else of the training part
};

// At most `most` windows of the validation part, evenly spread; of the training part if there is
// none. Never of the test part: what a diagnosis shows leads to changes.
DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most = 256);

// Clean, and each fault's first realization at the highest severity.
std::vector<Condition> diagnosis_conditions(const std::vector<std::string>& faults,
                                            const std::vector<std::int64_t>& severities);

// Diagnoses integer variants against the FP32 networks that they were quantized from, and keeps
// them.
class Diagnoser {
 public:
  Diagnoser(const Materials& materials, ModelSource models);
  ~Diagnoser();

  // The jobs are diagnoses on one condition.
  std::vector<compress::Diagnosis> diagnose(std::span<const Job> jobs, int threads);

 private:
  struct Pair;
  const Pair& pair(const JobId& job);

  const Materials& m_;
  ModelSource source_;
  FaultList faults_;
  std::vector<signal::Window> windows_;
  std::map<std::string, std::unique_ptr<Pair>> pairs_;
};

// One row per variant, condition and layer. `faults` are those of the study that apply.
std::string diagnosis_csv(const Config& config, const std::vector<std::string>& faults,
                          const Store& store);

}  // namespace edgeproof::study
