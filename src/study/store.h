#pragma once

// The result store: one SQLite file, written as results arrive.
//
// Every job's results are one transaction, so that a study killed at any moment resumes with the
// jobs it had finished, and ends with the same rows. What is measured on the machine (latency) is
// kept apart from what is a pure function of configuration and data. docs/store.md has the schema.
//
// One thread at a time; guard it if jobs finish on several.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compress/diagnose.h"
#include "train/trainer.h"

namespace edgeproof::study {

// What is shown to the models: the clean test split (severity 0) or one realization of a fault.
struct Condition {
  std::string fault = "clean";
  int severity = 0;
  int realization = 0;
  auto operator<=>(const Condition&) const = default;
};

// Clean first, then fault by fault, severity by severity, realization by realization.
std::vector<Condition> all_conditions(const std::vector<std::string>& faults,
                                      const std::vector<std::int64_t>& severities,
                                      int realizations);

struct TrainedModel {
  std::string onnx;  // FP32, not folded; with its ranges if quantization-aware
  int best_epoch = 0;
  std::vector<train::EpochLog> log;
};

struct DeployedModel {
  std::string onnx;  // what runs on the device
  std::int64_t macs = 0, weight_bytes = 0, coded_weight_bytes = 0, arena_bytes = 0;
  std::vector<std::string> nodes;  // of the deployed graph
};

struct Evaluation {
  std::vector<std::uint8_t> labels;           // predicted, one per test window
  double ece = 0;                             // docs/metrics.md
  std::vector<std::int64_t> clipped, values;  // per node; empty for FP32
};

struct Latency {
  double median_us = 0, p99_us = 0;
  int runs = 0;
};

struct Agreement {
  std::int64_t same = 0, windows = 0;
};

// A candidate that a search has tried (search.h).
struct SearchTrial {
  std::string strategy;
  int number = 0;  // from 0, in the order tried
  std::vector<int> genome;
  std::string recipe;
  std::int64_t weight_bytes = 0, arena_bytes = 0, macs = 0;
  double clean = 0, robust = 0;  // accuracy on validation windows
};

// The test split: what predictions are compared with.
struct TestSet {
  std::vector<std::uint8_t> labels;
  std::vector<std::int32_t> groups;
  std::vector<std::string> classes;
};

class Store {
 public:
  // Opens or makes the file. Error io naming it if SQLite refuses.
  explicit Store(const std::filesystem::path& path);
  // Opens an existing one to read. Error io if there is none, bad_input if it is no study.
  static Store open_existing(const std::filesystem::path& path);
  ~Store();
  Store(Store&&) noexcept;

  // Facts about the study: config, data_checksum, version, machine, …
  std::optional<std::string> fact(const std::string& key) const;
  void set_facts(const std::map<std::string, std::string>& facts);

  void put_test_set(const TestSet& test);
  TestSet test_set() const;

  bool has_trained(const std::string& training, std::int64_t seed) const;
  TrainedModel trained(const std::string& training, std::int64_t seed) const;
  void put_trained(const std::string& training, std::int64_t seed, const TrainedModel& model);

  bool has_deployed(const std::string& variant, std::int64_t seed) const;
  DeployedModel deployed(const std::string& variant, std::int64_t seed) const;
  void put_deployed(const std::string& variant, std::int64_t seed, const DeployedModel& model);

  bool has_evaluation(const std::string& variant, std::int64_t seed, const Condition& on) const;
  Evaluation evaluation(const std::string& variant, std::int64_t seed, const Condition& on) const;
  // All evaluations of one condition at once.
  struct Evaluated {
    std::string variant;
    std::int64_t seed = 0;
    Evaluation result;
    std::optional<Agreement> agreement;
  };
  void put_evaluations(const Condition& on, const std::vector<Evaluated>& all);

  // Of the labels of fake-quantized training and of the integer program; nothing for other
  // variants.
  std::optional<Agreement> agreement(const std::string& variant, std::int64_t seed,
                                     const Condition& on) const;

  // Of integer variants, on the first seed; all of one condition at once.
  std::optional<compress::Diagnosis> diagnosis(const std::string& variant,
                                               const Condition& on) const;
  void put_diagnoses(const Condition& on, const std::map<std::string, compress::Diagnosis>& all);

  // All of a search's, by strategy and number.
  std::vector<SearchTrial> trials() const;
  void put_trials(const std::vector<SearchTrial>& trials);

  std::optional<Latency> latency(const std::string& variant) const;
  void put_latency(const std::string& variant, const Latency& latency);

 private:
  struct Database;
  explicit Store(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace edgeproof::study
