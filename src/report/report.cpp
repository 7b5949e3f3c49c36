// The data is serialized with nlohmann::json, whose objects have sorted keys, and put at the one
// marker of the page. HTML ends a <script> element at the first "</script" whatever it holds, so
// every '<' becomes its JSON escape; '<' occurs in JSON only within strings, where the escape means
// the same character. Tests: report_test.cpp, and page/page_test.mjs in a browser.

#include "report/report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "report/page.h"

static nlohmann::json number(double x) {
  if (std::isinf(x) && x > 0) return "beyond";  // a breaking point that was never reached
  return std::isfinite(x) ? nlohmann::json(x) : nlohmann::json();
}

// An Interval is of another namespace, in which nlohmann::json would look for its to_json.
template <>
struct nlohmann::adl_serializer<edgeproof::results::Interval> {
  static void to_json(nlohmann::json& json, const edgeproof::results::Interval& x) {
    json = {number(x.value), number(x.lo), number(x.hi)};
  }
};

namespace edgeproof::report {

// nlohmann's own macros also write from_json, which an Interval would have to have; only to_json is
// wanted here.
#define EDGEPROOF_MEMBER(name) json[#name] = x.name;
#define EDGEPROOF_TO_JSON(Type, ...)                                         \
  static void to_json(nlohmann::json& json, const Type& x) {                 \
    NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(EDGEPROOF_MEMBER, __VA_ARGS__)) \
  }

EDGEPROOF_TO_JSON(Dataset, name, checksum, train_windows, validation_windows, test_windows,
                  subjects, window_samples, rate_hz, channels, classes, split)
EDGEPROOF_TO_JSON(Baseline, name, answer, metrics)
EDGEPROOF_TO_JSON(Fault, name, description, parameter, levels, not_applicable)
static void to_json(nlohmann::json& json, const Variant& x) {
  NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(
      EDGEPROOF_MEMBER, name, description, control, simulated, robust_accuracy_at, worst_fault,
      latency_us, latency_us_p99, latency_disturbed, weight_bytes, coded_weight_bytes, arena_bytes,
      macs, layers, no_better))
  for (const experiment::MetricInfo& metric : experiment::sampled_metrics()) {
    const auto found = x.metrics.find(metric.metric);
    json[metric.key] = found == x.metrics.end() ? Interval() : found->second;
  }
}

EDGEPROOF_TO_JSON(Result, variant, fault, severity, accuracy, macro_f1, ece, flip_rate, confusion,
                  clip_rates)
EDGEPROOF_TO_JSON(Diagnosis, variant, fault, severity, agreement, sqnr_db, alone_db,
                  alone_agreement, blamed)
EDGEPROOF_TO_JSON(FaultSummary, variant, fault, mean_accuracy, breaking_point)
EDGEPROOF_TO_JSON(Comparison, a, b, metric, difference, p_value, verdict)
EDGEPROOF_TO_JSON(Claim, text, check, source, verdict, left, right, difference, p_value, reason)
EDGEPROOF_TO_JSON(Agreement, variant, windows, agreeing)
EDGEPROOF_TO_JSON(TargetCost, variant, target, instructions, flash_bytes, ram_bytes)
EDGEPROOF_TO_JSON(JobCount, kind, done, total)
EDGEPROOF_TO_JSON(RunProgress, as_of, jobs, running, seconds_left)
static void to_json(nlohmann::json& json, const TrainingCurve& x) {
  NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(EDGEPROOF_MEMBER, kept_epoch, train_loss,
                                           validation_loss, validation_accuracy))
  json["seed"] = std::to_string(x.seed);
}
EDGEPROOF_TO_JSON(Training, recipe, variants, curves, marks, notes)
EDGEPROOF_TO_JSON(Trial, strategy, recipe, weight_bytes, arena_bytes, macs, clean, robust, front)

static nlohmann::json metrics_json() {
  auto all = nlohmann::json::array();
  for (const experiment::MetricInfo& metric : experiment::sampled_metrics()) {
    all.push_back({{"key", metric.key},
                   {"title", metric.title},
                   {"meaning", metric.meaning},
                   {"is_share", metric.quantity == experiment::Quantity::share},
                   {"higher_is_better", metric.better == experiment::Better::higher},
                   {"names_fault", metric.names_fault}});
  }
  return all;
}

std::string to_json(const ReportData& x) {
  nlohmann::json json;
  NLOHMANN_JSON_EXPAND(NLOHMANN_JSON_PASTE(
      EDGEPROOF_MEMBER, study, verdict, dataset, variants, baseline, error_free_faults, faults,
      results, fault_summaries, diagnoses, diagnosis_windows, comparisons, claims, agreements,
      target_costs, trainings, training_lengths, trials, search_budget, interval_method,
      latency_method, machine, version, config_toml, reproduce))
  json["metrics"] = metrics_json();
  // JavaScript's numbers are exact to 2^53 only.
  json["seeds"] = nlohmann::json::array();
  for (const std::uint64_t seed : x.seeds) json["seeds"].push_back(std::to_string(seed));
  json["progress"] = x.progress ? nlohmann::json(*x.progress) : nlohmann::json();

  const std::string text = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string render(const ReportData& data) {
  constexpr std::string_view kMarker = "@EDGEPROOF_DATA@";
  const std::string_view page = page_html();
  const std::size_t at = page.find(kMarker);  // the build checks that there is one
  std::string html(page.substr(0, at));
  html += to_json(data);
  html += page.substr(at + kMarker.size());
  return html;
}

}  // namespace edgeproof::report
