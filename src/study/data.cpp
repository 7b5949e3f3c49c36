#include "study/data.h"

#include <cmath>

#include "core/error.h"
#include "signal/generators/bearing.h"
#include "signal/generators/imu.h"
#include "signal/readers/csv.h"
#include "signal/readers/npz.h"
#include "signal/readers/uci_har.h"

namespace edgeproof::study {
namespace {

std::vector<signal::ChannelOptions> channel_options(const DataConfig& data) {
  std::vector<signal::ChannelOptions> options;
  for (size_t c = 0; c < data.channels.size(); ++c) {
    options.push_back({.name = data.channels[c],
                       .unit = data.units.empty() ? "" : data.units[c],
                       .derived_from = data.derived_from.empty() ? "" : data.derived_from[c]});
  }
  return options;
}

signal::RecordingSet read_recordings(const DataConfig& data, const std::filesystem::path& base) {
  const std::filesystem::path path = base / data.path;
  const auto seed = static_cast<std::uint64_t>(data.seed);
  if (data.source == "imu") return signal::generate_imu({.seed = seed});
  if (data.source == "bearing") return signal::generate_bearing({.seed = seed});
  if (data.source == "uci_har") return signal::read_uci_har(path);
  if (data.source == "npz") {
    return signal::read_npz({.path = path,
                             .rate_hz = data.rate_hz,
                             .samples_array = data.x_array,
                             .labels_array = data.y_array,
                             .groups_array = data.groups_array,
                             .channels = channel_options(data),
                             .channels_first = data.channels_first});
  }
  signal::CsvOptions csv{.paths = {path},
                         .rate_hz = data.rate_hz,
                         .time_column = data.time_column,
                         .label_column = data.label_column,
                         .group_column = data.group_column,
                         .channels = channel_options(data),
                         .separator = data.separator.front()};
  for (const std::string& further : data.paths) csv.paths.push_back(base / further);
  return signal::read_csv(csv);
}

int in_samples(const WindowConfig& window, double value, double rate_hz, std::string_view key) {
  const double samples = window.unit == "seconds" ? value * rate_hz : value;
  const double whole = std::round(samples);
  if (window.unit == "samples" && whole != samples) {
    fail(ErrorCode::bad_config, "'{}' in [window] is {}, expected a whole number of samples", key,
         value);
  }
  if (whole < 1 || whole > 1e7) {
    fail(ErrorCode::bad_config,
         "'{}' in [window] is {} {}, which is {} samples; expected 1 to 10000000", key, value,
         window.unit, whole);
  }
  return static_cast<int>(whole);
}

}  // namespace

signal::Dataset load_dataset(const Config& config, const std::filesystem::path& base) {
  signal::RecordingSet source = read_recordings(config.data, base);
  signal::WindowOptions windows{.purity = config.window.purity};
  if (!source.cut) {
    windows.length = in_samples(config.window, config.window.length, source.rate_hz, "length");
    windows.hop = in_samples(config.window, config.window.hop, source.rate_hz, "hop");
  }
  if (source.classes.size() > 256) {
    fail(ErrorCode::unsupported, "data set '{}' has {} classes, at most 256 are supported",
         source.name, source.classes.size());
  }
  signal::Dataset dataset = signal::make_dataset(std::move(source), windows, config.split);
  if (dataset.validation.empty()) {
    fail(ErrorCode::bad_config,
         "the validation part is empty: give 'validation_groups' or a 'validation_fraction' above "
         "0 in "
         "[split]; the best epoch is chosen on it");
  }
  return dataset;
}

}  // namespace edgeproof::study
