#pragma once

// What this module's tests share: a folder that vanishes, archives made on the spot, messages of
// Errors.

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"

namespace edgeproof::signal {

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "edgeproof-signal-XXXXXX";
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using Members = std::vector<std::pair<std::string, std::string>>;  // name, contents

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

}  // namespace edgeproof::signal
