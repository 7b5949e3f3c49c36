// A source becomes the text of a study.toml, so that its keys, their meaning and their errors are
// those of a study. Test: data_test.sh.

#include "cli/data_source.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "experiment/data.h"
#include "experiment/recordings.h"
#include "signal/readers/csv_records.h"
#include "signal/readers/presets.h"
#include "signal/windows.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;

// [section] -> key -> value, as TOML.
using Settings = std::map<std::string, std::map<std::string, std::string>>;

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string list(const std::vector<std::string>& names) {
  std::vector<std::string> words;
  for (const std::string& name : names) words.push_back(toml_text(name));
  return "[" + join(words, ", ") + "]";
}

// What is no list, number, boolean or quoted text is a text.
std::string as_toml(std::string_view value) {
  const bool is_toml =
      !value.empty() && (value.front() == '[' || value.front() == '"' || value == "true" ||
                         value == "false" || parse_number(value).has_value());
  return is_toml ? std::string(value) : toml_text(value);
}

void apply(const std::vector<std::string>& settings, Settings& all) {
  for (const std::string& setting : settings) {
    const size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      fail(ErrorCode::bad_config, "--set is '{}', expected KEY=VALUE or SECTION.KEY=VALUE",
           setting);
    }
    const std::string key(trim(setting.substr(0, equals)));
    const size_t dot = key.find('.');
    const std::string section = dot == std::string::npos ? "data" : key.substr(0, dot);
    all[section][dot == std::string::npos ? key : key.substr(dot + 1)] =
        as_toml(trim(std::string_view(setting).substr(equals + 1)));
  }
}

std::string text_of(const Settings& settings) {
  std::string text;
  for (const auto& [section, keys] : settings) {
    text += fmt::format("[{}]\n", section);
    for (const auto& [key, value] : keys) text += fmt::format("{} = {}\n", key, value);
  }
  return text;
}

// What a study of the data set would have: studies/*.toml.
Settings named_settings(const std::string& name) {
  Settings all{{"data", {{"source", toml_text(name)}}}};
  if (name == "imu") return all;
  if (name == "bearing") {
    all["window"] = {{"length", "2048"}, {"hop", "1024"}};
    return all;
  }
  all["split"]["by"] = toml_text("official");
  if (name == "mitbih") all["window"]["length"] = "256";
  if (name == "cwru") all["window"] = {{"length", "2048"}, {"hop", "2048"}};
  return all;
}

// The columns that speak for themselves.
void add_csv_columns(const fs::path& file, std::map<std::string, std::string>& keys) {
  const signal::CsvRecords records(file, ',');
  const auto has = [&](const char* name) {
    return std::ranges::count(records.header(), name) == 1;
  };
  keys["label_column"] = toml_text(has("label") ? "label" : "");
  if (has("group")) keys["group_column"] = toml_text("group");
  for (const char* time : {"time", "t", "time_s", "timestamp"}) {
    if (!keys.contains("time_column") && has(time)) keys["time_column"] = toml_text(time);
  }
}

// The file itself and, of a published split, the other part.
std::vector<std::string> case_files(const fs::path& file) {
  std::string name = file.filename().string();
  const size_t at = name.rfind("_TRAIN.");
  if (at == std::string::npos) return {name};
  std::string other = name;
  other.replace(at, 7, "_TEST.");
  if (!fs::exists(file.parent_path() / other)) return {name};
  return {name, other};
}

Settings file_settings(const fs::path& file, const std::string& format) {
  Settings all;
  auto& keys = all["data"];
  const bool within = format != "csv" && format != "npz";  // a file in a folder
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  keys["source"] = toml_text(format);
  keys["path"] = toml_text((within ? folder : file).string());
  if (!fs::exists(file)) fail(ErrorCode::io, "{}: no such file", file.string());
  if (format == "csv") add_csv_columns(file, keys);
  if (format == "wfdb") keys["records"] = list({file.stem().string()});
  if (format == "mat") keys["files"] = list({file.filename().string()});
  if (format == "ts" || format == "arff") {
    const auto files = case_files(file);
    keys["files"] = list(files);
    if (files.size() == 2) all["split"]["by"] = toml_text("official");
  }
  return all;
}

}  // namespace

DataSource find_source(const SourceOptions& options) {
  const fs::path path = options.source;
  const std::string ending = path.extension().string();
  if (ending == ".toml") {
    if (!options.settings.empty()) {
      fail(ErrorCode::bad_config, "--set does not go with a study's file: edit {}", path.string());
    }
    return {.config = experiment::read_config(path),
            .base = options.data_dir.empty() ? path.parent_path() : options.data_dir,
            .split = true};
  }
  const std::map<std::string, std::string> formats{{".csv", "csv"},  {".npz", "npz"},
                                                   {".hea", "wfdb"}, {".mat", "mat"},
                                                   {".ts", "ts"},    {".arff", "arff"}};
  Settings settings;
  DataSource source;
  if (const auto format = formats.find(ending); format != formats.end()) {
    settings = file_settings(options.data_dir / path, format->second);
  } else if (options.source == "imu" || options.source == "bearing" ||
             signal::is_preset(options.source)) {
    settings = named_settings(options.source);
    source.base = options.data_dir;
    source.split = true;
  } else {
    std::vector<std::string> known{"imu", "bearing"};
    for (const std::string& name : signal::preset_names()) known.push_back(name);
    const auto close = closest(options.source, known);
    fail(ErrorCode::bad_config, "unknown source '{}'{}", options.source,
         close
             ? fmt::format(", did you mean '{}'?", *close)
             : fmt::format(" (known: {}, a study's .toml, and files that end in .csv, .npz, .hea, "
                           ".mat, .ts or .arff)",
                           join(known, ", ")));
  }
  apply(options.settings, settings);
  source.split |= settings.contains("split");
  source.config = experiment::parse_config(text_of(settings), options.source);
  return source;
}

signal::Dataset cut_windows(const DataSource& source, signal::RecordingSet set,
                            const signal::WindowOptions& windows) {
  if (!source.split) return signal::cut_dataset(std::move(set), windows);
  return signal::make_dataset(std::move(set), windows, source.config.split);
}

signal::Dataset load_windows(const DataSource& source) {
  signal::RecordingSet set = experiment::load_recordings(source.config.data, source.base);
  const signal::WindowOptions windows = experiment::window_options(source.config, set);
  return cut_windows(source, std::move(set), windows);
}

}  // namespace edgeproof::cli
