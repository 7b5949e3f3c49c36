// Test: deployment_test.cpp.

#include "engine/deployment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "experiment/data.h"

namespace edgeproof::engine {
namespace {

std::string names_of(const std::vector<signal::Channel>& channels) {
  std::vector<std::string> names;
  for (const signal::Channel& channel : channels) names.push_back(channel.name);
  return join(names, ", ");
}

}  // namespace

std::optional<std::string> expect_same_sensors(const signal::RecordingSet& set,
                                               const formats::Deployment& deployment,
                                               const std::string& source,
                                               const std::string& model) {
  const std::string here = names_of(set.channels), there = names_of(deployment.channels);
  if (set.channels.size() != deployment.channels.size()) {
    fail(ErrorCode::bad_input, "channels of {}: {} ({}), {} takes {} ({})", source,
         set.channels.size(), here, model, deployment.channels.size(), there);
  }
  if (std::abs(set.rate_hz - deployment.rate_hz) > 0.01 * deployment.rate_hz) {
    fail(ErrorCode::bad_input,
         "{} has {:.6g} samples a second, {} takes {:.6g}; resample it with --set "
         "resample_hz={:.6g}",
         source, set.rate_hz, model, deployment.rate_hz, deployment.rate_hz);
  }
  if (here == there) return std::nullopt;
  return fmt::format("channels {} of {} are taken to be {} of {}", here, source, there, model);
}

signal::WindowOptions window_options(const experiment::Config& config,
                                     const signal::RecordingSet& set,
                                     const formats::Deployment& deployment) {
  signal::WindowOptions windows = experiment::window_options(config, set);
  if (!set.cut) {
    windows.length = deployment.window_length;
    windows.hop = deployment.hop;
  }
  return windows;
}

void expect_same_length(const signal::Dataset& dataset, const formats::Deployment& deployment,
                        const std::string& source, const std::string& model) {
  if (dataset.window_length != deployment.window_length) {
    fail(ErrorCode::bad_input, "{} has windows of {} samples, {} takes {}", source,
         dataset.window_length, model, deployment.window_length);
  }
}

signal::Dataset with_labels(signal::Dataset dataset, const std::vector<std::string>& labels,
                            const std::string& source, const std::string& model) {
  std::vector<int> number;  // in the model, of each class of the data set
  for (const std::string& name : dataset.source.classes) {
    const auto found = std::ranges::find(labels, name);
    if (found == labels.end()) {
      fail(ErrorCode::bad_input, "{} has the class '{}', {} knows {}", source, name, model,
           join(labels, ", "));
    }
    number.push_back(static_cast<int>(found - labels.begin()));
  }
  for (auto* part : {&dataset.train, &dataset.validation, &dataset.test}) {
    for (signal::Window& window : *part)
      window.label = number[static_cast<std::size_t>(window.label)];
  }
  dataset.source.classes = labels;
  return dataset;
}

}  // namespace edgeproof::engine
