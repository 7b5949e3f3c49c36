#include "signal/pipeline.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

// Indices of the windows, by recording and start.
std::vector<std::size_t> in_order(std::span<const Window> windows) {
  std::vector<std::size_t> order(windows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, {}, [&](std::size_t i) { return std::pair(windows[i].recording, windows[i].start); });
  return order;
}

// Calls visit(channel, value) for every sample that is covered and not missing.
template <typename Visit>
void for_each_training_value(const Dataset& dataset, Visit visit) {
  const std::size_t channels = dataset.source.channels.size();
  int recording = -1;
  int done = 0;  // samples of this recording counted so far
  for (const std::size_t i : in_order(dataset.train)) {
    const Window& window = dataset.train[i];
    if (window.recording != recording) done = 0;
    recording = window.recording;
    const std::vector<float>& samples = dataset.source.recordings[recording].samples;
    const int end = window.start + dataset.window_length;
    for (int t = std::max(window.start, done); t < end; ++t) {
      for (std::size_t c = 0; c < channels; ++c) {
        const float value = samples[t * channels + c];
        if (!std::isnan(value)) visit(c, value);
      }
    }
    done = end;
  }
}

// Imputes one channel, whose values are `stride` apart.
void hold(float* values, int length, std::size_t stride, float before) {
  for (int t = 0; t < length; ++t) {
    float& value = values[t * stride];
    if (std::isnan(value)) value = before;
    before = value;
  }
}

void fill(float* values, int length, std::size_t stride, float with) {
  for (int t = 0; t < length; ++t) {
    if (std::isnan(values[t * stride])) values[t * stride] = with;
  }
}

void interpolate(float* values, int length, std::size_t stride, float if_nothing) {
  int seen = -1;  // the last sample that is not missing
  for (int t = 0; t < length; ++t) {
    const float right = values[t * stride];
    if (std::isnan(right)) continue;
    const float left = seen < 0 ? right : values[seen * stride];
    for (int gap = seen + 1; gap < t; ++gap) {
      const float share = static_cast<float>(gap - seen) / static_cast<float>(t - seen);
      values[gap * stride] = left + (right - left) * share;
    }
    seen = t;
  }
  hold(values, length, stride, if_nothing);
}

void impute(const Pipeline& pipeline, std::vector<float>& values, int length,
            std::size_t channels) {
  for (std::size_t c = 0; c < channels; ++c) {
    const float mean = pipeline.statistics.mean[c];
    float* channel = values.data() + c;
    switch (pipeline.imputation) {
      case Imputation::hold:
        hold(channel, length, channels, mean);
        break;
      case Imputation::linear:
        interpolate(channel, length, channels, mean);
        break;
      case Imputation::mean:
      case Imputation::mask:
        fill(channel, length, channels, mean);
        break;
    }
  }
}

void z_score(const Statistics& statistics, std::vector<float>& values) {
  const std::size_t channels = statistics.mean.size();
  const float* mean = statistics.mean.data();
  const float* sd = statistics.sd.data();
  for (auto sample = values.begin(); sample != values.end();) {
    for (std::size_t c = 0; c < channels; ++c, ++sample) *sample = (*sample - mean[c]) / sd[c];
  }
}

// [length, channels] with one more channel: whether anything is missing in the raw `samples`.
std::vector<float> with_mask(const std::vector<float>& values, std::span<const float> samples,
                             int length, std::size_t channels) {
  std::vector<float> out;
  out.reserve(values.size() + static_cast<std::size_t>(length));
  for (int t = 0; t < length; ++t) {
    const std::size_t at = t * channels;
    const auto raw = samples.subspan(at, channels);
    const bool missing = std::ranges::any_of(raw, [](float v) { return std::isnan(v); });
    out.insert(out.end(), values.begin() + static_cast<std::ptrdiff_t>(at),
               values.begin() + static_cast<std::ptrdiff_t>(at + channels));
    out.push_back(missing ? 1.0F : 0.0F);
  }
  return out;
}

