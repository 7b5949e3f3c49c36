#pragma once

// A source of data: what `source` in [data] of a study and SOURCE of `edgeproof data` can name. A
// reader describes itself by one of these; registry.h lists them all.

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "signal/dataset.h"
#include "signal/readers/settings.h"

namespace edgeproof::signal {

// A key of [data], as one source reads it.
struct SourceKey {
  std::string name;
  Value value;  // the default
  std::string meaning;
  Allowed allowed;
  std::string one_each_of;
  bool required = false;  // the default is not enough
};

// `meaning` says what the key is for this source, if that is not the same for all.
template <typename T>
SourceKey use(const Key<T>& key, const std::string& meaning = {}) {
  return {key.name, Value(key.value), meaning.empty() ? key.meaning : meaning, key.allowed,
          key.one_each_of};
}
template <typename T>
SourceKey need(const Key<T>& key, const std::string& meaning = {}) {
  SourceKey needed = use(key, meaning);
  needed.required = true;
  return needed;
}

// What is asked of a source.
struct SourceRequest {
  std::string source;  // its name: "csv", "ucr:BasicMotions"
  Settings settings;
  std::filesystem::path base = {};       // folder that relative paths are below
  std::filesystem::path downloads = {};  // folder of downloaded data sets; empty: none
};

// What a single file is asked for with, if nothing else is said.
struct FileRequest {
  Settings settings;
  bool official_split = false;  // whether it comes with the other part of a published split
};

struct Source {
  std::string name;     // "x:NAME" stands for "x:" and any name
  std::string meaning;  // what it is, a few words
  std::vector<SourceKey> keys;
  std::function<RecordingSet(const SourceRequest&)> read;
  // Of the settings, beyond what `keys` says: throws an Error for what does not fit together,
  // without having looked at any file.
  std::function<void(const SourceRequest&)> check = nullptr;

  // Of a format: how names of its files end (".csv"), and how a single one is read.
  std::vector<std::string> endings = {};
  std::function<FileRequest(const std::filesystem::path&)> describe_file = nullptr;

  // How a data set that is known by its name is looked at, if nothing else is said.
  int window_length = 128, hop = 64;
  bool official_split = false;

  bool is_format() const { return !endings.empty(); }
};

}  // namespace edgeproof::signal
