#include "study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/text.h"
#include "signal/pipeline.h"
#include "study/data.h"
#include "study/diagnosis.h"
#include "study/evaluate.h"
#include "study/models.h"
#include "study/start.h"
#include "study/store.h"

namespace edgeproof::study {
namespace {

// The first line of the configuration in which two studies differ.
std::string difference(const std::string& stored, const std::string& now) {
  const auto a = split(stored, '\n'), b = split(now, '\n');
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i] != b[i]) return fmt::format("'{}' there, '{}' here", a[i], b[i]);
  }
  return "their keys differ";
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return std::string(trim(line.substr(line.find(':') + 1)));
  }
  return "unknown processor";
}

// A folder belongs to one configuration, one state of the data and one version.
void claim(Store& store, const std::filesystem::path& output, const std::string& config,
           const signal::Dataset& dataset, const Start& start, const FaultList& faults) {
  const auto refuse = [&](std::string_view what, const std::string& detail) {
    fail(ErrorCode::bad_config,
         "{}: holds a study with another {} ({}); choose another folder with -o", output.string(),
         what, detail);
  };
  const signal::RecordingSet& source = dataset.source;
  if (const auto stored = store.fact("config")) {
    if (*stored != config) refuse("configuration", difference(*stored, config));
    if (store.fact("data_checksum") != source.checksum) {
      refuse("data set",
             fmt::format("checksum {} there, {} here", store.fact("data_checksum").value_or("none"),
                         source.checksum));
    }
    for (const auto& [key, value] : start.facts) {
      const std::string there = store.fact(key).value_or("none");
      if (there != value)
        refuse("model file", fmt::format("{} {} there, {} here", key, there, value));
    }
    if (store.fact("version") != EDGEPROOF_VERSION) {
      refuse("version of edgeproof",
             fmt::format("{} there, {} here", store.fact("version").value_or("none"),
                         EDGEPROOF_VERSION));
    }
    return;
  }
  std::vector<std::string> channels;
  for (const signal::Channel& channel : source.channels) {
    channels.push_back(channel.unit.empty() ? channel.name
                                            : fmt::format("{} ({})", channel.name, channel.unit));
  }
  std::vector<std::string> others;
  for (const auto& [name, reason] : faults.others) others.push_back(name + "\t" + reason);
  store.put_test_set(test_set_of(dataset));
  std::map<std::string, std::string> facts = {
      {"config", config},
      {"data_checksum", source.checksum},
      {"version", EDGEPROOF_VERSION},
      {"data_name", source.name},
      {"rate_hz", fmt::format("{}", source.rate_hz)},
      {"channels", join(channels, "\n")},
      {"not_applicable", join(others, "\n")},
      {"groups", fmt::format("{}", source.group_names.size())},
      {"window_length", fmt::format("{}", dataset.window_length)},
      {"train_windows", fmt::format("{}", dataset.train.size())},
      {"validation_windows", fmt::format("{}", dataset.validation.size())},
      {"test_windows", fmt::format("{}", dataset.test.size())},
      {"processor", processor()},
      {"cores", fmt::format("{}", available_cores())}};
  facts.insert(start.facts.begin(), start.facts.end());
  store.set_facts(facts);
  if (start.network && !start.has_statistics) {
    fmt::print(stderr,
               "'onnx' in [model] has no statistics in its metadata: those of the training windows "
               "are used\n");
  }
}

}  // namespace

std::filesystem::path store_path(const std::filesystem::path& output) {
  return output / "study.db";
}

void run_study(const Config& study, const RunOptions& options) {
  Config config = study;
  config.claims.clear();  // nothing that is stored depends on them
  const signal::Dataset dataset = load_dataset(config, options.base);
  const Start start = find_start(config, dataset, options.base);
  const Materials materials{config, dataset, start.pipeline, start.trained_network()};
  const FaultList faults = applicable_faults(config.faults.choice, dataset, start.pipeline);
  for (const auto& [name, reason] : faults.others) {
    fmt::print(stderr, "fault '{}' does not apply: {}\n", name, reason);
  }
  check_models(materials);
  make_writable_directory(options.output);
  Store store(store_path(options.output));
  claim(store, options.output, to_toml(config), dataset, start, faults);
  store.set_facts({{"claims", to_toml(study.claims)}});
  train_models(materials, store, options.threads);
  deploy_models(materials, store, options.threads);
  evaluate_models(materials, store, options.threads);
  diagnose_models(materials, store, options.threads);
  measure_latencies(materials, store);
}

}  // namespace edgeproof::study
