#include "experiment/recordings.h"

#include <cstdlib>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/names.h"
#include "signal/readers/registry.h"
#include "signal/resample.h"

namespace edgeproof::experiment {

namespace fs = std::filesystem;

signal::RecordingSet load_recordings(const DataConfig& data, const fs::path& base) {
  const signal::Source* source = signal::source_named(data.source);
  if (source == nullptr) {
    fail(ErrorCode::bad_config, "unknown source '{}'{}", data.source,
         did_you_mean(data.source, signal::source_names()));
  }
  signal::RecordingSet set = source->read(
      {.source = data.source, .settings = data.settings, .base = base, .downloads = data_cache()});
  if (data.resample_hz != 0) set = signal::resample(std::move(set), data.resample_hz);
  signal::check_filters(set);
  return set;
}

fs::path data_cache() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path cache = variable("XDG_CACHE_HOME"); cache.is_absolute()) {
    return cache / "edgeproof";
  }
  const fs::path home = variable("HOME");
  return home.empty() ? fs::path() : home / ".cache" / "edgeproof";
}

}  // namespace edgeproof::experiment
