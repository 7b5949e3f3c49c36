#pragma once

// For tests only: a finished study of made-up results in a store.

#include <filesystem>

#include "experiment/config_file.h"
#include "store/store.h"

namespace edgeproof::store {

// Variants fp32 and qat_int8, two seeds, twelve windows of two classes: fp32 is wrong on the first
// `severity` windows under every fault, qat_int8 on none.
inline Store finished_study(const std::filesystem::path& file) {
  experiment::Config config;
  config.name = "made up";
  config.seeds = {1, 2};
  config.variants = {"fp32", "qat_int8"};
  config.resamples = 100;
  Store store(file);
  TestSet test{{}, {}, {"a", "b"}};
  for (int w = 0; w < 12; ++w) {
    test.labels.push_back(static_cast<std::uint8_t>(w % 2));
    test.groups.push_back(w / 4);
  }
  std::vector<Finished> all;
  const auto put = [&](const JobId& id, Result result) {
    all.push_back({{id, id.text()}, std::move(result)});
  };
  for (const std::string& variant : config.variants) {
    const bool int8 = variant != "fp32";
    for (const auto seed : config.seeds) {
      put({JobKind::deployment, variant, seed},
          DeployedModel{"model", 1000, int8 ? 100 : 400, int8 ? 80 : 400, 64, {"input", "conv"}});
    }
    put({JobKind::latency, variant, 1}, Latency{int8 ? 2.0 : 4.0, 5.0, 1000});
  }
  std::vector<std::string> faults;
  for (const auto& fault : experiment::named_faults(config.faults.choice))
    faults.push_back(fault.name);
  for (const experiment::Condition& on :
       experiment::all_conditions(faults, config.faults.severities, 1)) {
    for (const auto seed : config.seeds) {
      Evaluation wrong{test.labels, 0.1, {}, {}, 12 - on.severity, 0.5};
      for (int w = 0; w < on.severity; ++w) wrong.labels[w] ^= 1;
      put({JobKind::evaluation, "fp32", seed, on}, wrong);
      put({JobKind::evaluation, "qat_int8", seed, on},
          Evaluation{test.labels, 0.1, {0, on.severity}, {10, 100}, 12, 1, Agreement{12, 12}});
    }
  }
  for (const experiment::Condition& on :
       experiment::diagnosis_conditions(faults, config.faults.severities)) {
    compress::Diagnosis d{.windows = 8, .output_db = 20, .agreement = 0.5, .blamed = 1};
    d.layers = {{.name = "input", .op = "input", .sqnr_db = 30, .alone_db = 28},
                {.name = "conv", .op = "conv1d", .sqnr_db = 30.0 - on.severity, .alone_db = 18}};
    put({JobKind::diagnosis, "qat_int8", 1, on}, d);
  }
  std::vector<Job> plan;
  for (const Finished& finished : all) plan.push_back(finished.job);
  store.set_study({.config = experiment::to_toml(config),
                   .claims = {},
                   .metadata = {},
                   .data_name = "none",
                   .data_checksum = "0123",
                   .rate_hz = 50,
                   .channels = {"x (g)"},
                   .train_windows = 100,
                   .validation_windows = 8,
                   .test_windows = 12,
                   .batch_size = 8,
                   .steps_per_epoch = 13,
                   .train_epochs = 90,
                   .finetune_epochs = 30,
                   .version = "0"},
                  test, plan);
  store.put(all);
  return store;
}

}  // namespace edgeproof::store
