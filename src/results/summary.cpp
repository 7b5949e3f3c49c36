// Test: summary_test.cpp.

#include "results/summary.h"
#include "experiment/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "experiment/fault_choice.h"
#include "experiment/metrics.h"
#include "experiment/variants.h"
#include "formats/metadata.h"
#include "formats/onnx.h"
#include "results/claims_text.h"
#include "results/diagnosis_text.h"

namespace edgeproof::results {
namespace {

// A column with an interval: `value`, `value_lo`, `value_hi`.
struct Column {
  std::string key;
  Interval VariantStatistics::*member;
};

const std::vector<Column>& columns() {
  static const std::vector<Column> all = {
      {"clean_accuracy", &VariantStatistics::clean_accuracy},
      {"macro_f1", &VariantStatistics::macro_f1},
      {"robust_accuracy", &VariantStatistics::robust_accuracy},
      {"worst_fault_accuracy", &VariantStatistics::worst_fault_accuracy},
      {"mfe", &VariantStatistics::mfe},
      {"relative_mfe", &VariantStatistics::relative_mfe},
  };
  return all;
}

std::string percent(const Interval& i) {
  return fmt::format("{:5.1f} [{:.1f}, {:.1f}]", 100 * i.value, 100 * i.lo, 100 * i.hi);
}

std::string ratio(const Interval& i) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", i.value, i.lo, i.hi);
}

std::string devices_table(const Summary& summary) {
  if (summary.devices.empty()) return "";
  std::string text = fmt::format("\n{:<17} {:<11} {:>12} {:>8} {:>8}\n", "variant", "on",
                                 "instructions", "flash B", "RAM B");
  for (const auto& [variant, target, cost] : summary.devices) {
    text += fmt::format("{:<17} {:<11} {:>12} {:>8} {:>8}\n", variant, target, cost.instructions,
                        cost.flash_bytes, cost.ram_bytes);
  }
  return text;
}

std::string table(const Summary& summary, bool latency) {
  const auto line = [&](const std::vector<std::string>& c) {
    return fmt::format("{:<17}{:<22}{:<22}{:<22}{:<30}{:<19}{:>9}{:>9}{:>8}{:>8}{:>8}\n", c[0],
                       c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10]);
  };
  std::string text =
      line({"variant", "clean accuracy %", "macro-F1 %", "robust accuracy %", "worst fault %",
            "mFE", latency ? "us" : "", "weights", "coded", "arena", "kMAC"});
  const experiment::Variants variants = summary.config.all_variants();
  bool controls = false, ties = false, simulated = false;
  for (const SummaryRow& row : summary.rows) {
    const VariantStatistics& s = row.statistics;
    const bool control = variants.at(s.variant).control;
    const bool tie = summary.ties_with_fp32(s.variant);
    const bool in_int8 = variants.at(s.variant).recipe.is_simulated();
    controls |= control;
    simulated |= in_int8;
    ties |= tie;
    text += line(
        {s.variant + (control ? " *" : "") + (in_int8 ? " ~" : ""), percent(s.clean_accuracy),
         percent(s.macro_f1), percent(s.robust_accuracy) + (tie ? " =" : ""),
         percent(s.worst_fault_accuracy) + " " + s.worst_fault, ratio(s.mfe),
         latency ? fmt::format("{:.1f}", row.latency.median_us) : "",
         fmt::format("{}", row.model.weight_bytes), fmt::format("{}", row.model.coded_weight_bytes),
         fmt::format("{}", row.model.arena_bytes), fmt::format("{}", row.model.macs / 1000)});
  }
  if (controls) text += "* control arm: there to tell effects apart\n";
  if (simulated) {
    text +=
        "~ activations of fewer than 8 bits, simulated: accuracy is theirs, time and arena "
        "int8's\n";
  }
  if (ties)
    text += "= robust accuracy ties with fp32's (paired difference, Holm-corrected, 95 %)\n";
  text += devices_table(summary);
  if (!summary.claims.empty()) text += "\n" + claims_table(summary.claims);
  return text;
}

