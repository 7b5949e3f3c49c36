#include "experiment/config_file.h"

#include <fmt/format.h>

#include <toml++/toml.h>

#include "core/error.h"
#include "core/files.h"
#include "experiment/config_check.h"
#include "experiment/config_toml.h"

namespace edgeproof::experiment {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of a configuration

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    fail(ErrorCode::bad_config, "{}:{}: not TOML: {}", source, error.source().begin.line,
         error.description());
  }
}

// The files that `root` says it is based on.
std::vector<std::filesystem::path> bases_of(const toml::table& root, const std::string& source) {
  const toml::node* node = root.get("base");
  if (node == nullptr) return {};
  const auto refuse = [&](std::string_view what) {
    fail(ErrorCode::bad_config, "{}:{}: 'base' {}", source, node->source().begin.line, what);
  };
  std::vector<std::filesystem::path> bases;
  const auto add = [&](const toml::node& element) {
    const auto name = element.value_exact<std::string>();
    if (!name) refuse("must be a file's name in quotes, or a list of them");
    bases.push_back(std::filesystem::path(source).parent_path() / *name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(bases.back(), error))
      refuse(fmt::format("names '{}', which is no file", *name));
  };
  if (const toml::array* list = node->as_array()) {
    for (const toml::node& element : *list) add(element);
  } else {
    add(*node);
  }
  return bases;
}

// Calls `read` with each base in their order, then with the text itself. Gives the names of all.
template <typename Read>
std::string read_layers(std::string_view text, const std::string& source, const Read& read,
                        int depth = 0) {
  constexpr int kDeepest = 8;
  if (depth == kDeepest) {
    fail(ErrorCode::bad_config, "{}: 'base' of 'base', {} files deep; is one its own?", source,
         kDeepest);
  }
  const toml::table root = parse_toml(text, source);
  std::string sources = source;
  for (const std::filesystem::path& base : bases_of(root, source)) {
    sources += ", " + read_layers(read_file(base, kMostBytes), base.string(), read, depth + 1);
  }
  read(TomlReader(root, source));
  return sources;
}

}  // namespace

Config parse_config(std::string_view text, const std::string& source_name, Config config) {
  KeyPlaces places;
  const std::string sources = read_layers(text, source_name, [&](TomlReader reader) {
    visit(reader, config);
    reader.finish();
    for (const char* section : {"data", "train", "finetune"}) {
      for (const auto& [key, place] : reader.places(section)) {
        places[fmt::format("{}.{}", section, key)] = place;
      }
    }
  });
  check(config, sources, places);
  return config;
}

Config read_config(const std::filesystem::path& path) {
  return parse_config(read_file(path, kMostBytes), path.string());
}

std::vector<Claim> read_claims(const std::filesystem::path& path) {
  std::vector<Claim> claims;
  read_layers(read_file(path, kMostBytes), path.string(),
              [&](TomlReader reader) { reader.claims("claim", "", claims); });
  if (claims.empty()) fail(ErrorCode::bad_config, "{}: has no [[claim]]", path.string());
  return claims;
}

std::vector<Setting> settings_of(const Config& config) {
  SettingsCollector collector;
  Config copy = config;
  visit(collector, copy);
  return collector.take();
}

std::string to_toml(const Config& config) {
  TomlWriter writer;
  Config copy = config;
  visit(writer, copy);
  return writer.text();
}

std::string to_toml(const std::vector<Claim>& claims) {
  TomlWriter writer;
  writer.claims("claim", "Judged when the study was finished.", claims);
  return writer.text();
}

}  // namespace edgeproof::experiment
