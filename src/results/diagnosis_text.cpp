#include "results/diagnosis_text.h"

#include <fmt/format.h>

#include <cmath>

namespace edgeproof::results {
namespace {

std::vector<std::string> integer_variants(const experiment::Config& config) {
  const experiment::Variants variants = config.all_variants();
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

std::string diagnosis_csv(const experiment::Config& config, const std::vector<std::string>& faults,
                          const store::Store& store) {
  std::string csv =
      "variant,fault,severity,layer,type,blamed,sqnr_db,alone_db,alone_agreement,clip_rate,"
      "seen_min,seen_max,int8_min,int8_max,weight_db,scale_spread\n";
  for (const std::string& variant : integer_variants(config)) {
    for (const experiment::Condition& on :
         experiment::diagnosis_conditions(faults, config.faults.severities)) {
      const auto d = store.diagnosis(variant, on);
      if (!d) continue;
      for (std::size_t n = 0; n < d->layers.size(); ++n) {
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

}  // namespace edgeproof::results
