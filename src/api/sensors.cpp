#include "edgeproof/sensors.h"

#include "api/inside.h"
#include "core/error.h"
#include "signal/dataset.h"

namespace edgeproof {

Sensors fit_statistics(Sensors sensors, std::span<const float> samples) {
  const std::size_t channels = sensors.channels.size();
  if (channels == 0) fail(ErrorCode::bad_input, "there are no channels");
  if (samples.empty() || samples.size() % channels != 0) {
    fail(ErrorCode::bad_input,
         "{} values to take statistics of, expected a multiple of {} channels", samples.size(),
         channels);
  }
  // One window that is the whole recording.
  signal::Dataset dataset;
  dataset.source.name = "samples";
  dataset.source.channels = api::channels_of(sensors);
  dataset.source.recordings.push_back({.samples = {samples.begin(), samples.end()}});
  dataset.window_length = static_cast<int>(samples.size() / channels);
  dataset.train.push_back({});
  const signal::Statistics statistics = signal::training_statistics(dataset);
  for (std::size_t c = 0; c < channels; ++c) {
    sensors.channels[c].statistics = Statistics{statistics.mean[c], statistics.sd[c]};
  }
  return sensors;
}

namespace api {

static_assert(static_cast<int>(FilterKind::copy) == static_cast<int>(signal::FilterKind::copy));
static_assert(static_cast<int>(FilterKind::high_pass) ==
              static_cast<int>(signal::FilterKind::high_pass));
static_assert(static_cast<int>(FilterKind::low_pass) ==
              static_cast<int>(signal::FilterKind::low_pass));

std::vector<signal::Channel> channels_of(const Sensors& sensors) {
  std::vector<signal::Channel> channels;
  for (const Channel& channel : sensors.channels) {
    const int own = static_cast<int>(channels.size());
    const Filter& filter = channel.filter;
    channels.push_back({channel.name,
                        channel.unit,
                        channel.source == kPhysical ? own : channel.source,
                        {static_cast<signal::FilterKind>(filter.kind), filter.order, filter.hz}});
  }
  return channels;
}

signal::Statistics statistics_of(const Sensors& sensors) {
  signal::Statistics statistics;
  for (const Channel& channel : sensors.channels) {
    if (!channel.statistics) {
      fail(ErrorCode::bad_config, "channel '{}' has no mean and standard deviation", channel.name);
    }
    statistics.mean.push_back(channel.statistics->mean);
    statistics.sd.push_back(channel.statistics->sd);
  }
  return statistics;
}

}  // namespace api
}  // namespace edgeproof
