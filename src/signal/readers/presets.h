#pragma once

// The published data sets that are known by name: where their files are looked for, where they come
// from, and the checksum of their contents. What is in them is their readers' part.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "signal/readers/source.h"

namespace edgeproof::signal {

// Files that hold the data set, relative to a folder: it is there if all of `probes` exist.
struct PresetPlace {
  std::vector<std::string> probes;
  std::vector<std::string> sources;  // a folder, or one or more archives
};

struct PresetDownload {
  std::string url;
  std::string file;  // where it is put, relative to a folder; places knows it
};

struct Preset {
  std::string name;                 // "mitbih", "ucr:BasicMotions"
  std::string contents;             // what a folder should hold, for messages
  std::vector<PresetPlace> places;  // the first that is there is taken
  std::vector<PresetDownload> downloads;
  std::string checksum;  // RecordingSet::checksum of all its files; empty: not known here
};

// "uci_har", "mitbih", "cwru", "ucr:NAME"
const std::vector<std::string>& preset_names();
bool is_preset(std::string_view name);

// Error bad_config, with a suggestion, for an unknown name.
Preset preset(std::string_view name);

// The folder or archives that hold the data set: `path` itself if it is a file, or else below it.
// Empty if there is none.
std::vector<std::filesystem::path> find_preset(std::string_view name,
                                               const std::filesystem::path& path);
// The same; an Error says what was expected.
std::vector<std::filesystem::path> locate_preset(std::string_view name,
                                                 const std::filesystem::path& path);

// Where a data set that a configuration asks for by its name is looked for: `path`, or, if that is
// not given and the data set is not in `base`, the folder of downloaded ones if it is there.
std::filesystem::path preset_path(const SourceRequest& request);

}  // namespace edgeproof::signal