WindowSet cut(const Pipeline& pipeline, const Dataset& dataset, std::span<const Window> windows,
              const std::function<std::span<const float>(int recording)>& samples_of) {
  WindowSet set;
  set.count = static_cast<int>(windows.size());
  set.length = dataset.window_length;
  set.channels = pipeline.input_channels();
  const std::size_t size =
      static_cast<std::size_t>(set.length) * static_cast<std::size_t>(set.channels);
  set.values.resize(windows.size() * size);
  for (const Window& window : windows) {
    set.labels.push_back(window.label);
    set.groups.push_back(dataset.source.recordings[window.recording].group);
  }
  int recording = -1;
  std::vector<float> prepared;
  for (const std::size_t i : in_order(windows)) {
    const Window& window = windows[i];
    if (window.recording != recording) {
      recording = window.recording;
      prepared = prepare_recording(pipeline, samples_of(recording),
                                   dataset.source.recordings[recording].padding);
    }
    const std::size_t begin =
        static_cast<std::size_t>(window.start) * static_cast<std::size_t>(set.channels);
    assert(begin + size <= prepared.size());
    std::copy_n(prepared.data() + begin, size, set.values.data() + i * size);
  }
  return set;
}

}  // namespace

std::string_view imputation_name(Imputation imputation) {
  return kImputationWords.word(imputation);
}

Imputation imputation_from_name(const std::string& name) {
  const auto imputation = kImputationWords.value(name);
  if (!imputation) {
    fail(ErrorCode::bad_config, "unknown imputation '{}'{}", name,
         did_you_mean(name, kImputationWords.all()));
  }
  return *imputation;
}

Statistics training_statistics(const Dataset& dataset) {
  struct Moments {
    double count = 0, sum = 0, squares = 0;
    float min = INFINITY, max = -INFINITY;
  };
  std::vector<Moments> moments(dataset.source.channels.size());
  for_each_training_value(dataset, [&](std::size_t c, float value) {
    Moments& m = moments[c];
    m.count += 1;
    m.sum += static_cast<double>(value);
    m.min = std::min(m.min, value);
    m.max = std::max(m.max, value);
  });
  // A second pass: the sum of squares less the squared mean would lose a small deviation on a large
  // mean.
  for_each_training_value(dataset, [&](std::size_t c, float value) {
    Moments& m = moments[c];
    const double deviation = static_cast<double>(value) - m.sum / m.count;
    m.squares += deviation * deviation;
  });

  Statistics statistics;
  for (std::size_t c = 0; c < moments.size(); ++c) {
    const Moments& m = moments[c];
    if (m.count == 0) {
      fail(ErrorCode::bad_input, "channel '{}' of data set '{}' is missing in all training windows",
           dataset.source.channels[c].name, dataset.source.name);
    }
    const auto sd = static_cast<float>(std::sqrt(m.squares / m.count));
    statistics.mean.push_back(static_cast<float>(m.sum / m.count));
    statistics.sd.push_back(m.min == m.max || sd == 0 ? 1.0F : sd);
  }
  return statistics;
}

std::vector<float> prepare_recording(const Pipeline& pipeline, std::span<const float> samples,
                                     int padding) {
  const std::size_t channels = pipeline.statistics.mean.size();
  assert(samples.size() % channels == 0);
  const auto length = static_cast<int>(samples.size() / channels);
  assert(padding >= 0 && padding <= length);
  std::vector<float> values(samples.begin(), samples.end());
  if (std::ranges::any_of(values, [](float value) { return std::isnan(value); })) {
    impute(pipeline, values, length - padding, channels);
  }
  for (int t = length - padding; t < length; ++t) {
    std::ranges::copy(pipeline.statistics.mean,
                      values.begin() + static_cast<std::ptrdiff_t>(t * channels));
  }
  z_score(pipeline.statistics, values);
  if (pipeline.imputation != Imputation::mask) return values;
  return with_mask(values, samples, length, channels);
}

WindowSet prepare(const Pipeline& pipeline, const Dataset& dataset,
                  std::span<const Window> windows) {
  return cut(pipeline, dataset, windows, [&](int recording) -> std::span<const float> {
    return dataset.source.recordings[recording].samples;
  });
}

WindowSet prepare(const Pipeline& pipeline, const Dataset& dataset, std::span<const Window> windows,
                  std::span<const std::vector<float>> samples) {
  assert(samples.size() == dataset.source.recordings.size());
  return cut(pipeline, dataset, windows,
             [&](int recording) -> std::span<const float> { return samples[recording]; });
}

}  // namespace edgeproof::signal
