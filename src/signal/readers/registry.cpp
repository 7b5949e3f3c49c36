#include "signal/readers/registry.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "signal/generators/bearing.h"
#include "signal/generators/imu.h"
#include "signal/readers/arff.h"
#include "signal/readers/csv.h"
#include "signal/readers/cwru.h"
#include "signal/readers/keys.h"
#include "signal/readers/mat.h"
#include "signal/readers/mitbih.h"
#include "signal/readers/npz.h"
#include "signal/readers/ts.h"
#include "signal/readers/uci_har.h"
#include "signal/readers/ucr.h"
#include "signal/readers/wfdb.h"

namespace edgeproof::signal {
namespace {

// "csv, npz (required): samples per second. ts: ..."
std::string meaning_of(std::string_view name) {
  struct Group {
    const SourceKey* key;
    std::vector<std::string> sources;
  };
  std::vector<Group> groups;
  for (const Source& source : sources()) {
    const auto key = std::ranges::find(source.keys, name, &SourceKey::name);
    if (key == source.keys.end()) continue;
    auto group = std::ranges::find_if(groups, [&](const Group& g) {
      return g.key->meaning == key->meaning && g.key->required == key->required;
    });
    if (group == groups.end()) group = groups.insert(group, Group{&*key, {}});
    group->sources.push_back(source.name);
  }
  std::vector<std::string> texts;
  for (const Group& group : groups) {
    texts.push_back(fmt::format("{}{}: {}", join(group.sources, ", "),
                                group.key->required ? " (required)" : "", group.key->meaning));
  }
  return join(texts, " ");
}

}  // namespace

const std::vector<Source>& sources() {
  static const std::vector<Source> kSources{imu_source(),    bearing_source(), uci_har_source(),
                                            mitbih_source(), cwru_source(),    ucr_source(),
                                            csv_source(),    npz_source(),     wfdb_source(),
                                            mat_source(),    ts_source(),      arff_source()};
  return kSources;
}

const Source* source_named(std::string_view name) {
  constexpr std::string_view kAny = "NAME";
  const auto found = std::ranges::find_if(sources(), [&](const Source& source) {
    const std::string_view own = source.name;
    if (!own.ends_with(":NAME")) return own == name;
    return name.starts_with(own.substr(0, own.size() - kAny.size()));
  });
  return found == sources().end() ? nullptr : &*found;
}

const Source* source_of_file(const std::filesystem::path& file) {
  const std::string ending = file.extension().string();
  const auto found = std::ranges::find_if(sources(), [&](const Source& source) {
    return std::ranges::count(source.endings, ending) != 0;
  });
  return found == sources().end() ? nullptr : &*found;
}

const std::vector<SourceKey>& all_keys() {
  static const std::vector<SourceKey> kKeys = [] {
    std::vector<SourceKey> keys;
    for (const Source& source : sources()) {
      for (const SourceKey& key : source.keys) {
        if (std::ranges::find(keys, key.name, &SourceKey::name) != keys.end()) continue;
        keys.push_back(key);
        keys.back().meaning = meaning_of(key.name);
      }
    }
    return keys;
  }();
  return kKeys;
}

std::vector<std::string> sources_with(std::string_view key) {
  std::vector<std::string> names;
  for (const Source& source : sources()) {
    if (has_key(source, key)) names.push_back(source.name);
  }
  return names;
}

bool has_key(const Source& source, std::string_view key) {
  return std::ranges::find(source.keys, key, &SourceKey::name) != source.keys.end();
}

std::vector<std::string> source_names() {
  std::vector<std::string> names;
  for (const Source& source : sources()) names.push_back(source.name);
  return names;
}

std::vector<std::string> names_of_data_sets() {
  std::vector<std::string> names;
  for (const Source& source : sources()) {
    if (!source.is_format()) names.push_back(source.name);
  }
  return names;
}

std::vector<std::string> file_endings() {
  std::vector<std::string> endings;
  for (const Source& source : sources()) {
    endings.insert(endings.end(), source.endings.begin(), source.endings.end());
  }
  return endings;
}

void check_settings(const Source& source, const SourceRequest& request) {
  const auto length_of = [&](const SourceKey& key) {
    return std::get<std::vector<std::string>>(request.settings.get(key.name, key.value)).size();
  };
  for (const SourceKey& key : source.keys) {
    if (key.required && !request.settings.is_set(key.name)) {
      const bool is_list = std::holds_alternative<std::vector<std::string>>(key.value);
      fail(ErrorCode::bad_config, "[data] source '{}' needs {}'{}'", request.source,
           is_list ? "" : "a ", key.name);
    }
    if (key.one_each_of.empty() || length_of(key) == 0) continue;
    const auto other = std::ranges::find(source.keys, key.one_each_of, &SourceKey::name);
    if (length_of(key) != length_of(*other)) {
      fail(ErrorCode::bad_config, "'{}' in [data] must be empty or one for each of '{}'", key.name,
           other->name);
    }
  }
  if (has_key(source, kDerivedFrom.name)) make_channels(channels_of(request.settings));
  if (source.check) source.check(request);
}

}  // namespace edgeproof::signal
