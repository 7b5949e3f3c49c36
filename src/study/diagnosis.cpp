// Test: diagnosis_test.cpp; src/cli/determinism_test.sh, on a whole study.

#include "study/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "formats/onnx.h"
#include "study/faults.h"

namespace edgeproof::study {
struct Diagnoser::Pair {
  graph::Graph fp32, int8;
};

namespace {

std::vector<std::string> integer_variants(const Config& config) {
  const Variants variants = config.all_variants();
  std::vector<std::string> names;
  for (const std::string& name : config.variants) {
    if (variants.at(name).recipe.is_integer()) names.push_back(name);
  }
  return names;
}

// Empty where there is no number.
std::string field(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

}  // namespace

DiagnosisWindows diagnosis_windows(const signal::Dataset& dataset, int most) {
  DiagnosisWindows result{.windows = {}, .validation = !dataset.validation.empty()};
  const auto& all = result.validation ? dataset.validation : dataset.train;
  const size_t count = std::min(all.size(), static_cast<size_t>(most));
  for (size_t i = 0; i < count; ++i) result.windows.push_back(all[i * all.size() / count]);
  return result;
}

std::vector<Condition> diagnosis_conditions(const std::vector<std::string>& faults,
                                            const std::vector<std::int64_t>& severities) {
  return all_conditions(faults, {std::ranges::max(severities)}, 1);
}

Diagnoser::Diagnoser(const Materials& materials, ModelSource models)
    : m_(materials),
      source_(std::move(models)),
      faults_(applicable_faults(m_.config.faults.choice, m_.dataset, m_.pipeline)),
      windows_(diagnosis_windows(m_.dataset).windows) {}

Diagnoser::~Diagnoser() = default;

const Diagnoser::Pair& Diagnoser::pair(const JobId& job) {
  std::unique_ptr<Pair>& pair = pairs_[job.name];
  if (pair) return *pair;
  const Variants variants = m_.config.all_variants();
  const std::string label =
      fmt::format("variant '{}' of seed {} in the result store", job.name, job.seed);
  pair.reset(new Pair{fp32_counterpart(m_, source_, variants.at(job.name), job.seed),
                      formats::from_onnx(source_.deployed(job.name, job.seed), label).graph});
  return *pair;
}

std::vector<compress::Diagnosis> Diagnoser::diagnose(std::span<const Job> jobs, int threads) {
  const Condition& on = jobs.front().id.on;
  std::vector<const Pair*> pairs;
  for (const Job& job : jobs) pairs.push_back(&pair(job.id));
  const signal::WindowSet windows =
      faulty_windows(m_.dataset, m_.pipeline, windows_, fault_of(on, faults_), on.severity,
                     static_cast<std::uint64_t>(m_.config.faults.seed), threads);
  std::vector<compress::Diagnosis> results(jobs.size());
  parallel_for(static_cast<int>(jobs.size()), threads, [&](int i) {
    const Pair& pair = *pairs[static_cast<size_t>(i)];
    results[static_cast<size_t>(i)] = compress::diagnose(pair.fp32, pair.int8, windows);
  });
  return results;
}

std::string diagnosis_csv(const Config& config, const std::vector<std::string>& faults,
                          const Store& store) {
  std::string csv =
      "variant,fault,severity,layer,type,blamed,sqnr_db,alone_db,alone_agreement,clip_rate,"
      "seen_min,seen_max,int8_min,int8_max,weight_db,scale_spread\n";
  for (const std::string& variant : integer_variants(config)) {
    for (const Condition& on : diagnosis_conditions(faults, config.faults.severities)) {
      const auto d = store.diagnosis(variant, on);
      if (!d) continue;
      for (size_t n = 0; n < d->layers.size(); ++n) {
        const compress::LayerDiagnosis& l = d->layers[n];
        csv += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", variant, on.fault,
                           on.severity, l.name, l.op, static_cast<int>(n) == d->blamed ? 1 : 0,
                           field(l.sqnr_db), field(l.alone_db), field(l.alone_agreement),
                           l.clip_rate, l.seen.min, l.seen.max, l.representable.min,
                           l.representable.max, field(l.weight_db), field(l.scale_spread));
      }
    }
  }
  return csv;
}

}  // namespace edgeproof::study