std::string csv(const Summary& summary, bool latency) {
  std::string text = "variant";
  for (const Column& c : columns()) text += fmt::format(",{0},{0}_lo,{0}_hi", c.key);
  text += latency ? ",latency_us,latency_us_p99" : "";
  text += ",weight_bytes,coded_weight_bytes,arena_bytes,macs\n";
  for (const SummaryRow& row : summary.rows) {
    text += row.statistics.variant;
    for (const Column& c : columns()) {
      const Interval& i = row.statistics.*c.member;
      text += fmt::format(",{:.6f},{:.6f},{:.6f}", i.value, i.lo, i.hi);
    }
    if (latency) text += fmt::format(",{:.3f},{:.3f}", row.latency.median_us, row.latency.p99_us);
    text += fmt::format(",{},{},{},{}\n", row.model.weight_bytes, row.model.coded_weight_bytes,
                        row.model.arena_bytes, row.model.macs);
  }
  return text;
}

std::string json(const Summary& summary, bool latency) {
  auto all = nlohmann::ordered_json::array();
  const experiment::Variants variants = summary.config.all_variants();
  for (const SummaryRow& row : summary.rows) {
    nlohmann::ordered_json o;
    o["variant"] = row.statistics.variant;
    o["control"] = variants.at(row.statistics.variant).control;
    o["simulated"] = variants.at(row.statistics.variant).recipe.is_simulated();
    for (const Column& c : columns()) {
      const Interval& i = row.statistics.*c.member;
      o[c.key] = i.value;
      o[c.key + "_lo"] = i.lo;
      o[c.key + "_hi"] = i.hi;
    }
    o["worst_fault"] = row.statistics.worst_fault;
    o["robust_ties_with_fp32"] = summary.ties_with_fp32(row.statistics.variant);
    if (latency) {
      o["latency_us"] = row.latency.median_us;
      o["latency_us_p99"] = row.latency.p99_us;
    }
    o["weight_bytes"] = row.model.weight_bytes;
    o["coded_weight_bytes"] = row.model.coded_weight_bytes;
    o["arena_bytes"] = row.model.arena_bytes;
    o["macs"] = row.model.macs;
    for (const auto& [variant, target, cost] : summary.devices) {
      if (variant != row.statistics.variant) continue;
      o["devices"][target] = {{"instructions", cost.instructions},
                              {"flash_bytes", cost.flash_bytes},
                              {"ram_bytes", cost.ram_bytes}};
    }
    all.push_back(std::move(o));
  }
  return all.dump(2) + "\n";
}

std::string devices_csv(const Summary& summary) {
  std::string text = "variant,target,instructions,cycles,flash_bytes,ram_bytes\n";
  for (const auto& [variant, target, cost] : summary.devices) {
    text += fmt::format("{},{},{},{},{},{}\n", variant, target, cost.instructions, cost.cycles,
                        cost.flash_bytes, cost.ram_bytes);
  }
  return text;
}

std::string latency_csv(const Summary& summary) {
  std::string text = "variant,median_us,p99_us,runs\n";
  for (const SummaryRow& row : summary.rows) {
    text += fmt::format("{},{:.3f},{:.3f},{}\n", row.statistics.variant, row.latency.median_us,
                        row.latency.p99_us, row.latency.runs);
  }
  return text;
}

FaultInfo describe(const faults::Fault& fault) {
  FaultInfo info{fault.name, fault.summary(), "severity", {}, {}};
  const faults::Part& part = fault.parts.front();
  const bool own_scale = fault.parts.size() == 1;
  if (own_scale) {
    const faults::Parameter& parameter = part.definition->parameter;
    info.parameter = fmt::format("{} ({})", parameter.name, parameter.unit);
  }
  for (int severity = 1; severity <= faults::kMaxSeverity; ++severity) {
    const auto index = fault.fixed() ? 0 : static_cast<size_t>(severity - 1);
    info.levels.push_back(own_scale ? part.values[index] : static_cast<double>(severity));
  }
  return info;
}

