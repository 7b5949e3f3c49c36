// Labels are counted anew for every window: one pass over its samples. Windows around events are in
// the events' order.

#include "signal/windows.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/error.h"
#include "signal/split.h"

namespace edgeproof::signal {
namespace {

constexpr std::int32_t kNoLabel = -1;

// The label that more than half of the samples, and at least `purity` of them, have.
std::int32_t majority(std::span<const std::int32_t> labels, int classes, double purity) {
  std::vector<int> counts(static_cast<std::size_t>(classes));
  for (const std::int32_t label : labels) {
    if (label != kNoLabel) ++counts[label];
  }
  const auto best = std::ranges::max_element(counts);
  if (best == counts.end()) return kNoLabel;
  const double share = *best / static_cast<double>(labels.size());
  if (share <= 0.5 || share < purity) return kNoLabel;
  return static_cast<std::int32_t>(best - counts.begin());
}

int longest(const RecordingSet& source) {
  int length = 0;
  for (const Recording& recording : source.recordings) {
    length = std::max(length, recording.length());
  }
  return length;
}

bool has_events(const RecordingSet& source) {
  return std::ranges::any_of(source.recordings,
                             [](const Recording& recording) { return !recording.events.empty(); });
}

// The options with lengths filled in, checked against the data.
WindowOptions resolve(const RecordingSet& source, WindowOptions options) {
  if (source.classes.size() > kMostClasses) {
    fail(ErrorCode::unsupported, "data set '{}' has {} classes, at most {} are supported",
         source.name, source.classes.size(), kMostClasses);
  }
  const int available = longest(source);
  if (available == 0) fail(ErrorCode::bad_input, "data set '{}' has no samples", source.name);
  if (source.cut) {
    if (options.length == 0) options.length = available;
    for (const Recording& recording : source.recordings) {
      if (recording.length() != options.length) {
        fail(ErrorCode::bad_config,
             "data set '{}' comes cut into windows: '{}' has {} samples, but the window length is "
             "{}",
             source.name, recording.name, recording.length(), options.length);
      }
    }
    options.hop = options.length;
  }
  if (options.hop == 0) options.hop = options.length;
  if (options.length < 1 || options.hop < 1) {
    fail(ErrorCode::bad_config, "window length {} and hop {}, expected at least 1 sample each",
         options.length, options.hop);
  }
  if (options.length > available) {
    fail(ErrorCode::bad_config,
         "a window of {} samples is longer than every recording of data set '{}': the longest has "
         "{}",
         options.length, source.name, available);
  }
  if (!(options.purity >= 0.5 && options.purity <= 1)) {
    fail(ErrorCode::bad_config, "window purity is {}, expected 0.5 to 1", options.purity);
  }
  if (options.event_offset < -1 || options.event_offset >= options.length) {
    fail(ErrorCode::bad_config,
         "event_offset is {}, expected 0 to {}, the window's last sample (or -1: its middle)",
         options.event_offset, options.length - 1);
  }
  if (options.event_offset == -1) options.event_offset = options.length / 2;
  if (has_events(source)) options.hop = options.length;
  return options;
}

std::vector<Window> cut(const RecordingSet& source, const WindowOptions& options) {
  std::vector<Window> windows;
  const auto classes = static_cast<int>(source.classes.size());
  for (std::size_t r = 0; r < source.recordings.size(); ++r) {
    const std::span<const std::int32_t> labels = source.recordings[r].labels;
    const std::int64_t last = static_cast<std::int64_t>(labels.size()) - options.length;
    for (std::int64_t start = 0; start <= last; start += options.hop) {
      const auto at = static_cast<std::size_t>(start);
      const std::int32_t label = majority(
          labels.subspan(at, static_cast<std::size_t>(options.length)), classes, options.purity);
      if (label != kNoLabel) {
        windows.push_back({static_cast<int>(r), static_cast<int>(start), label});
      }
    }
  }
  return windows;
}

std::vector<Window> cut_around_events(const RecordingSet& source, const WindowOptions& options) {
  std::vector<Window> windows;
  for (std::size_t r = 0; r < source.recordings.size(); ++r) {
    const Recording& recording = source.recordings[r];
    const std::int64_t last = static_cast<std::int64_t>(recording.length()) - options.length;
    for (const Event& event : recording.events) {
      const std::int64_t start = static_cast<std::int64_t>(event.sample) - options.event_offset;
      if (event.label == kNoLabel || start < 0 || start > last) continue;
      windows.push_back({static_cast<int>(r), static_cast<int>(start), event.label});
    }
  }
  return windows;
}

[[noreturn]] void fail_without_windows(const RecordingSet& source, const WindowOptions& options) {
  if (has_events(source)) {
    fail(ErrorCode::bad_input,
         "data set '{}': no labelled event has a whole window of {} samples around it", source.name,
         options.length);
  }
  fail(ErrorCode::bad_input,
       "data set '{}': no window of {} samples has a label that holds more than half of it and at "
       "least the share {}",
       source.name, options.length, options.purity);
}

void expect_not_empty(const Dataset& dataset, const std::vector<Window>& windows,
                      const char* part) {
  if (windows.empty()) {
    fail(ErrorCode::bad_config,
         "split: the {} part of data set '{}' has no windows; change 'by' or the fractions in "
         "[split], or shorten [window] length",
         part, dataset.source.name);
  }
}

}  // namespace

Dataset cut_dataset(RecordingSet source, const WindowOptions& window_options) {
  const WindowOptions options = resolve(source, window_options);
  Dataset dataset{.window_length = options.length, .hop = options.hop};
  dataset.train = has_events(source) ? cut_around_events(source, options) : cut(source, options);
  if (dataset.train.empty()) fail_without_windows(source, options);
  dataset.source = std::move(source);
  return dataset;
}

Dataset make_dataset(RecordingSet recordings, const WindowOptions& window_options,
                     const SplitOptions& split) {
  Dataset dataset = cut_dataset(std::move(recordings), window_options);
  split_windows(dataset, split);
  expect_not_empty(dataset, dataset.train, "training");
  expect_not_empty(dataset, dataset.test, "test");
  const bool validates = !split.validation_groups.empty() || split.validation_fraction > 0;
  if (validates) expect_not_empty(dataset, dataset.validation, "validation");
  const int first = dataset.train.front().label;
  if (std::ranges::all_of(dataset.train, [&](const Window& w) { return w.label == first; })) {
    fail(ErrorCode::bad_input,
         "split: the training part of data set '{}' has windows of one class only ('{}')",
         dataset.source.name, dataset.source.classes[first]);
  }
  return dataset;
}

}  // namespace edgeproof::signal
