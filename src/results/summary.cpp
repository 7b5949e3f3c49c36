#include "results/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "experiment/fault_choice.h"
#include "experiment/variants.h"
#include "results/resampling.h"

namespace edgeproof::results {
namespace {

FaultInfo describe(const faults::Fault& fault) {
  FaultInfo info{fault.name, fault.summary(), "severity", {}, {}};
  const faults::Part& part = fault.parts.front();
  const bool own_scale = fault.parts.size() == 1;
  if (own_scale) {
    const faults::Parameter& parameter = part.definition->parameter;
    info.parameter = fmt::format("{} ({})", parameter.name, parameter.unit);
  }
  for (int severity = 1; severity <= faults::kMaxSeverity; ++severity) {
    const auto index = fault.fixed() ? 0 : static_cast<std::size_t>(severity - 1);
    info.levels.push_back(own_scale ? part.values[index] : static_cast<double>(severity));
  }
  return info;
}

// What the study noted of the faults that its data set cannot have: name to reason.
std::map<std::string, std::string> left_out(const store::Store& store) {
  std::map<std::string, std::string> reasons;
  if (const auto facts = store.facts()) {
    for (const auto& [fault, reason] : facts->not_applicable) reasons[fault] = reason;
  }
  return reasons;
}

// Without the faults that there is a reason to leave out.
Predictions predictions_of(const store::Store& store, const experiment::Config& config,
                           const std::map<std::string, std::string>& reasons) {
  Predictions p;
  p.test = store.test_set();
  for (const faults::Fault& fault : experiment::named_faults(config.faults.choice)) {
    if (!reasons.contains(fault.name)) p.faults.push_back(fault.name);
  }
  p.severities = config.faults.severities;
  p.realizations = config.faults.realizations;
  p.seeds = static_cast<int>(config.seeds.size());
  p.variants = config.variants;
  for (const std::string& name : config.variants) {
    auto& of_variant = p.labels.emplace_back();
    for (const std::int64_t seed : config.seeds) {
      auto& of_seed = of_variant.emplace_back();
      for (const experiment::Condition& on : p.conditions()) {
        of_seed.push_back(store.evaluation(name, seed, on).labels);
      }
    }
  }
  return p;
}

Summary summary_of(const store::Store& store, const experiment::Config& config,
                   const std::map<std::string, std::string>& reasons, int threads) {
  Summary summary{.config = config,
                  .faults = {},
                  .predictions = {},
                  .rows = {},
                  .comparisons = {},
                  .claims = {}};
  for (const faults::Fault& fault : experiment::named_faults(config.faults.choice)) {
    summary.faults.push_back(describe(fault));
    const auto reason = reasons.find(fault.name);
    if (reason != reasons.end()) summary.faults.back().not_applicable = reason->second;
  }
  summary.predictions = predictions_of(store, config, reasons);
  const Bootstrap bootstrap(summary.predictions, config.variants, SeedDraws::shared,
                            config.resamples, threads);
  Statistics all = statistics(summary.predictions, bootstrap,
                              experiment::comparisons_of(config.all_variants(), config.variants));
  summary.comparisons = std::move(all.comparisons);
  summary.error_free_faults = std::move(all.error_free_faults);
  for (const VariantStatistics& s : all.variants) {
    store::DeployedModel model = store.deployed(s.variant, config.seeds.front());
    const store::Latency latency = latency_of(store, s.variant);
    summary.rows.push_back({s, std::move(model), latency});
  }
  for (const std::string& target : config.device_targets) {
    for (const std::string& variant : config.variants) {
      if (const auto cost = store.device_cost(variant, target)) {
        summary.devices.push_back({variant, target, *cost});
      }
    }
  }
  std::vector<experiment::Costs> costs;
  for (const SummaryRow& row : summary.rows) costs.push_back(row.costs());
  summary.recommendation =
      recommend(config, summary.predictions.test, bootstrap, all.variants, costs);
  if (const auto facts = store.facts()) {
    summary.split = facts->split;
    summary.split_findings = facts->split_findings;
  }
  summary.trainings = training_runs(store, config);
  summary.training_notes =
      notes_of(summary.trainings, static_cast<int>(summary.predictions.test.classes.size()),
               store.facts().value().validation_windows);
  summary.claims = judge(config.claims, config, summary.predictions, store, threads);
  return summary;
}

}  // namespace

experiment::Config stored_config(const store::Store& store) {
  const auto stored = store.fact("config");
  if (!stored) fail(ErrorCode::bad_input, "the result store holds no study");
  return experiment::parse_config(*stored + store.fact("claims").value_or(""),
                                  "configuration in the result store");
}

Predictions read_predictions(const store::Store& store, const experiment::Config& config) {
  return predictions_of(store, config, left_out(store));
}

Summary summarize(const store::Store& store, int threads) {
  const experiment::Config config = stored_config(store);
  Summary summary = summary_of(store, config, left_out(store), threads);
  for (const SummaryRow& row : summary.rows) {
    if (!std::isnan(row.latency.median_us)) continue;
    fail(ErrorCode::bad_input,
         "the study is not finished: '{}' has no latency; run it again to go on",
         row.statistics.variant);
  }
  return summary;
}

Summary summarize_unfinished(const store::Store& store, int threads) {
  experiment::Config config = stored_config(store);
  std::set<store::JobId> there;
  for (const store::Job& job : store.plan()) {
    if (job.id.kind == store::JobKind::evaluation && store.has(job)) there.insert(job.id);
  }
  const auto shown = [&](const std::string& variant, const experiment::Condition& on) {
    return std::ranges::all_of(config.seeds, [&](std::int64_t seed) {
      return there.contains({store::JobKind::evaluation, variant, seed, on});
    });
  };
  std::vector<std::string> variants, faults;
  std::erase_if(config.variants, [&](const std::string& name) {
    const bool waits = !shown(name, {});
    if (waits) variants.push_back(name);
    return waits;
  });
  auto reasons = left_out(store);
  bool any = false;
  for (const faults::Fault& fault : experiment::named_faults(config.faults.choice)) {
    if (reasons.contains(fault.name)) continue;
    bool complete = true;
    for (const experiment::Condition& on : experiment::all_conditions(
             {fault.name}, config.faults.severities, config.faults.realizations)) {
      for (const std::string& name : config.variants) complete = complete && shown(name, on);
    }
    any |= complete;
    if (complete) continue;
    faults.push_back(fault.name);
    reasons[fault.name] = "not shown to all models yet";
  }
  if (!any || std::ranges::find(config.variants, "fp32") == config.variants.end()) {
    fail(ErrorCode::bad_input,
         "the study is not finished: no fault has been shown to fp32 and others yet");
  }
  const bool claims = !config.claims.empty();
  config.claims.clear();
  Summary summary = summary_of(store, config, reasons, threads);
  if (claims) summary.missing.emplace_back("claims");
  if (!variants.empty()) summary.missing.push_back("variants " + join(variants, ", "));
  if (!faults.empty()) summary.missing.push_back("faults " + join(faults, ", "));
  const bool timed = std::ranges::none_of(
      summary.rows, [](const SummaryRow& row) { return std::isnan(row.latency.median_us); });
  if (!timed) summary.missing.emplace_back("latencies");
  if (std::ranges::any_of(store.plan(), [&](const store::Job& job) {
        return job.id.kind == store::JobKind::device && !store.has(job);
      })) {
    summary.missing.emplace_back("costs on devices");
  }
  return summary;
}

bool Summary::ties_with_fp32(const std::string& variant) const {
  for (const Comparison& c : comparisons) {
    const bool robust = c.metric == recommendation.ranking.robust;
    if (robust && c.a == variant && c.b == "fp32") return c.tie;
  }
  return false;
}

}  // namespace edgeproof::results
