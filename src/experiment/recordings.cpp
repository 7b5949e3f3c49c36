// One function per kind of source, from the keys of [data] to a reader's options. Test:
// recordings_test.cpp.

#include "experiment/recordings.h"

#include <cstdlib>

#include "core/error.h"
#include "core/text.h"
#include "signal/generators/bearing.h"
#include "signal/generators/imu.h"
#include "signal/readers/arff.h"
#include "signal/readers/csv.h"
#include "signal/readers/cwru.h"
#include "signal/readers/mat.h"
#include "signal/readers/mitbih.h"
#include "signal/readers/npz.h"
#include "signal/readers/presets.h"
#include "signal/readers/ts.h"
#include "signal/readers/uci_har.h"
#include "signal/readers/ucr.h"
#include "signal/readers/wfdb.h"
#include "signal/resample.h"

namespace edgeproof::experiment {
namespace {

namespace fs = std::filesystem;

std::vector<signal::ChannelOptions> channels_of(const DataConfig& data) {
  std::vector<signal::ChannelOptions> options;
  for (size_t c = 0; c < data.channels.size(); ++c) {
    options.push_back({.name = data.channels[c],
                       .unit = data.units.empty() ? "" : data.units[c],
                       .derived_from = data.derived_from.empty() ? "" : data.derived_from[c]});
  }
  return options;
}

std::vector<signal::TriadOptions> triads_of(const DataConfig& data) {
  std::vector<signal::TriadOptions> triads;
  for (const std::string& text : data.triads) {
    const auto names = split(text, ',');
    if (names.size() != 3) {
      fail(ErrorCode::bad_config, "'triads' in [data] has '{}', expected three channels: 'x, y, z'",
           text);
    }
    auto& triad = triads.emplace_back();
    for (size_t axis = 0; axis < 3; ++axis) triad[axis] = trim(names[axis]);
  }
  return triads;
}

// "V: V1 V2" as "V" and its words; a text without a colon as a name without words.
struct NamedWords {
  std::string name;
  std::vector<std::string> words;
};

NamedWords named_words(const std::string& text) {
  NamedWords result;
  const size_t colon = text.find(':');
  result.name = trim(text.substr(0, colon));
  if (colon == std::string::npos) return result;
  for (const std::string_view word : split(text.substr(colon + 1), ' ')) {
    if (!trim(word).empty()) result.words.emplace_back(trim(word));
  }
  return result;
}

std::vector<signal::WfdbClassOptions> wfdb_classes(const DataConfig& data) {
  std::vector<signal::WfdbClassOptions> classes;
  for (const std::string& text : data.classes) {
    const NamedWords one = named_words(text);
    if (text == "aami" || text == "aami_rare") {
      for (auto& known : signal::aami_classes(text == "aami_rare")) classes.push_back(known);
    } else if (one.words.empty()) {
      fail(ErrorCode::bad_config,
           "'classes' in [data] has '{}', expected a name and symbols such as 'N: N L R e j', or "
           "'aami' or 'aami_rare'",
           text);
    } else {
      classes.push_back({.name = one.name, .symbols = join(one.words, "")});
    }
  }
  return classes;
}

signal::RecordingSet read_wfdb(const DataConfig& data, const fs::path& base) {
  signal::WfdbOptions wfdb{.sources = {base / data.path},
                           .records = data.records,
                           .classes = wfdb_classes(data),
                           .annotator = data.annotator};
  for (const std::string& further : data.paths) wfdb.sources.push_back(base / further);
  for (const std::string& text : data.channels) {
    const NamedWords one = named_words(text);
    wfdb.channels.push_back({.name = one.name, .signals = one.words});
  }
  return signal::read_wfdb(wfdb);
}

signal::RecordingSet read_csv(const DataConfig& data, const fs::path& base) {
  signal::CsvOptions csv{.paths = {base / data.path},
                         .rate_hz = data.rate_hz,
                         .time_column = data.time_column,
                         .label_column = data.label_column,
                         .group_column = data.group_column,
                         .channels = channels_of(data),
                         .triads = triads_of(data),
                         .separator = data.separator.front()};
  for (const std::string& further : data.paths) csv.paths.push_back(base / further);
  return signal::read_csv(csv);
}

signal::RecordingSet read_mat(const DataConfig& data, const fs::path& base) {
  signal::MatOptions mat{.path = base / data.path,
                         .channels = channels_of(data),
                         .triads = triads_of(data),
                         .rate_hz = data.rate_hz};
  for (size_t f = 0; f < data.files.size(); ++f) {
    mat.files.push_back({.file = data.files[f],
                         .label = data.file_labels.empty() ? "" : data.file_labels[f],
                         .group = data.file_groups.empty() ? "" : data.file_groups[f]});
  }
  return signal::read_mat(mat);
}

signal::RecordingSet read_cases(const DataConfig& data, const fs::path& base) {
  const signal::CaseOptions cases{.path = base / data.path,
                                  .train_file = data.files.front(),
                                  .test_file = data.files.size() > 1 ? data.files[1] : "",
                                  .rate_hz = data.rate_hz > 0 ? data.rate_hz : 1,
                                  .unequal_length = data.unequal_length,
                                  .channels = channels_of(data),
                                  .triads = triads_of(data)};
  return data.source == "ts" ? signal::read_ts(cases) : signal::read_arff(cases);
}

signal::RecordingSet read_preset(const DataConfig& data, const fs::path& base) {
  fs::path path = base.empty() ? fs::path(data.path) : base / data.path;
  if (data.path == "." && signal::find_preset(data.source, path).empty()) {
    const fs::path cache = data_cache();
    if (!cache.empty() && !signal::find_preset(data.source, cache).empty()) path = cache;
  }
  if (data.source == "uci_har") return signal::read_uci_har(path);
  if (data.source == "mitbih") {
    return signal::read_mitbih(
        {.path = path, .rare_classes = data.rare_classes, .both_leads = data.both_leads});
  }
  if (data.source == "cwru") {
    return signal::read_cwru({.path = path, .sensors = data.sensors, .normal = data.normal});
  }
  return signal::read_ucr({.path = path,
                           .name = data.source.substr(data.source.find(':') + 1),
                           .rate_hz = data.rate_hz,
                           .unequal_length = data.unequal_length});
}

signal::RecordingSet read_source(const DataConfig& data, const fs::path& base) {
  const auto seed = static_cast<std::uint64_t>(data.seed);
  if (data.source == "imu") return signal::generate_imu({.seed = seed});
  if (data.source == "bearing") return signal::generate_bearing({.seed = seed});
  if (data.source == "csv") return read_csv(data, base);
  if (data.source == "wfdb") return read_wfdb(data, base);
  if (data.source == "mat") return read_mat(data, base);
  if (data.source == "ts" || data.source == "arff") return read_cases(data, base);
  if (data.source != "npz") return read_preset(data, base);
  return signal::read_npz({.path = base / data.path,
                           .rate_hz = data.rate_hz,
                           .samples_array = data.x_array,
                           .labels_array = data.y_array,
                           .groups_array = data.groups_array,
                           .channels = channels_of(data),
                           .triads = triads_of(data),
                           .channels_first = data.channels_first});
}

}  // namespace

signal::RecordingSet load_recordings(const DataConfig& data, const fs::path& base) {
  signal::RecordingSet set = read_source(data, base);
  if (data.resample_hz == 0) return set;
  return signal::resample(std::move(set), data.resample_hz);
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
