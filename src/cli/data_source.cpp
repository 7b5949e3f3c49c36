// --set becomes the text of a study.toml, so that its keys, their meaning and their errors are
// those of a study. Test: data_test.sh.

#include "cli/data_source.h"

#include <map>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "experiment/config_file.h"
#include "experiment/data.h"
#include "experiment/recordings.h"
#include "signal/readers/registry.h"
#include "signal/windows.h"

namespace edgeproof::cli {
namespace {

namespace fs = std::filesystem;

// What --set says: [section] -> key -> value, as TOML.
using Sections = std::map<std::string, std::map<std::string, std::string>>;

std::string toml_text(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

// What is no list, number, boolean or quoted text is a text.
std::string as_toml(std::string_view value) {
  const bool is_toml =
      !value.empty() && (value.front() == '[' || value.front() == '"' || value == "true" ||
                         value == "false" || parse_number(value).has_value());
  return is_toml ? std::string(value) : toml_text(value);
}

Sections sections_of(const std::vector<std::string>& settings) {
  Sections all;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      fail(ErrorCode::bad_config, "--set is '{}', expected KEY=VALUE or SECTION.KEY=VALUE",
           setting);
    }
    const std::string key(trim(setting.substr(0, equals)));
    const std::size_t dot = key.find('.');
    const std::string section = dot == std::string::npos ? "data" : key.substr(0, dot);
    all[section][dot == std::string::npos ? key : key.substr(dot + 1)] =
        as_toml(trim(std::string_view(setting).substr(equals + 1)));
  }
  return all;
}

std::string text_of(const Sections& sections) {
  std::string text;
  for (const auto& [section, keys] : sections) {
    text += fmt::format("[{}]\n", section);
    for (const auto& [key, value] : keys) text += fmt::format("{} = {}\n", key, value);
  }
  return text;
}

void split_officially(DataSource& source) {
  source.config.split.by = signal::SplitBy::official;
  source.split = true;
}

// What a study of the data set would have: studies/*.toml.
DataSource named(const signal::Source& source, const SourceOptions& options) {
  DataSource result{.base = options.data_dir, .split = true};
  result.config.data.source = options.source;
  result.config.window.length = source.window_length;
  result.config.window.hop = source.hop;
  if (source.official_split) split_officially(result);
  return result;
}

DataSource of_file(const signal::Source& source, const fs::path& file) {
  if (!fs::exists(file)) fail(ErrorCode::io, "{}: no such file", file.string());
  const signal::FileRequest request = source.describe_file(file);
  DataSource result;
  result.config.data = {.source = source.name, .settings = request.settings};
  if (request.official_split) split_officially(result);
  return result;
}

[[noreturn]] void fail_unknown(const std::string& source) {
  const std::vector<std::string> known = signal::names_of_data_sets();
  const auto close = closest(source, known);
  fail(ErrorCode::bad_config, "unknown source '{}'{}", source,
       close ? fmt::format(", did you mean '{}'?", *close)
             : fmt::format(" (known: {})", sources_help()));
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
  const signal::Source* format = signal::source_of_file(path);
  const signal::Source* data_set = signal::source_named(options.source);
  if (format == nullptr && (data_set == nullptr || data_set->is_format())) {
    fail_unknown(options.source);
  }
  DataSource source =
      format != nullptr ? of_file(*format, options.data_dir / path) : named(*data_set, options);
  const Sections sections = sections_of(options.settings);
  source.split |= sections.contains("split");
  source.config =
      experiment::parse_config(text_of(sections), options.source, std::move(source.config));
  return source;
}

std::string sources_help() {
  const std::vector<std::string> endings = signal::file_endings();
  return fmt::format("{}; a file that ends in {}; or a study's .toml",
                     join(signal::names_of_data_sets(), ", "), join(endings, ", "));
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
