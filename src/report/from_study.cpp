#include "report/from_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "core/host.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "experiment/metrics.h"
#include "experiment/variants.h"
#include "results/baseline.h"
#include "results/claims_text.h"
#include "results/quantity_text.h"
#include "results/recommendation_text.h"
#include "store/status.h"
#include "store/trials.h"

namespace edgeproof::report {
namespace {

using experiment::Metric;

Dataset dataset_of(const store::Store& store) {
  Dataset d;
  const store::StudyFacts facts = store.facts().value_or(store::StudyFacts{});
  d.name = facts.data_name;
  d.checksum = facts.data_checksum;
  d.train_windows = facts.train_windows;
  d.validation_windows = facts.validation_windows;
  d.test_windows = facts.test_windows;
  d.subjects = facts.groups;
  d.window_samples = facts.window_length;
  d.rate_hz = facts.rate_hz;
  d.channels = facts.channels;
  d.split = facts.split;
  return d;
}

// All that does not depend on results.
ReportData about(const experiment::Config& config, const store::Store& store) {
  ReportData data;
  data.study = config.title();
  data.dataset = dataset_of(store);
  for (const std::int64_t seed : config.seeds) {
    data.seeds.push_back(static_cast<std::uint64_t>(seed));
  }
  data.interval_method = fmt::format(
      "Intervals come from {} bootstrap resamples of training seeds, and of test subjects and "
      "windows within them.",
      config.resamples);
  data.latency_method = fmt::format(
      "median of {} single-window runs on one pinned thread of this machine, in rounds in which "
      "all "
      "variants take turns",
      config.latency_runs);
  data.machine = {{"processor", store.fact("processor").value_or("")},
                  {"cores", store.fact("cores").value_or("")}};
  data.version = store.fact("version").value_or("");
  data.config_toml = experiment::to_toml(config);
  data.reproduce =
      "Save the configuration below as study.toml, then:\n  edgeproof study study.toml -o DIR";
  return data;
}

Variant variant_of(const results::SummaryRow& row, const experiment::Variant& definition,
                   const results::Baseline& baseline) {
  const results::VariantStatistics& s = row.statistics;
  Variant v;
  v.name = s.variant;
  v.description = definition.meaning;
  v.control = definition.control;
  v.simulated = definition.recipe.is_simulated();
  v.metrics = s.metrics;
  v.robust_accuracy_at = s.robust_accuracy_at;
  v.worst_fault = s.worst_fault;
  v.latency_us = row.latency.median_us;
  v.latency_us_p99 = row.latency.p99_us;
  v.latency_disturbed = row.latency.disturbed;
  v.weight_bytes = row.model.weight_bytes;
  v.coded_weight_bytes = row.model.coded_weight_bytes;
  v.arena_bytes = row.model.arena_bytes;
  v.macs = row.model.macs;
  if (definition.recipe.is_integer()) v.layers = row.model.nodes;
  for (const auto& [metric, estimate] : s.metrics) {
    if (!results::no_better_than(baseline, metric, estimate)) continue;
    v.no_better.emplace_back(experiment::info(metric).key);
  }
  return v;
}

// Of one variant on clean windows, by seed.
std::vector<store::Evaluation> clean_evaluations(const results::Summary& summary,
                                                 const store::Store& store,
                                                 const std::string& variant) {
  std::vector<store::Evaluation> all;
  for (const std::int64_t seed : summary.config.seeds) {
    all.push_back(store.evaluation(variant, seed, {}));
  }
  return all;
}

// What the evaluations of one condition add up to, over seeds and realizations.
struct Pooled {
  int classes = 0;
  std::vector<std::int64_t> confusion, clipped, values;
  double ece = 0, flips = 0;
  int runs = 0;

  explicit Pooled(int number_of_classes)
      : classes(number_of_classes),
        confusion(static_cast<std::size_t>(number_of_classes) * number_of_classes, 0) {}

