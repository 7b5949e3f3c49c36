// Test: survey_test.cpp.

#include "signal/streams/survey.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "signal/moments.h"
#include "signal/readers/csv_records.h"

namespace edgeproof::signal {

Survey survey_stream(SignalStream& stream, const std::string& source_name) {
  const std::size_t channels = stream.channels().size();
  std::vector<Moments> moments(channels);
  Survey result;
  while (stream.next_recording()) {
    result.length = 0;
    for (std::vector<float> frames; !(frames = stream.read()).empty();) {
      throw_if_interrupted();
      for (std::size_t i = 0; i < frames.size(); ++i) {
        if (!std::isnan(frames[i])) moments[i % channels].add(frames[i]);
      }
      result.length += static_cast<std::int64_t>(frames.size() / channels);
    }
  }
  for (std::size_t c = 0; c < channels; ++c) {
    if (moments[c].count() == 0) {
      fail(ErrorCode::bad_input, "{}: channel '{}' has no values; leave it out with --ignore",
           source_name, stream.channels()[c]);
    }
    const auto sd = static_cast<float>(moments[c].sd());
    result.statistics.mean.push_back(static_cast<float>(moments[c].mean()));
    result.statistics.sd.push_back(sd > 0 ? sd : 1);
  }
  return result;
}

Statistics read_statistics(const std::filesystem::path& path,
                           const std::vector<std::string>& channels) {
  CsvRecords records(path, ',');
  if (join(records.header(), ",") != "channel,mean,sd") {
    fail(ErrorCode::bad_input, "{}, line 1: the columns are {}, expected channel,mean,sd",
         path.string(), join(records.header(), ","));
  }
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  Statistics statistics{.mean = std::vector<float>(channels.size(), kNone),
                        .sd = std::vector<float>(channels.size(), kNone)};
  while (records.next()) {
    const auto found = std::ranges::find(channels, trim(records.fields()[0]));
    if (found == channels.end()) continue;
    const auto mean = parse_number(trim(records.fields()[1]));
    const auto sd = parse_number(trim(records.fields()[2]));
    if (!mean || !sd || !std::isfinite(*mean) || !std::isfinite(*sd) || !(*sd > 0)) {
      fail(ErrorCode::bad_input, "{}, line {}: expected a mean, and an sd above 0", path.string(),
           records.line());
    }
    const auto c = static_cast<std::size_t>(found - channels.begin());
    statistics.mean[c] = static_cast<float>(*mean);
    statistics.sd[c] = static_cast<float>(*sd);
  }
  for (std::size_t c = 0; c < channels.size(); ++c) {
    if (std::isnan(statistics.sd[c])) {
      fail(ErrorCode::bad_input, "{}: there is no row for channel '{}'", path.string(),
           channels[c]);
    }
  }
  return statistics;
}

}  // namespace edgeproof::signal
