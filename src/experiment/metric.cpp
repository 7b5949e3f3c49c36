#include "experiment/metric.h"

#include <fmt/format.h>

namespace edgeproof::experiment {
namespace {

constexpr auto kMetrics = std::to_array<MetricInfo>({
    {.metric = Metric::accuracy,
     .name = "accuracy",
     .key = "accuracy",
     .title = "accuracy",
     .meaning = "Share of windows with the right label, clean or under a fault",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::fault,
     .cells = &Sample::cells},
    {.metric = Metric::clean,
     .name = "clean",
     .key = "clean_accuracy",
     .title = "clean accuracy",
     .meaning = "Share of clean test windows with the right label",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::variant,
     .of = &Sample::clean,
     .option = "clean-accuracy"},
    {.metric = Metric::balanced,
     .name = "balanced",
     .key = "balanced_accuracy",
     .title = "balanced accuracy",
     .meaning = "Unweighted mean of the classes' recalls, clean or under a fault",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::fault,
     .of = &Sample::balanced,
     .cells = &Sample::balanced_cells,
     .option = "balanced-accuracy",
     .narrow = false},
    {.metric = Metric::f1,
     .name = "f1",
     .key = "macro_f1",
     .title = "macro-F1",
     .meaning = "Unweighted mean of the classes' F1, clean",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::fault,
     .of = &Sample::f1,
     .option = "macro-f1"},
    {.metric = Metric::robust_accuracy,
     .name = "RA",
     .key = "robust_accuracy",
     .title = "robust accuracy",
     .meaning = "Mean accuracy over all faults and severities",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::severity,
     .of = &Sample::robust,
     .cells = &Sample::cells,
     .option = "robust-accuracy"},
    {.metric = Metric::robust_balanced,
     .name = "balanced_RA",
     .key = "robust_balanced_accuracy",
     .title = "robust balanced accuracy",
     .meaning = "Mean balanced accuracy over all faults and severities",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::severity,
     .of = &Sample::robust_balanced,
     .cells = &Sample::balanced_cells,
     .option = "robust-balanced-accuracy",
     .narrow = false},
    {.metric = Metric::worst_fault,
     .name = "worst_fault",
     .key = "worst_fault_accuracy",
     .title = "worst fault",
     .meaning = "Lowest of the faults' mean accuracies",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::variant,
     .of = &Sample::worst,
     .option = "worst-fault",
     .names_fault = true},
    {.metric = Metric::mfe,
     .name = "mFE",
     .key = "mfe",
     .title = "mFE",
     .meaning = "Mean fault error relative to the study's fp32",
     .quantity = Quantity::ratio,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of = &Sample::mfe,
     .option = "mfe"},
    {.metric = Metric::relative_mfe,
     .name = "relative_mFE",
     .key = "relative_mfe",
     .title = "relative mFE",
     .meaning =
         "Mean fault error relative to the study's fp32, the clean error subtracted from both",
     .quantity = Quantity::ratio,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of = &Sample::relative_mfe,
     .option = "relative-mfe",
     .narrow = false},
    {.metric = Metric::flip_rate,
     .name = "flip_rate",
     .key = "flip_rate",
     .title = "flip rate",
     .meaning = "Share of windows whose label under a fault is not the variant's own clean one",
     .quantity = Quantity::share,
     .better = Better::lower,
     .arguments = Arguments::fault,
     .of = &Sample::flip_rate,
     .cells = &Sample::flips,
     .option = "flip-rate"},
    {.metric = Metric::recovery,
     .name = "recovery",
     .key = "recovery",
     .title = "recovery",
     .meaning = "Share of what the faults cost the baseline that the variant wins back",
     .quantity = Quantity::share,
     .better = Better::higher,
     .arguments = Arguments::baseline},
    {.metric = Metric::ece,
     .name = "ece",
     .key = "ece",
     .title = "calibration error",
     .meaning = "Expected calibration error, clean or under a fault",
     .quantity = Quantity::share,
     .better = Better::lower,
     .arguments = Arguments::fault},
    {.metric = Metric::bytes,
     .name = "bytes",
     .key = "weight_bytes",
     .title = "weights",
     .meaning = "Weights, biases and scales",
     .quantity = Quantity::bytes,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of_costs = &Costs::weight_bytes,
     .option = "weight-bytes"},
    {.metric = Metric::ram,
     .name = "ram",
     .key = "arena_bytes",
     .title = "arena",
     .meaning = "Peak memory of the activations",
     .quantity = Quantity::bytes,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of_costs = &Costs::arena_bytes,
     .option = "arena-bytes"},
    {.metric = Metric::macs,
     .name = "macs",
     .key = "macs",
     .title = "multiply-accumulates",
     .meaning = "Multiply-accumulates of one inference",
     .quantity = Quantity::macs,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of_costs = &Costs::macs,
     .option = "macs"},
    {.metric = Metric::latency,
     .name = "latency",
     .key = "latency_us",
     .title = "latency",
     .meaning = "Median time of a window on the machine that ran the study",
     .quantity = Quantity::microseconds,
     .better = Better::lower,
     .arguments = Arguments::variant,
     .of_costs = &Costs::latency_us,
     .option = "latency-us"},
});

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    if (kMetrics[i].metric != static_cast<Metric>(i)) return false;
  }
  return kMetrics.back().metric == Metric::latency;
}
static_assert(rows_are_in_order(), "the table has one row for each metric, in their order");

constexpr std::array kCompared{Metric::clean,           Metric::balanced, Metric::robust_accuracy,
                               Metric::robust_balanced, Metric::f1,       Metric::worst_fault,
                               Metric::flip_rate};

}  // namespace

const char* name_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::number:
      return "a number";
    case Quantity::share:
      return "a share";
    case Quantity::ratio:
      return "a ratio";
    case Quantity::bytes:
      return "bytes";
    case Quantity::macs:
      return "multiply-accumulates";
    case Quantity::microseconds:
      return "microseconds";
  }
  return "";
}

const char* usage_of(Arguments arguments) {
  switch (arguments) {
    case Arguments::variant:
      return "VARIANT";
    case Arguments::severity:
      return "VARIANT[, SEVERITY]";
    case Arguments::fault:
      return "VARIANT[, FAULT[, SEVERITY]]";
    case Arguments::baseline:
      return "VARIANT, BASELINE";
  }
  return "";
}

std::span<const MetricInfo> all_metrics() {
  return kMetrics;
}

const MetricInfo& info(Metric metric) {
  return kMetrics[static_cast<std::size_t>(metric)];
}

std::vector<MetricInfo> sampled_metrics() {
  std::vector<MetricInfo> sampled;
  for (const MetricInfo& metric : kMetrics) {
    if (metric.of != nullptr) sampled.push_back(metric);
  }
  return sampled;
}

std::span<const Metric> compared_metrics() {
  return kCompared;
}

bool is_better(Metric metric, double difference) {
  return info(metric).better == Better::higher ? difference > 0 : difference < 0;
}

std::string metrics_help() {
  std::string text;
  for (const Arguments arguments :
       {Arguments::variant, Arguments::severity, Arguments::fault, Arguments::baseline}) {
    std::string names;
    for (const MetricInfo& metric : kMetrics) {
      if (metric.arguments != arguments) continue;
      names += names.empty() ? metric.name : fmt::format(", {}", metric.name);
    }
    text += fmt::format("  ({}): {}\n", usage_of(arguments), names);
  }
  return text;
}

}  // namespace edgeproof::experiment
