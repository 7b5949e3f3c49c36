#include "study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "signal/pipeline.h"
#include "study/data.h"
#include "study/evaluate.h"
#include "study/models.h"
#include "study/plan.h"
#include "study/ranks.h"
#include "study/runner.h"
#include "study/start.h"
#include "study/store.h"

namespace edgeproof::study {
namespace {

// What the report and others want to know of the study besides its results.
std::map<std::string, std::string> facts_of(const Materials& m, const Start& start,
                                            const FaultList& faults) {
  const signal::RecordingSet& source = m.dataset.source;
  std::vector<std::string> channels;
  for (const signal::Channel& channel : source.channels) {
    channels.push_back(channel.unit.empty() ? channel.name
                                            : fmt::format("{} ({})", channel.name, channel.unit));
  }
  std::vector<std::string> others;
  for (const auto& [name, reason] : faults.others) others.push_back(name + "\t" + reason);
  std::map<std::string, std::string> facts = {
      {"config", to_toml(m.config)},
      {"metadata", nlohmann::json(metadata_of(m)).dump()},
      {"data_checksum", source.checksum},
      {"version", EDGEPROOF_VERSION},
      {"data_name", source.name},
      {"rate_hz", fmt::format("{}", source.rate_hz)},
      {"channels", join(channels, "\n")},
      {"not_applicable", join(others, "\n")},
      {"groups", fmt::format("{}", source.group_names.size())},
      {"window_length", fmt::format("{}", m.dataset.window_length)},
      {"train_windows", fmt::format("{}", m.dataset.train.size())},
      {"validation_windows", fmt::format("{}", m.dataset.validation.size())},
      {"test_windows", fmt::format("{}", m.dataset.test.size())},
      {"processor", processor_name()},
      {"cores", fmt::format("{}", available_cores())}};
  facts.insert(start.facts.begin(), start.facts.end());
  return facts;
}

}  // namespace

std::filesystem::path store_path(const std::filesystem::path& output) {
  return output / "study.db";
}

std::vector<Job> jobs_of_study(const Config& config, const std::filesystem::path& base) {
  const signal::Dataset dataset = load_dataset(config, base);
  const Start start = find_start(config, dataset, base);
  const Materials materials{config, dataset, start.pipeline, start.trained_network()};
  check_models(materials);
  return plan_of(materials);
}

bool run_study(const Config& study, const RunOptions& options) {
  Config config = study;
  config.claims.clear();  // nothing that is stored depends on them
  std::optional<Ranks> ranks;
  if (started_as_rank()) ranks.emplace();
  const bool first = !ranks || ranks->rank() == 0;
  const signal::Dataset dataset = load_dataset(config, options.base);
  const Start start = find_start(config, dataset, options.base);
  const Materials materials{config, dataset, start.pipeline, start.trained_network()};
  const FaultList faults = applicable_faults(config.faults.choice, dataset, start.pipeline);
  check_models(materials);
  const std::vector<Job> plan = plan_of(materials);
  if (!first) {
    ranks->work(materials, plan, options.threads);
    return false;
  }
  for (const auto& [name, reason] : faults.others) {
    fmt::print(stderr, "fault '{}' does not apply: {}\n", name, reason);
  }
  make_writable_directory(options.output);
  Store store(store_path(options.output));
  auto facts = facts_of(materials, start, faults);
  facts["claims"] = to_toml(study.claims);
  if (!store.fact("config") && start.network && !start.has_statistics) {
    fmt::print(stderr,
               "'onnx' in [model] has no statistics in its metadata: those of the training windows "
               "are used\n");
  }
  const TestSet test = test_set_of(dataset);
  store.set_study(facts, test, plan);
  if (options.on_begin) options.on_begin();
  if (ranks && ranks->count() > 1) {
    ranks->run_plan(materials, store, options.threads);
  } else {
    run_plan(materials, store, options.threads);
  }
  store.set_study(facts, test, plan);  // if another process has made another one current
  return true;
}

}  // namespace edgeproof::study
