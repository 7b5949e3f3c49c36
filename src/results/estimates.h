#pragma once

// The metrics that claims may name, on all the data and on each bootstrap resample.

#include <memory>
#include <string>
#include <vector>

#include "experiment/config.h"
#include "results/resampling.h"
#include "store/store.h"

namespace edgeproof::results {

// A number, and what it is on each resample: nothing if it is the same on all.
struct Estimate {
  double point = 0;
  std::vector<double> drawn;
};

// NaN where the study has not measured it yet.
store::Latency latency_of(const store::Store& store, const std::string& variant);

experiment::Costs costs_of(const store::DeployedModel& model, const store::Latency& latency);

class Estimator {
 public:
  // `variants`: those that estimates of predictions will be asked of. All must outlive it.
  Estimator(const experiment::Config& config, const Predictions& predictions,
            const store::Store& store, const std::vector<std::string>& variants, int resamples,
            int threads);

  // The same for any number of threads. Error bad_input if it has not been measured.
  Estimate estimate(const experiment::MetricCall& call) const;

 private:
  double cost(const experiment::MetricCall& call) const;
  double of_samples(const experiment::MetricCall& call, const Sample& sample,
                    const Sample& baseline) const;
  double mean_of_cells(const experiment::MetricCall& call, const std::vector<double>& cells) const;
  std::vector<std::size_t> conditions(const experiment::MetricCall& call) const;
  template <typename Function>
  Estimate resampled(const Function& of_weights) const;
  Estimate f1(const experiment::MetricCall& call) const;
  Estimate calibration_error(const experiment::MetricCall& call) const;

  const experiment::Config& config_;
  const Predictions& p_;
  const store::Store& store_;
  int resamples_, threads_;
  Resampler resampler_;
  std::unique_ptr<Bootstrap> bootstrap_;
};

}  // namespace edgeproof::results
