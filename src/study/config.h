#pragma once

// The configuration of a study: everything that decides its results, and nothing else. What does
// not (threads, folders) is given on the command line.
//
// One list of keys (visit, in config_keys.h) serves the strict reader, the writer with its
// comments, and the record in the result store, so that `edgeproof study --print-config` cannot be
// wrong.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signal/pipeline.h"
#include "signal/windows.h"
#include "train/trainer.h"

namespace edgeproof::study {

struct DataConfig {
  std::string source = "imu";
  std::string path;                // of uci_har, csv and npz
  std::vector<std::string> paths;  // of further csv files
  double rate_hz = 0;
  std::string time_column;
  std::vector<std::string> channels;
  std::vector<std::string> units;
  std::vector<std::string> derived_from;
  std::string label_column = "label";
  std::string group_column;
  std::string separator = ",";
  std::string x_array = "x", y_array = "y", groups_array;
  bool channels_first = false;
  std::int64_t seed = 1;
};

struct WindowConfig {
  double length = 128;
  double hop = 64;
  std::string unit = "samples";
  double purity = 0.5;
};

struct FineTuneConfig {
  int epochs = 8;
  double learning_rate = 5e-4;
};

struct FaultTrainingConfig {
  std::string suite = "core";
  double clean_share = 0.5;
};

struct QuantizeConfig {
  std::string calibration = "min_max";
  double percentile = 99.99;
  int windows = 512;
};

struct FaultsConfig {
  std::string suite = "core";
  std::vector<std::int64_t> severities = {1, 2, 3, 4, 5};
  int realizations = 1;
  std::int64_t seed = 1;
};

struct Config {
  std::string name = "imu";
  std::vector<std::int64_t> seeds = {1, 2, 3};
  std::vector<std::string> variants;  // default: all
  DataConfig data;
  WindowConfig window;
  signal::SplitOptions split;
  signal::Imputation imputation = signal::Imputation::hold;
  std::string architecture = "cnn";
  train::TrainOptions train;
  double rotation_deg = 0;
  FineTuneConfig finetune;
  FaultTrainingConfig fault_training;
  QuantizeConfig quantize;
  double prune_ratio = 0.5;
  FaultsConfig faults;
  int resamples = 2000;
  int latency_runs = 2000;

  Config();
};

// Error bad_config naming file, line and key: an unknown key (with a suggestion), a wrong type, a
// value out of range.
Config read_config(const std::filesystem::path& path);
Config parse_config(std::string_view toml, const std::string& source_name);

// Every key with its value and what it means; read_config() of it gives the same Config.
std::string to_toml(const Config& config);

}  // namespace edgeproof::study
