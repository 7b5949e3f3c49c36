#pragma once

// The result store: one SQLite file, written as results arrive, each under its job's key (job.h).
//
// What is put at once is one transaction, so that a study killed at any moment resumes with the
// jobs it had finished, and ends with the same rows. Results are read by what the current
// configuration calls them: its plan, which says whose keys they are. What is measured on the
// machine (latency, seconds) is kept apart from what is a pure function of configuration and data.
// docs/store.md has the schema.
//
// One thread at a time; guard it if jobs finish on several. Several processes may have it open.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "compress/diagnose.h"
#include "store/facts.h"
#include "store/job.h"
#include "store/trials.h"
#include "train/trainer.h"

namespace edgeproof::store {

// What a training said of its epochs, and which of them was kept (from 1).
struct TrainingLog {
  int best_epoch = 0;
  std::vector<train::EpochLog> epochs;
};

struct TrainedModel {
  std::string onnx;  // FP32, not folded; with its ranges if quantization-aware
  int best_epoch = 0;
  std::vector<train::EpochLog> log;
};

struct DeployedModel {
  std::string onnx;  // the network that runs on the device, without its pipeline
  std::int64_t macs = 0, weight_bytes = 0, coded_weight_bytes = 0, arena_bytes = 0;
  std::vector<std::string> nodes;  // of the deployed graph
};

// Labels of a fake-quantized network and of its integer program.
struct Agreement {
  std::int64_t same = 0, windows = 0;
};

struct Evaluation {
  std::vector<std::uint8_t> labels;           // predicted, one per test window
  double ece = 0;                             // docs/metrics.md
  std::vector<std::int64_t> clipped, values;  // per node; empty for FP32
  std::int64_t correct = 0;
  double macro_f1 = 0;
  std::optional<Agreement> agreement;  // of quantization-aware variants
};

struct Latency {
  double median_us = 0, p99_us = 0;
  int runs = 0;
  bool disturbed = false;  // the machine was busy: it may be less (targets/quiet_rounds.h)
};

// On a microcontroller, emulated (targets/device.h).
struct DeviceCost {
  std::int64_t instructions = 0;  // of one inference
  std::int64_t cycles = 0;        // estimated; 0 where there is no estimate
  std::int64_t flash_bytes = 0, ram_bytes = 0;
};

// What a job of each kind makes, in the order of JobKind.
using Result =
    std::variant<TrainedModel, DeployedModel, Evaluation, compress::Diagnosis, Latency, DeviceCost>;

struct Finished {
  Job job;
  Result result;
  double seconds = 0;  // that one thread was busy with it; 0: not measured
};

// How long a job took, wherever it was done.
struct Timed {
  JobKind kind = JobKind::training;
  std::string name;
  double cost = 1, seconds = 0;  // of one thread
};

// A task that a process is at.
struct Running {
  std::string key;  // of its first job
  std::string host;
  int process = 0;  // its id there
  int threads = 1, jobs = 1;
  double since = 0;  // seconds since 1970
  double share = 0;  // how much of it is done, 0 to 1
};

// Results of configurations that a store held before the current one.
struct Unused {
  std::map<JobKind, std::int64_t> results = {};  // how many there are of each kind
  std::int64_t bytes = 0;                        // of what is stored of them
};

// The test split: what predictions are compared with.
struct TestSet {
  std::vector<std::uint8_t> labels;
  std::vector<std::int32_t> groups;
  std::vector<std::string> classes;
};

// The store of the study in the folder.
std::filesystem::path store_path(const std::filesystem::path& output);

struct Database;  // database.h

class Store {
 public:
  // Opens or makes the file. Error io naming it if SQLite refuses.
  explicit Store(const std::filesystem::path& path);
  // Opens an existing one, to read unless it says so. Error io if there is none, bad_input if it is
  // no study.
  static Store open_existing(const std::filesystem::path& path, bool to_change = false);
  ~Store();
  Store(Store&&) noexcept;

  // Makes a configuration the current one: its facts, test split and jobs, instead of those before.
  // Results stay. This object keeps to this plan, whatever another process makes current.
  void set_study(const StudyFacts& facts, const TestSet& test, const std::vector<Job>& plan);

  // The jobs alone.
  void set_plan(const std::vector<Job>& plan);

  // Nothing if no study has been made current.
  std::optional<StudyFacts> facts() const;
  // One of the facts that are texts (docs/store.md), also of a search.
  std::optional<std::string> fact(const std::string& key) const;
  void set_facts(const std::map<std::string, std::string>& facts);
  TestSet test_set() const;
  const std::vector<Job>& plan() const;  // with keys, without needs if it was read from the file

  bool has(const Job& job) const;
  // All of it or nothing. What is there already stays.
  void put(std::span<const Finished> all);

  // Deletes the latencies of the current plan that a busy machine has disturbed; says how many.
  int forget_disturbed();

  // Counts the results that no job of the current plan names.
  Unused unused() const;
  // Deletes them, and makes the file smaller. Error io while another process uses the store.
  Unused prune();

  // The ONNX file of a trained or deployed model. Error bad_input if there is none of this key.
  std::string model(const std::string& key) const;

  std::vector<Timed> timed() const;
  // What processes say they are at. One that was killed cannot take it back: those of this host
  // that are no longer there are left out.
  std::vector<Running> running() const;
  void set_running(const Running& running);
  void end_running(const Running& running);
  void forget_ended();  // those of this host that are no longer there

  // By the names of the current plan. Error bad_input if it is not there (yet).
  TrainedModel trained(const std::string& training, std::int64_t seed) const;
  // Nothing if it is not there.
  std::optional<TrainingLog> training_log(const std::string& training, std::int64_t seed) const;
  DeployedModel deployed(const std::string& variant, std::int64_t seed) const;
  Evaluation evaluation(const std::string& variant, std::int64_t seed,
                        const experiment::Condition& on) const;
  // Nothing if it is not there.
  std::optional<Agreement> agreement(const std::string& variant, std::int64_t seed,
                                     const experiment::Condition& on) const;
  // Of integer variants, on the first seed.
  std::optional<compress::Diagnosis> diagnosis(const std::string& variant,
                                               const experiment::Condition& on) const;
  std::optional<Latency> latency(const std::string& variant) const;
  std::optional<DeviceCost> device_cost(const std::string& variant,
                                        const std::string& target) const;

  // All of a search's, by strategy and number.
  std::vector<SearchTrial> trials() const;
  void put_trials(const std::vector<SearchTrial>& trials);

 private:
  explicit Store(std::unique_ptr<Database> database);
  void read_plan();
  // The key of the job; nothing if the plan has none of this name.
  std::optional<std::string> key_of(const JobId& id) const;
  std::optional<std::string> any_seed(JobKind kind, const std::string& variant,
                                      const Place& on) const;

  std::unique_ptr<Database> database_;
};

}  // namespace edgeproof::store
