// Test: diagnosis_test.cpp; src/cli/determinism_test.sh, on a whole study.

#include "study/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "formats/onnx.h"
#include "study/faults.h"

namespace edgeproof::study {
namespace {

struct Pair {
  std::string variant;
  graph::Graph fp32, int8;
};

std::vector<std::string> integer_variants(const Config& config) {
  const Variants variants = config.all_variants();
  std::vector<std::string> names;
  for (const std::string& name : config.variants) {
    if (variants.at(name).recipe.is_integer()) names.push_back(name);
  }
  return names;
}

std::vector<Pair> load_pairs(const Materials& m, const Store& store) {
  const Variants variants = m.config.all_variants();
  const std::int64_t seed = m.config.seeds.front();
  std::vector<Pair> pairs;
  for (const std::string& name : integer_variants(m.config)) {
    const std::string label =
        fmt::format("variant '{}' of seed {} in the result store", name, seed);
    pairs.push_back({name, fp32_counterpart(m, store, variants.at(name), seed),
                     formats::from_onnx(store.deployed(name, seed).onnx, label).graph});
  }
  return pairs;
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

void diagnose_models(const Materials& m, Store& store, int threads) {
  const FaultList list = applicable_faults(m.config.faults.choice, m.dataset, m.pipeline);
  std::vector<std::string> names;
  for (const faults::Fault& fault : list.applicable) names.push_back(fault.name);
  const std::vector<std::string> variants = integer_variants(m.config);
  std::vector<Condition> missing;
  for (const Condition& on : diagnosis_conditions(names, m.config.faults.severities)) {
    const bool complete = std::ranges::all_of(
        variants, [&](const auto& name) { return store.diagnosis(name, on).has_value(); });
    if (!complete) missing.push_back(on);
  }
  if (missing.empty()) return;
  const std::vector<Pair> pairs = load_pairs(m, store);
  const std::vector<signal::Window> chosen = diagnosis_windows(m.dataset).windows;
  Progress progress("diagnose", static_cast<int>(missing.size()));
  for (const Condition& on : missing) {
    throw_if_interrupted();
    const auto fault = std::ranges::find(list.applicable, on.fault, &faults::Fault::name);
    const signal::WindowSet windows = faulty_windows(
        m.dataset, m.pipeline, chosen, fault == list.applicable.end() ? nullptr : &*fault,
        on.severity, static_cast<std::uint64_t>(m.config.faults.seed), threads);
    std::vector<compress::Diagnosis> results(pairs.size());
    parallel_for(static_cast<int>(pairs.size()), threads, [&](int i) {
      const Pair& pair = pairs[static_cast<size_t>(i)];
      results[static_cast<size_t>(i)] = compress::diagnose(pair.fp32, pair.int8, windows);
    });
    std::map<std::string, compress::Diagnosis> all;
    for (size_t i = 0; i < pairs.size(); ++i) all[pairs[i].variant] = std::move(results[i]);
    store.put_diagnoses(on, all);
    progress.step(on.fault);
  }
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
