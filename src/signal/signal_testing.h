#pragma once

// What this module's tests share: archives made on the spot, messages of Errors.

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/files.h"
#include "core/temp_folder.h"
#include "signal/dataset.h"
#include "signal/windows.h"

namespace edgeproof::signal {

using Members = std::vector<std::pair<std::string, std::string>>;  // name, contents

// The same as files below `folder`.
inline void write_tree(const std::filesystem::path& folder, const Members& files) {
  for (const auto& [name, contents] : files) {
    std::filesystem::create_directories((folder / name).parent_path());
    write_file(folder / name, contents);
  }
}

// The folder with the real data sets, EDGEPROOF_DATA_DIR; empty if it does not hold this file.
inline std::filesystem::path data_folder_with(const std::string& name) {
  const char* variable = std::getenv("EDGEPROOF_DATA_DIR");
  const std::filesystem::path folder = variable != nullptr ? variable : "";
  return std::filesystem::exists(folder / name) ? folder : "";
}

inline std::string why_skipped(const std::string& name) {
  return "no " + name + " in EDGEPROOF_DATA_DIR; set it to the folder that holds it";
}

// A .zip, or a .tar.xz, by the name's end.
inline void write_archive(const std::filesystem::path& path, const Members& members) {
  archive* out = archive_write_new();
  if (path.extension() == ".xz") {
    archive_write_add_filter_xz(out);
    archive_write_set_format_pax_restricted(out);
  } else {
    archive_write_set_format_zip(out);
  }
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (const auto& [name, contents] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(contents.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    ASSERT_EQ(archive_write_header(out, entry), ARCHIVE_OK);
    archive_write_data(out, contents.data(), contents.size());
    archive_entry_free(entry);
  }
  archive_write_free(out);
}

// The message of the Error that `action` must throw, after its code: "bad_input: ...".
inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    const char* code = error.code() == ErrorCode::bad_input    ? "bad_input"
                       : error.code() == ErrorCode::bad_config ? "bad_config"
                       : error.code() == ErrorCode::io         ? "io"
                                                               : "unsupported";
    return fmt::format("{}: {}", code, error.what());
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

// A .npy file as numpy.save writes it: the header padded so that elements begin at a multiple
// of 64.
inline std::string npy_bytes(const std::string& descr, const std::string& shape,
                             const std::string& data, bool fortran = false, int version = 1) {
  std::string header = fmt::format("{{'descr': {}, 'fortran_order': {}, 'shape': {}, }}", descr,
                                   fortran ? "True" : "False", shape);
  const std::size_t prefix = version == 1 ? 10 : 12;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  const auto length = static_cast<std::uint32_t>(header.size());
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  bytes.append(reinterpret_cast<const char*>(&length), prefix - 8);
  return bytes + header + data;
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

// One recording of one channel for each label sequence; groups g0, g1, ..., one each; classes a, b,
// c.
inline RecordingSet set_of(const std::vector<std::vector<std::int32_t>>& labels) {
  RecordingSet set;
  set.name = "made";
  set.rate_hz = 10;
  set.channels = {{"x", "", 0}};
  set.classes = {"a", "b", "c"};
  for (const auto& sequence : labels) {
    Recording recording;
    recording.name = fmt::format("r{}", set.recordings.size());
    recording.group = static_cast<int>(set.group_names.size());
    recording.labels = sequence;
    recording.samples.resize(sequence.size());
    set.group_names.push_back(fmt::format("g{}", recording.group));
    set.recordings.push_back(recording);
  }
  return set;
}

// `groups` groups of one recording each, in which both classes have windows.
inline RecordingSet even_set(int groups) {
  return set_of(std::vector<std::vector<std::int32_t>>(static_cast<std::size_t>(groups),
                                                       {0, 0, 0, 0, 1, 1, 1, 1}));
}

inline std::vector<Window> all_windows(const Dataset& dataset) {
  std::vector<Window> all = dataset.train;
  all.insert(all.end(), dataset.validation.begin(), dataset.validation.end());
  all.insert(all.end(), dataset.test.begin(), dataset.test.end());
  return all;
}

inline std::set<std::string> groups_of(const Dataset& dataset, const std::vector<Window>& windows) {
  std::set<std::string> names;
  for (const Window& window : windows) {
    names.insert(dataset.source.group_names[dataset.source.recordings[window.recording].group]);
  }
  return names;
}

// The message of the Error that make_dataset() must throw.
inline std::string split_error_of(RecordingSet set, const WindowOptions& windows,
                                  const SplitOptions& split) {
  return error_of([&] { make_dataset(std::move(set), windows, split); });
}

// g2 tests, g1 validates, all others train.
inline const SplitOptions kByNames{
    .by = SplitBy::groups, .test_groups = {"g2"}, .validation_groups = {"g1"}};

}  // namespace edgeproof::signal
