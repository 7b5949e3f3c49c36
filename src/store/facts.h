#pragma once

// What a store knows of its study besides jobs and results: for reports, comparisons and exports.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace edgeproof::store {

// A fault of the configuration that the data set cannot have.
struct NotApplicable {
  std::string fault, reason;
};

struct StudyFacts {
  std::string config;  // TOML, without its claims
  std::string claims;  // TOML
  // What an exported model carries besides its network (formats/metadata.h), but for its seed.
  std::map<std::string, std::string> metadata;
  std::string data_name, data_checksum;
  double rate_hz = 0;
  std::vector<std::string> channels;  // "ax (g)"
  std::int64_t groups = 0;            // people, machines or patients
  std::int64_t window_length = 0;     // samples
  std::int64_t train_windows = 0, validation_windows = 0, test_windows = 0;
  std::string split;                        // in words (signal/split.h)
  std::vector<std::string> split_findings;  // what is wrong with it (signal/split_check.h)
  // What trainings have where their recipe does not say otherwise (experiment/budget.h).
  std::int64_t batch_size = 0, steps_per_epoch = 0, train_epochs = 0, finetune_epochs = 0;
  std::string version;    // of edgeproof
  std::string processor;  // of the machine that began the study
  int cores = 0;
  // Of the network of [model] onnx: model_checksum and network_checksum (experiment/start.h).
  std::map<std::string, std::string> network = {};
  std::vector<NotApplicable> not_applicable = {};
};

}  // namespace edgeproof::store
