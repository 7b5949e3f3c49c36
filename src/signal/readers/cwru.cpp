#include "signal/readers/cwru.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "signal/readers/keys.h"
#include "signal/readers/mat.h"
#include "signal/readers/presets.h"
#include "signal/resample.h"

namespace edgeproof::signal {
namespace {

constexpr double kRateHz = 12000;
constexpr double kNormalRateHz = 48000;
constexpr std::array kLoadParts{Part::train, Part::train, Part::validation, Part::test};

MatOptions mat_options(const CwruOptions& options) {
  MatOptions mat{.path = locate_preset("cwru", options.path).front(), .rate_hz = kRateHz};
  const std::vector<std::string> known{"DE", "FE", "BA"};
  for (const std::string& sensor : options.sensors) {
    if (std::ranges::find(known, sensor) == known.end()) {
      fail(ErrorCode::bad_config, "CWRU: no sensor '{}'{}", sensor, did_you_mean(sensor, known));
    }
    if (sensor == "BA" && options.normal) {
      fail(ErrorCode::bad_config, "CWRU: the normal recording has no sensor 'BA'");
    }
    mat.channels.push_back({.name = sensor + "_time", .unit = "g"});
  }
  for (const char* place : {"B", "IR", "OR"}) {
    for (const char* mil : {"007", "014", "021"}) {
      const std::string name = fmt::format("{}{}{}", place, mil, *place == 'O' ? "@6" : "");
      for (std::size_t load = 0; load < kLoadParts.size(); ++load) {
        mat.files.push_back({.file = fmt::format("12k_DE/{}_{}.mat", name, load),
                             .label = name,
                             .group = fmt::format("{}", load)});
      }
    }
  }
  return mat;
}

// The recording of the sound bearing as one more class of `set`.
void add_normal(MatOptions mat, RecordingSet& set) {
  mat.files = {{.file = "normal_48k/Normal_0.mat", .label = "normal", .group = "0"}};
  mat.rate_hz = kNormalRateHz;
  RecordingSet normal = resample(read_mat(mat), kRateHz);
  Recording& recording = normal.recordings.front();
  recording.labels.assign(recording.labels.size(), static_cast<std::int32_t>(set.classes.size()));
  set.classes.push_back("normal");
  set.recordings.push_back(std::move(recording));
  set.checksum = sha256(set.checksum + "\n" + normal.checksum);
}

}  // namespace

RecordingSet read_cwru(const CwruOptions& options) {
  const MatOptions mat = mat_options(options);
  RecordingSet set = read_mat(mat);
  if (options.normal) add_normal(mat, set);
  set.name = "cwru";
  set.official_split = "by load, not published: 0 and 1 train, 2 validates, 3 tests";
  for (std::size_t c = 0; c < options.sensors.size(); ++c)
    set.channels[c].name = options.sensors[c];
  for (Recording& recording : set.recordings) {
    recording.part =
        kLoadParts[static_cast<std::size_t>(recording.group)];  // group "0" is the first
  }
  return set;
}

Source cwru_source() {
  return {.name = "cwru",
          .meaning = "the vibration of a motor's bearing, Case Western Reserve",
          .keys = {use(kPath), use(kSensors), use(kNormal)},
          .read =
              [](const SourceRequest& r) {
                return read_cwru({.path = preset_path(r),
                                  .sensors = r.settings.get(kSensors),
                                  .normal = r.settings.get(kNormal)});
              },
          .window_length = 2048,
          .hop = 2048,
          .official_split = true};
}

}  // namespace edgeproof::signal
