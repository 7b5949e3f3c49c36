#pragma once

// The configuration of a study: everything that decides its results, and the claims that they are
// to be held against. What does neither (threads, folders) is given on the command line.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiment/claim.h"
#include "experiment/fault_choice.h"
#include "experiment/variants.h"
#include "faults/training.h"
#include "signal/pipeline.h"
#include "signal/readers/settings.h"
#include "signal/windows.h"
#include "train/augment.h"
#include "train/trainer.h"

namespace edgeproof::experiment {

struct DataConfig {
  std::string source = "imu";  // one of signal/readers/registry.h
  signal::Settings settings;   // the source's own keys
  double resample_hz = 0;
};

struct WindowConfig {
  double length = 128;
  double hop = 64;
  std::string unit = "samples";
  double purity = 0.5;
  double event_offset = -1;
};

// Bounds of epochs that come from steps.
struct EpochBounds {
  int min = 0, max = 0;
};
inline constexpr EpochBounds kTrainEpochs{5, 200};
inline constexpr EpochBounds kFinetuneEpochs{2, 80};

struct FineTuneConfig {
  int epochs = 0;  // 0: from the steps (budget.h)
  int steps = 600;
  double learning_rate = 5e-4;
};

struct FaultTrainingConfig {
  FaultChoice choice;
  faults::Sampling sampling = faults::Sampling::uniform;
  double clean_share = 0.5;
};

struct QuantizeConfig {
  std::string calibration = "min_max";
  double percentile = 99.99;
  int windows = 512;
};

struct SearchConfig {
  std::string base = "train(faults=true)";
  std::string finish = "qat(faults=true, calibration=min_max)";
  int trials = 40;
  int epochs = 0;  // 0: a quarter of those of [finetune]
  int population = 12;
  int windows = 1000;
};

struct FaultsConfig {
  FaultChoice choice;
  std::vector<std::int64_t> severities = {1, 2, 3, 4, 5};
  int realizations = 1;
  std::int64_t seed = 1;
};

struct Config {
  std::string name;  // empty: title() is the data's source
  std::vector<std::int64_t> seeds = {1, 2, 3};
  std::vector<std::string> variants;  // default: all
  DataConfig data;
  WindowConfig window;
  signal::SplitOptions split;
  signal::Imputation imputation = signal::Imputation::hold;
  std::string architecture = "cnn";
  std::string onnx;  // empty: the architecture, untrained
  // As it is named: epochs and batch_size of 0 come from the data (budget.h).
  train::TrainOptions train;
  int train_steps = 1500;
  train::AugmentOptions augment;
  FineTuneConfig finetune;
  FaultTrainingConfig fault_training;
  QuantizeConfig quantize;
  double prune_ratio = 0.5;
  SearchConfig search;
  FaultsConfig faults;
  int resamples = 2000;
  int agreement_windows = 128;
  int latency_runs = 2000;
  std::vector<std::string> device_targets;

  std::map<std::string, std::string> recipes;  // further variants: name to recipe
  std::map<std::string, std::string> against;  // what they are compared with besides fp32

  std::vector<Claim> claims;

  Config();
  const std::string& title() const { return name.empty() ? data.source : name; }
  // The built-in variants and those of `recipes`. Errors as of Variants.
  Variants all_variants() const { return {recipes, against, !onnx.empty()}; }
};

// The same with only the last part of each path in [data] and [model]: what may travel with a
// model.
Config without_folders(Config config);

// A key of the configuration, with its value as TOML has it.
struct Setting {
  std::string section, key, value;
};

}  // namespace edgeproof::experiment