  void add(const store::Evaluation& e, experiment::Labels truth, experiment::Labels clean) {
    const auto counts = experiment::confusion_matrix(truth, e.labels, classes);
    std::transform(counts.begin(), counts.end(), confusion.begin(), confusion.begin(),
                   std::plus<>());
    clipped.resize(e.clipped.size());
    values.resize(e.values.size());
    for (std::size_t n = 0; n < e.clipped.size(); ++n) {
      clipped[n] += e.clipped[n];
      values[n] += e.values[n];
    }
    ece += e.ece;
    flips += experiment::flip_rate(e.labels, clean);
    ++runs;
  }
};

Result result_of(const Pooled& pooled, const std::string& variant, const Interval& accuracy) {
  Result result;
  result.variant = variant;
  result.accuracy = accuracy;
  result.macro_f1.value = experiment::macro_f1(pooled.confusion, pooled.classes);
  result.ece = pooled.ece / pooled.runs;
  result.flip_rate = pooled.flips / pooled.runs;
  for (auto row = pooled.confusion.begin(); row != pooled.confusion.end(); row += pooled.classes) {
    result.confusion.emplace_back(row, row + pooled.classes);
  }
  for (std::size_t n = 0; n < pooled.clipped.size(); ++n) {
    result.clip_rates.push_back(pooled.values[n] == 0 ? 0.0
                                                      : static_cast<double>(pooled.clipped[n]) /
                                                            static_cast<double>(pooled.values[n]));
  }
  return result;
}

// One variant on clean windows, and under each fault at each severity.
std::vector<Result> results_of(const results::Summary& summary, const store::Store& store,
                               const results::VariantStatistics& s) {
  const results::Predictions& p = summary.predictions;
  const auto classes = static_cast<int>(p.test.classes.size());
  const auto clean = clean_evaluations(summary, store, s.variant);
  Pooled pooled_clean(classes);
  for (const store::Evaluation& e : clean) pooled_clean.add(e, p.test.labels, e.labels);
  std::vector<Result> all{result_of(pooled_clean, s.variant, s.metrics.at(Metric::clean))};
  for (std::size_t f = 0; f < p.faults.size(); ++f) {
    for (std::size_t i = 0; i < p.severities.size(); ++i) {
      const auto severity = static_cast<int>(p.severities[i]);
      Pooled pooled(classes);
      for (std::size_t seed = 0; seed < clean.size(); ++seed) {
        for (int r = 0; r < p.realizations; ++r) {
          pooled.add(
              store.evaluation(s.variant, summary.config.seeds[seed], {p.faults[f], severity, r}),
              p.test.labels, clean[seed].labels);
        }
      }
      Result result = result_of(pooled, s.variant, s.accuracy[f][i]);
      result.fault = p.faults[f];
      result.severity = severity;
      all.push_back(std::move(result));
    }
  }
  return all;
}

// What to do, then what FP32 does, then what is wrong with the split.
std::vector<std::string> verdict_of(const results::Summary& summary) {
  const results::Recommendation& r = summary.recommendation;
  std::vector<std::string> lines = results::recommendation_sentences(r);
  const auto fp32 = std::ranges::find(
      summary.rows, "fp32", [](const results::SummaryRow& row) { return row.statistics.variant; });
  const auto text = [&](Metric metric) {
    return results::estimate_text(fp32->statistics.metrics.at(metric),
                                  experiment::info(metric).quantity);
  };
  lines.push_back(fmt::format("fp32 itself: {} {}, {} {}; its worst fault is {} (accuracy {}).",
                              experiment::info(r.ranking.clean).title, text(r.ranking.clean),
                              experiment::info(r.ranking.robust).title, text(r.ranking.robust),
                              fp32->statistics.worst_fault, text(Metric::worst_fault)));
  for (const std::string& finding : summary.split_findings) {
    lines.push_back(fmt::format("Warning: {}.", finding));
  }
  return lines;
}

Baseline baseline_of(const results::Baseline& baseline) {
  Baseline found{.name = results::kMajorityName, .answer = baseline.answer, .metrics = {}};
  for (const experiment::MetricInfo& metric : experiment::sampled_metrics()) {
    const double value = results::value_of(baseline, metric.metric);
    if (!std::isnan(value)) found.metrics[metric.key] = value;
  }
  return found;
}

void add_diagnoses(const results::Summary& summary, const store::Store& store,
                   const std::string& variant, ReportData& data) {
  for (const experiment::Condition& on : experiment::diagnosis_conditions(
           summary.predictions.faults, summary.config.faults.severities)) {
    const auto found = store.diagnosis(variant, on);
    if (!found) continue;
    Diagnosis d{.variant = variant,
                .fault = on.severity == 0 ? "" : on.fault,
                .severity = on.severity,
                .agreement = found->agreement,
                .blamed = found->blamed};
    for (const compress::LayerDiagnosis& layer : found->layers) {
      d.sqnr_db.push_back(layer.sqnr_db);
      d.alone_db.push_back(layer.alone_db);
      d.alone_agreement.push_back(layer.alone_agreement);
    }
    data.diagnoses.push_back(std::move(d));
    data.diagnosis_windows =
        fmt::format("{} {} windows", found->windows,
                    data.dataset.validation_windows > 0 ? "validation" : "training");
  }
}

void add_comparisons(const results::Summary& summary, ReportData& data) {
  for (const results::Comparison& c : summary.comparisons) {
    const bool better = experiment::is_better(c.metric, c.difference.value);
    const std::string verdict = c.tie ? "tie" : fmt::format("{} is better", better ? c.a : c.b);
    data.comparisons.push_back(
        {c.a, c.b, experiment::info(c.metric).title, c.difference, c.p_adjusted, verdict});
  }
}

void add_claims(const results::Summary& summary, ReportData& data) {
  for (const results::JudgedClaim& c : summary.claims) {
    Claim claim{.text = c.claim.text,
                .check = c.claim.check,
                .source = c.claim.source,
                .verdict = results::name_of(c.verdict),
                .p_value = c.p_adjusted.value_or(kNotMeasured),
                .reason = c.reason};
    if (c.verdict != results::Verdict::not_applicable) {
      claim.left = results::value_text(c.left, c.quantity);
      claim.right = results::value_text(c.right, c.quantity);
      claim.difference = results::difference_text(c);
    }
    data.claims.push_back(std::move(claim));
  }
}

// Curves are for looking at: four decimals keep the page small.
std::vector<double> rounded(const std::vector<train::EpochLog>& epochs,
                            double train::EpochLog::*member) {
  std::vector<double> values;
  for (const train::EpochLog& epoch : epochs) {
    values.push_back(std::round(epoch.*member * 1e4) / 1e4);
  }
  return values;
}

void add_trainings(const results::Summary& summary, const store::Store& store, ReportData& data) {
  for (const results::TrainingRuns& runs : summary.trainings) {
    Training training{.recipe = runs.name, .variants = runs.variants};
    for (std::size_t i = 0; i < runs.logs.size(); ++i) {
      const auto& [best_epoch, epochs] = runs.logs[i];
      training.curves.push_back(
          {.seed = static_cast<std::uint64_t>(runs.seeds[i]),
           .kept_epoch = best_epoch,
           .train_loss = rounded(epochs, &train::EpochLog::train_loss),
           .validation_loss = rounded(epochs, &train::EpochLog::validation_loss),
           .validation_accuracy = rounded(epochs, &train::EpochLog::validation_accuracy)});
    }
    for (const results::TrainingNote& note : summary.training_notes) {
      if (note.training != runs.name) continue;
      training.marks.push_back(note.kind == results::TrainingNote::Kind::not_converged
                                   ? "not converged"
                                   : "worse than before");
      training.notes.push_back(note.text);
    }
    data.trainings.push_back(std::move(training));
  }
  const store::StudyFacts facts = store.facts().value_or(store::StudyFacts{});
  if (facts.batch_size == 0) return;
  data.training_lengths = fmt::format(
      "{} windows in batches of {}: {} optimizer steps an epoch. {} epochs from random "
      "weights, {} of each further training, unless its recipe says otherwise.",
      facts.train_windows, facts.batch_size, facts.steps_per_epoch, facts.train_epochs,
      facts.finetune_epochs);
}

void add_agreement(const results::Summary& summary, const store::Store& store,
                   const std::string& variant, ReportData& data) {
  Agreement total{variant, 0, 0};
  for (const std::int64_t seed : summary.config.seeds) {
    for (const experiment::Condition& on : summary.predictions.conditions()) {
      if (const auto a = store.agreement(variant, seed, on)) {
        total.windows += a->windows;
        total.agreeing += a->same;
      }
    }
  }
  if (total.windows > 0) data.agreements.push_back(total);
}

}  // namespace

ReportData from_study(const results::Summary& summary, const store::Store& store) {
  const results::Predictions& p = summary.predictions;
  const experiment::Variants variants = summary.config.all_variants();
  ReportData data = about(summary.config, store);
  data.dataset.classes = p.test.classes;
  data.verdict = verdict_of(summary);
  if (!summary.missing.empty()) {
    data.verdict.insert(
        data.verdict.begin(),
        fmt::format("The study is not finished: {} are missing.", join(summary.missing, "; ")));
  }
  data.baseline = baseline_of(summary.recommendation.baseline);
  data.error_free_faults = summary.error_free_faults;
  for (const results::FaultInfo& fault : summary.faults) {
    data.faults.push_back(
        {fault.name, fault.summary, fault.parameter, fault.levels, fault.not_applicable});
  }
  for (const results::SummaryRow& row : summary.rows) {
    const results::VariantStatistics& s = row.statistics;
    data.variants.push_back(
        variant_of(row, variants.at(s.variant), summary.recommendation.baseline));
    const auto results = results_of(summary, store, s);
    data.results.insert(data.results.end(), results.begin(), results.end());
    for (std::size_t f = 0; f < p.faults.size(); ++f) {
      data.fault_summaries.push_back(
          {s.variant, p.faults[f], s.fault_accuracy[f], s.breaking_point[f]});
    }
    add_agreement(summary, store, s.variant, data);
    add_diagnoses(summary, store, s.variant, data);
  }
  for (const auto& [variant, target, cost] : summary.devices) {
    data.target_costs.push_back(
        {variant, target, cost.instructions, cost.flash_bytes, cost.ram_bytes});
  }
  add_comparisons(summary, data);
  add_claims(summary, data);
  add_trainings(summary, store, data);
  return data;
}

ReportData without_results(const store::Store& store) {
  return about(results::stored_config(store), store);
}

RunProgress progress_of(const store::Store& store) {
  const double now = unix_seconds();
  const store::Status status = store::status_of(store.plan(), &store, now);
  RunProgress progress{.as_of = now};
  for (const store::KindStatus& kind : status.kinds) {
    if (kind.total == 0) continue;
    progress.jobs.push_back({std::string(store::job_kind_name(kind.kind)), kind.done, kind.total});
  }
  for (const store::RunningStatus& one : status.running) progress.running.push_back(one.text);
  progress.seconds_left = status.seconds_left(std::max(status.threads, 1)).value_or(kNotMeasured);
  return progress;
}

ReportData from_folder(const results::Summary& summary, const store::Store& store,
                       const std::filesystem::path& folder) {
  ReportData data = from_study(summary, store);
  const std::filesystem::path path = store::search_store_path(folder);
  if (!std::filesystem::exists(path)) return data;
  const auto search = store::Store::open_existing(path);
  data.search_budget = search.fact("budget").value_or("");
  std::map<std::string, std::vector<experiment::Objectives>> objectives;
  for (const store::SearchTrial& trial : search.trials()) {
    objectives[trial.strategy].push_back(store::objectives_of(trial));
    data.trials.push_back({trial.strategy, trial.recipe, trial.weight_bytes, trial.arena_bytes,
                           trial.macs, trial.clean, trial.robust, false});
  }
  std::size_t first = 0;  // trials come strategy by strategy
  for (const auto& [strategy, all] : objectives) {
    for (const std::size_t i : experiment::pareto_front(all)) data.trials[first + i].front = true;
    first += all.size();
  }
  return data;
}

}  // namespace edgeproof::report
