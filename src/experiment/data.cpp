#include "experiment/data.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "experiment/recordings.h"
#include "signal/split_check.h"

namespace edgeproof::experiment {
namespace {

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

signal::WindowOptions window_options(const Config& config, const signal::RecordingSet& source) {
  signal::WindowOptions windows{.purity = config.window.purity};
  if (!source.cut) {
    windows.length = in_samples(config.window, config.window.length, source.rate_hz, "length");
    windows.hop = in_samples(config.window, config.window.hop, source.rate_hz, "hop");
    const double offset = config.window.event_offset;
    if (offset >= 0) {
      const bool seconds = config.window.unit == "seconds";
      windows.event_offset =
          static_cast<int>(std::min(std::round(seconds ? offset * source.rate_hz : offset), 1e7));
    }
  }
  return windows;
}

signal::Dataset load_dataset(const Config& config, const std::filesystem::path& base) {
  signal::RecordingSet source = load_recordings(config.data, base);
  const signal::WindowOptions windows = window_options(config, source);
  signal::Dataset dataset = signal::make_dataset(std::move(source), windows, config.split);
  signal::expect_seen_classes(dataset);
  if (dataset.validation.empty() && config.train.keep == train::Keep::best) {
    fail(ErrorCode::bad_config,
         "the validation part is empty: give 'validation_groups' or a 'validation_fraction' above "
         "0 in [split]; the best epoch is chosen on it, unless 'keep' in [train] is 'last'");
  }
  return dataset;
}

}  // namespace edgeproof::experiment
