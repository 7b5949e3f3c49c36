#include "engine/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "core/host.h"
#include "core/parallel.h"
#include "core/text.h"
#include "edgeproof/version.h"
#include "engine/evaluate.h"
#include "engine/models.h"
#include "engine/plan.h"
#include "engine/ranks.h"
#include "engine/runner.h"
#include "experiment/config_file.h"
#include "experiment/data.h"
#include "experiment/start.h"
#include "signal/pipeline.h"
#include "signal/split.h"
#include "signal/split_check.h"
#include "store/store.h"

namespace edgeproof::engine {
namespace {

std::vector<std::string> findings_of(const signal::Dataset& dataset) {
  std::vector<std::string> findings;
  for (signal::SplitFinding& finding : signal::check_split(dataset)) {
    findings.push_back(std::move(finding.text));
  }
  return findings;
}

// Says what is trained and tested on, and what is wrong with it, before hours are spent on it.
void say_split(const experiment::Config& config, const signal::Dataset& dataset,
               const std::vector<std::string>& findings) {
  fmt::print(stderr, "split of {}: {}; {} windows train, {} validate, {} test\n",
             dataset.source.name, signal::split_text(dataset.source, config.split),
             dataset.train.size(), dataset.validation.size(), dataset.test.size());
  for (const std::string& finding : findings) fmt::print(stderr, "warning: {}\n", finding);
}

// Collects what reports and exports need besides the results.
store::StudyFacts facts_of(const experiment::Materials& m, const experiment::Start& start,
                           const experiment::FaultList& faults) {
  const signal::RecordingSet& source = m.dataset.source;
  const experiment::Budgets budgets = experiment::budgets_of(m.config, std::ssize(m.dataset.train));
  const auto parent = start.facts.find("model_checksum");
  store::StudyFacts facts{
      .config = experiment::to_toml(m.config),
      .claims = {},
      .metadata = metadata_of(m, parent == start.facts.end() ? "" : parent->second),
      .data_name = source.name,
      .data_checksum = source.checksum,
      .rate_hz = source.rate_hz,
      .channels = {},
      .groups = std::ssize(source.group_names),
      .window_length = m.dataset.window_length,
      .train_windows = std::ssize(m.dataset.train),
      .validation_windows = std::ssize(m.dataset.validation),
      .test_windows = std::ssize(m.dataset.test),
      .split = signal::split_text(source, m.config.split),
      .split_findings = {},
      .batch_size = budgets.train.batch_size,
      .steps_per_epoch = budgets.train.steps_per_epoch,
      .train_epochs = budgets.train.epochs,
      .finetune_epochs = budgets.finetune.epochs,
      .version = EDGEPROOF_VERSION,
      .processor = processor_name(),
      .cores = available_cores(),
      .network = start.facts,
      .not_applicable = {}};
  for (const signal::Channel& channel : source.channels) {
    facts.channels.push_back(
        channel.unit.empty() ? channel.name : fmt::format("{} ({})", channel.name, channel.unit));
  }
  for (const auto& [name, reason] : faults.others) facts.not_applicable.push_back({name, reason});
  return facts;
}

}  // namespace

PlannedStudy plan_study(const experiment::Config& config, const std::filesystem::path& base) {
  const signal::Dataset dataset = experiment::load_dataset(config, base);
  say_split(config, dataset, findings_of(dataset));
  const experiment::Start start = experiment::find_start(config, dataset, base);
  const experiment::Materials materials{config, dataset, start.pipeline, start.trained_network()};
  check_models(materials);
  return {plan_of(materials), experiment::budgets_of(config, std::ssize(dataset.train))};
}

bool run_study(const experiment::Config& study, const RunOptions& options) {
  experiment::Config config = study;
  config.claims.clear();  // nothing that is stored depends on them
  std::optional<Ranks> ranks;
  if (started_as_rank()) ranks.emplace();
  const bool first = !ranks || ranks->rank() == 0;
  const signal::Dataset dataset = experiment::load_dataset(config, options.base);
  const experiment::Start start = experiment::find_start(config, dataset, options.base);
  const experiment::Materials materials{config, dataset, start.pipeline, start.trained_network()};
  const experiment::FaultList faults =
      experiment::applicable_faults(config.faults.choice, dataset, start.pipeline);
  check_models(materials);
  const std::vector<store::Job> plan = plan_of(materials);
  if (!first) {
    ranks->work(materials, plan, options.threads);
    return false;
  }
  for (const auto& [name, reason] : faults.others) {
    fmt::print(stderr, "fault '{}' does not apply: {}\n", name, reason);
  }
  make_writable_directory(options.output);
  store::Store store(store::store_path(options.output));
  auto facts = facts_of(materials, start, faults);
  facts.claims = experiment::to_toml(study.claims);
  facts.split_findings = findings_of(dataset);
  if (!store.fact("config") && start.network && !start.has_statistics) {
    fmt::print(stderr,
               "'onnx' in [model] has no statistics in its metadata: those of the training windows "
               "are used\n");
  }
  const bool trains = std::ranges::any_of(plan, [&](const store::Job& job) {
    return job.id.kind == store::JobKind::training && !store.has(job);
  });
  if (trains) {
    say_split(config, dataset, facts.split_findings);
    fmt::print(stderr, "{}\n",
               experiment::text_of(experiment::budgets_of(config, std::ssize(dataset.train))));
  }
  const store::TestSet test = test_set_of(dataset);
  store.set_study(facts, test, plan);
  if (options.retime) {
    fmt::print(stderr, "latencies to measure again: {}\n", store.forget_disturbed());
  }
  if (options.on_begin) options.on_begin();
  if (ranks && ranks->count() > 1) {
    ranks->run_plan(materials, store, options.threads);
  } else {
    run_plan(materials, store, options.threads);
  }
  store.set_study(facts, test, plan);  // if another process has made another one current
  return true;
}

}  // namespace edgeproof::engine
