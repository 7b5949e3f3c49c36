// The filter takes what lies beyond the ends for zero, so the line from the first value to the last
// is taken off before and put back after: no step at the ends, whatever the offset.

#include "signal/resample.h"

#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace edgeproof::signal {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

void expect_rates(double from_hz, double to_hz) {
  constexpr double kMaxRatio = 1000;
  const auto is_positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!is_positive(from_hz) || !is_positive(to_hz) || to_hz > from_hz * kMaxRatio ||
      from_hz > to_hz * kMaxRatio) {
    fail(ErrorCode::bad_config,
         "cannot resample from {} Hz to {} Hz, expected positive rates at most {} times apart",
         from_hz, to_hz, kMaxRatio);
  }
}

std::size_t output_length(std::size_t length, double ratio) {
  return static_cast<std::size_t>(std::llround(static_cast<double>(length) * ratio));
}

// The sample, of `length`, nearest to sample `index` at `ratio` times the rate.
std::size_t nearest(std::size_t index, double ratio, std::size_t length) {
  const auto at = static_cast<std::size_t>(std::llround(static_cast<double>(index) * ratio));
  return std::min(at, length - 1);
}

// With gaps bridged by lines, and held at the ends. Something must be there.
std::vector<double> bridged(std::span<const float> samples) {
  std::vector<double> values(samples.begin(), samples.end());
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t known = kNone;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const std::size_t gap = known == kNone ? i : i - known - 1;
    for (std::size_t k = 1; k <= gap; ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(gap + 1);
      values[i - gap - 1 + k] =
          known == kNone ? values[i] : values[known] + share * (values[i] - values[known]);
    }
    known = i;
  }
  std::fill(values.begin() + static_cast<std::ptrdiff_t>(known), values.end(), values[known]);
  return values;
}

std::vector<double> filtered(std::span<const double> in, std::size_t length, double from_hz,
                             double to_hz) {
  std::vector<double> out(length);
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  std::size_t used = 0, done = 0;
  const soxr_error_t error = soxr_oneshot(from_hz, to_hz, 1, in.data(), in.size(), &used,
                                          out.data(), out.size(), &done, &io, &quality, nullptr);
  if (error != nullptr) {
    fail(ErrorCode::bad_config, "resampling from {} Hz to {} Hz: {}", from_hz, to_hz, error);
  }
  return out;  // the filter may end a sample short, which is then 0: on the line between the ends
}

std::vector<std::int32_t> nearest_labels(const std::vector<std::int32_t>& labels,
                                         std::size_t length, double ratio) {
  std::vector<std::int32_t> out(length);
  for (std::size_t j = 0; j < length; ++j) out[j] = labels[nearest(j, 1 / ratio, labels.size())];
  return out;
}

}  // namespace

std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz) {
  expect_rates(from_hz, to_hz);
  if (from_hz == to_hz) return {samples.begin(), samples.end()};
  const double ratio = to_hz / from_hz;
  const std::size_t length = output_length(samples.size(), ratio);
  std::vector<float> out(length, kMissing);
  if (length == 0 || std::ranges::all_of(samples, [](float v) { return std::isnan(v); })) {
    return out;
  }

  std::vector<double> values = bridged(samples);
  const double begin = values.front();
  const double steps = std::max(static_cast<double>(values.size() - 1), 1.0);
  const double slope = (values.back() - begin) / steps;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] -= begin + slope * static_cast<double>(i);
  const std::vector<double> filtered_values = filtered(values, length, from_hz, to_hz);
  for (std::size_t j = 0; j < length; ++j) {
    const double line = begin + slope * (static_cast<double>(j) / ratio);
    out[j] = static_cast<float>(filtered_values[j] + line);
  }

  for (std::size_t i = 0; i < samples.size();
       ++i) {  // down: several inputs are nearest to an output
    if (std::isnan(samples[i])) out[nearest(i, ratio, length)] = kMissing;
  }
  for (std::size_t j = 0; j < length; ++j) {  // up: the other way round
    if (std::isnan(samples[nearest(j, 1 / ratio, samples.size())])) out[j] = kMissing;
  }
  return out;
}

RecordingSet resample(RecordingSet set, double to_hz) {
  expect_rates(set.rate_hz, to_hz);
  if (set.rate_hz == to_hz) return set;
  if (set.cut) {
    fail(ErrorCode::unsupported, "data set '{}' comes cut into windows, which are not resampled",
         set.name);
  }
  const double ratio = to_hz / set.rate_hz;
  const std::size_t channels = set.channels.size();
  for (Recording& recording : set.recordings) {
    const std::size_t before = recording.labels.size();
    const std::size_t length = output_length(before, ratio);
    if (length == 0 || length > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      fail(ErrorCode::bad_config, "recording '{}' would have {} samples at {} Hz", recording.name,
           length, to_hz);
    }
    std::vector<float> samples(length * channels);
    std::vector<float> channel(before);
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t t = 0; t < before; ++t) channel[t] = recording.samples[t * channels + c];
      const std::vector<float> out = resample(channel, set.rate_hz, to_hz);
      for (std::size_t t = 0; t < length; ++t) samples[t * channels + c] = out[t];
    }
    recording.samples = std::move(samples);
    recording.labels = nearest_labels(recording.labels, length, ratio);
    for (Event& event : recording.events) {
      event.sample =
          static_cast<int>(nearest(static_cast<std::size_t>(event.sample), ratio, length));
    }
  }
  set.rate_hz = to_hz;
  return set;
}

}  // namespace edgeproof::signal
