#pragma once

// Running every deployed model of a study on the clean test split and under every fault.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/models.h"

namespace edgeproof::engine {

// What the store's predictions are compared with.
store::TestSet test_set_of(const signal::Dataset& dataset);

// Evaluates deployed models, which it keeps.
class Evaluator {
 public:
  Evaluator(const experiment::Materials& materials, ModelSource models);
  ~Evaluator();

  // The jobs are evaluations on one condition, which is realized once and shown to all models. For
  // quantization-aware variants the labels of the fake-quantized network are compared, too.
  std::vector<store::Evaluation> evaluate(std::span<const store::Job> jobs, int threads);

 private:
  struct Model;
  const Model& model(const store::JobId& job);

  const experiment::Materials& m_;
  ModelSource source_;
  experiment::FaultList faults_;
  store::TestSet test_;
  std::map<std::pair<std::string, std::int64_t>, std::unique_ptr<Model>> models_;
};

// Host latencies of deployed models, which take turns: one for each of these jobs.
std::vector<store::Latency> measure_latencies(const experiment::Materials& materials,
                                              const ModelSource& models,
                                              std::span<const store::Job> jobs);

// What a deployed model costs on a device. Errors as of targets::measure_on_device().
store::DeviceCost measure_device(const ModelSource& models, const store::JobId& job);

}  // namespace edgeproof::engine
