// Test: diagnosis_test.cpp; src/cli/determinism_test.sh, on a whole study.

#include "engine/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "experiment/fault_choice.h"

namespace edgeproof::engine {
struct Diagnoser::Pair {
  graph::Graph fp32, int8;
};

DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most) {
  DiagnosisWindows result{.windows = {}, .validation = !dataset.validation.empty()};
  const auto& all = result.validation ? dataset.validation : dataset.train;
  const std::size_t count = std::min(all.size(), static_cast<std::size_t>(most));
  for (std::size_t i = 0; i < count; ++i) result.windows.push_back(all[i * all.size() / count]);
  return result;
}

Diagnoser::Diagnoser(const experiment::Materials& materials, ModelSource models)
    : m_(materials),
      source_(std::move(models)),
      faults_(experiment::applicable_faults(m_.config.faults.choice, m_.dataset, m_.pipeline)),
      windows_(diagnosis_windows(m_.dataset).windows) {}

Diagnoser::~Diagnoser() = default;

const Diagnoser::Pair& Diagnoser::pair(const store::JobId& job) {
  std::unique_ptr<Pair>& pair = pairs_[job.name];
  if (pair) return *pair;
  const experiment::Variants variants = m_.config.all_variants();
  pair.reset(new Pair{fp32_counterpart(m_, source_, variants.at(job.name), job.seed),
                      source_.deployed(job.name, job.seed)});
  return *pair;
}

std::vector<compress::Diagnosis> Diagnoser::diagnose(std::span<const store::Job> jobs,
                                                     int threads) {
  const experiment::Condition& on = jobs.front().id.condition();
  std::vector<const Pair*> pairs;
  for (const store::Job& job : jobs) pairs.push_back(&pair(job.id));
  const signal::WindowSet windows = experiment::faulty_windows(
      m_.dataset, m_.pipeline, windows_, experiment::fault_of(on, faults_), on.severity,
      static_cast<std::uint64_t>(m_.config.faults.seed), threads);
  std::vector<compress::Diagnosis> results(jobs.size());
  parallel_for(static_cast<int>(jobs.size()), threads, [&](int i) {
    const Pair& pair = *pairs[static_cast<std::size_t>(i)];
    results[static_cast<std::size_t>(i)] = compress::diagnose(pair.fp32, pair.int8, windows);
  });
  return results;
}

}  // namespace edgeproof::engine
