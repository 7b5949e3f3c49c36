#pragma once

// For tests only: a finished study of made-up results in a store.

#include <filesystem>

#include "study/config.h"
#include "study/diagnosis.h"
#include "study/store.h"

namespace edgeproof::study {

// Variants fp32 and qat_int8, two seeds, twelve windows of two classes: fp32 is wrong on the first
// `severity` windows under every fault, qat_int8 on none.
inline Store finished_study(const std::filesystem::path& file) {
  Config config;
  config.name = "made up";
  config.seeds = {1, 2};
  config.variants = {"fp32", "qat_int8"};
  config.resamples = 100;
  Store store(file);
  store.set_facts({{"config", to_toml(config)},
                   {"data_checksum", "0123"},
                   {"data_name", "none"},
                   {"rate_hz", "50"},
                   {"channels", "x (g)"},
                   {"validation_windows", "8"},
                   {"test_windows", "12"},
                   {"version", "0"}});
  TestSet test{{}, {}, {"a", "b"}};
  for (int w = 0; w < 12; ++w) {
    test.labels.push_back(static_cast<std::uint8_t>(w % 2));
    test.groups.push_back(w / 4);
  }
  store.put_test_set(test);
  for (const std::string& variant : config.variants) {
    const bool int8 = variant != "fp32";
    for (const auto seed : config.seeds) {
      store.put_deployed(variant, seed,
                         {"model", 1000, int8 ? 100 : 400, int8 ? 80 : 400, 64, {"input", "conv"}});
    }
    store.put_latency(variant, {int8 ? 2.0 : 4.0, 5.0, 1000});
  }
  std::vector<std::string> faults;
  for (const auto& fault : named_faults(config.faults.choice)) faults.push_back(fault.name);
  for (const Condition& on : all_conditions(faults, config.faults.severities, 1)) {
    std::vector<Store::Evaluated> all;
    for (const auto seed : config.seeds) {
      Evaluation wrong{test.labels, 0.1, {}, {}};
      for (int w = 0; w < on.severity; ++w) wrong.labels[w] ^= 1;
      all.push_back({"fp32", seed, wrong, {}});
      all.push_back(
          {"qat_int8", seed, {test.labels, 0.1, {0, on.severity}, {10, 100}}, Agreement{12, 12}});
    }
    store.put_evaluations(on, all);
  }
  for (const Condition& on : diagnosis_conditions(faults, config.faults.severities)) {
    compress::Diagnosis d{.windows = 8, .output_db = 20, .agreement = 0.5, .blamed = 1};
    d.layers = {{.name = "input", .op = "input", .sqnr_db = 30, .alone_db = 28},
                {.name = "conv", .op = "conv1d", .sqnr_db = 30.0 - on.severity, .alone_db = 18}};
    store.put_diagnoses(on, {{"qat_int8", d}});
  }
  return store;
}

}  // namespace edgeproof::study