// The file of a deployed model: its network with the pipeline of the current configuration.
std::string deployable(const store::Store& store, const std::string& variant, std::int64_t seed) {
  const std::string source = fmt::format("variant '{}' in the result store", variant);
  auto deployment = formats::from_metadata(store.facts()->metadata, source);
  deployment.provenance.seed = static_cast<std::uint64_t>(seed);
  return formats::to_onnx({formats::from_onnx(store.deployed(variant, seed).onnx, source).graph,
                           formats::to_metadata(deployment)});
}

// Those that a configuration before this one has left.
void remove_models(const std::filesystem::path& folder) {
  static const std::regex ours(".*-seed[0-9]+\\.onnx");
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::regex_match(entry.path().filename().string(), ours)) left.push_back(entry.path());
  }
  for (const auto& path : left) std::filesystem::remove(path);
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
  Statistics all = statistics(summary.predictions,
                              experiment::comparisons_of(config.all_variants(), config.variants),
                              config.resamples, threads);
  summary.comparisons = std::move(all.comparisons);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (VariantStatistics& s : all.variants) {
    store::DeployedModel model = store.deployed(s.variant, config.seeds.front());
    const store::Latency latency =
        store.latency(s.variant).value_or(store::Latency{kNone, kNone, 0});
    summary.rows.push_back({std::move(s), std::move(model), latency});
  }
  for (const std::string& target : config.device_targets) {
    for (const std::string& variant : config.variants) {
      if (const auto cost = store.device_cost(variant, target)) {
        summary.devices.push_back({variant, target, *cost});
      }
    }
  }
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
    if (c.a == variant && c.b == "fp32") return c.tie;
  }
  return false;
}

std::string render(const Summary& summary, Format format, bool latency) {
  switch (format) {
    case Format::csv:
      return csv(summary, latency);
    case Format::json:
      return json(summary, latency);
    case Format::table:
      break;
  }
  return table(summary, latency);
}

std::string results_csv(const Summary& summary, const store::Store& store) {
  const auto classes = static_cast<int>(summary.predictions.test.classes.size());
  const auto& truth = summary.predictions.test.labels;
  std::string text = "variant,seed,fault,severity,realization,accuracy,macro_f1,ece,flip_rate\n";
  for (const std::string& name : summary.config.variants) {
    for (const std::int64_t seed : summary.config.seeds) {
      std::vector<std::uint8_t> clean;
      for (const experiment::Condition& on : summary.predictions.conditions()) {
        const store::Evaluation e = store.evaluation(name, seed, on);
        if (on.severity == 0) clean = e.labels;
        const auto confusion = experiment::confusion_matrix(truth, e.labels, classes);
        text += fmt::format("{},{},{},{},{},{:.6f},{:.6f},{:.6f},{:.6f}\n", name, seed, on.fault,
                            on.severity, on.realization, experiment::accuracy(confusion, classes),
                            experiment::macro_f1(confusion, classes), e.ece,
                            experiment::flip_rate(e.labels, clean));
      }
    }
  }
  return text;
}

void write_files(const Summary& summary, const store::Store& store,
                 const std::filesystem::path& output) {
  write_file(output / "results.csv", results_csv(summary, store));
  write_file(output / "summary.csv", render(summary, Format::csv, false));
  write_file(output / "latency.csv", latency_csv(summary));
  write_file(output / "diagnosis.csv",
             diagnosis_csv(summary.config, summary.predictions.faults, store));
  if (summary.devices.empty()) {
    std::filesystem::remove(output / "devices.csv");
  } else {
    write_file(output / "devices.csv", devices_csv(summary));
  }
  if (summary.claims.empty()) {
    std::filesystem::remove(output / "claims.csv");
  } else {
    write_file(output / "claims.csv", claims_csv({{summary.config.name, summary.claims}}));
  }
  make_writable_directory(output / "models");
  remove_models(output / "models");
  for (const std::string& name : summary.config.variants) {
    for (const std::int64_t seed : summary.config.seeds) {
      write_file(output / "models" / fmt::format("{}-seed{}.onnx", name, seed),
                 deployable(store, name, seed));
    }
  }
}

}  // namespace edgeproof::results
