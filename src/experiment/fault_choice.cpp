#include "experiment/fault_choice.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/parallel.h"
#include "faults/injector.h"

namespace edgeproof::experiment {

std::vector<faults::Fault> named_faults(const FaultChoice& choice) {
  std::vector<faults::Fault> faults;
  if (choice.suite != "none") {
    const auto suite = faults::suite(choice.suite);
    faults.assign(suite.begin(), suite.end());
  }
  for (const std::string& text : choice.list) faults.push_back(faults::parse_fault(text));
  std::set<std::string> names = {"clean"};
  for (const faults::Fault& fault : faults) {
    if (!names.insert(fault.name).second) {
      fail(ErrorCode::bad_config,
           "fault '{0}' is there twice; give one of them another name, such as 'my_{0}: ...'",
           fault.name);
    }
  }
  if (faults.empty()) fail(ErrorCode::bad_config, "there is no fault: give a suite or a list");
  return faults;
}

FaultList applicable_faults(const FaultChoice& choice, const signal::Dataset& dataset,
                            const signal::Pipeline& pipeline) {
  const faults::Context context = fault_context(dataset, pipeline, 0);
  int longest = 0;
  for (const signal::Recording& recording : dataset.source.recordings) {
    longest = std::max(longest, recording.length());
  }
  FaultList list;
  for (faults::Fault& fault : named_faults(choice)) {
    if (const auto reason = faults::not_applicable(fault, context)) {
      list.others.emplace_back(fault.name, *reason);
      continue;
    }
    if (fault.from_s * context.rate_hz >= longest) {
      fail(ErrorCode::bad_config, "fault '{}' begins at {} s, but no recording is longer than {} s",
           fault.name, fault.from_s, longest / context.rate_hz);
    }
    list.applicable.push_back(std::move(fault));
  }
  if (list.applicable.empty()) {
    fail(ErrorCode::bad_config, "data set '{}' can have none of the faults; '{}': {}",
         dataset.source.name, list.others.front().first, list.others.front().second);
  }
  return list;
}

const faults::Fault* fault_of(const Condition& condition, const FaultList& list) {
  const auto found = std::ranges::find(list.applicable, condition.fault, &faults::Fault::name);
  return found == list.applicable.end() ? nullptr : &*found;
}

faults::Context fault_context(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
                              std::uint64_t seed) {
  const signal::RecordingSet& source = dataset.source;
  return {.rate_hz = source.rate_hz,
          .channels = source.channels,
          .triads = source.triads,
          .mean = pipeline.statistics.mean,
          .sd = pipeline.statistics.sd,
          .seed = seed};
}

signal::WindowSet faulty_windows(const signal::Dataset& dataset, const signal::Pipeline& pipeline,
                                 std::span<const signal::Window> windows,
                                 const faults::Fault* fault, int severity, std::uint64_t seed,
                                 int threads) {
  if (fault == nullptr) return signal::prepare(pipeline, dataset, windows);
  const signal::RecordingSet& source = dataset.source;
  std::vector<std::vector<float>> samples(source.recordings.size());
  for (const signal::Window& window : windows) {
    auto& copy = samples[static_cast<std::size_t>(window.recording)];
    if (copy.empty()) copy = source.recordings[static_cast<std::size_t>(window.recording)].samples;
  }
  const faults::Context context = fault_context(dataset, pipeline, seed);
  const std::vector<faults::Step> steps = faults::steps(*fault, severity, context);
  parallel_for(static_cast<int>(samples.size()), threads, [&](int i) {
    auto& recording = samples[static_cast<std::size_t>(i)];
    if (recording.empty()) return;
    faults::inject(steps, context, {recording, static_cast<std::uint32_t>(i)});
  });
  return signal::prepare(pipeline, dataset, windows, samples);
}

}  // namespace edgeproof::experiment
