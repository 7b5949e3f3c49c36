#pragma once

// The named files of a data set, read the same way from a folder or out of an archive.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

namespace edgeproof::signal {

// Where a file was found, for messages: "data.tar.xz: 'set/train/y_train.txt'", and what is in it.
struct SourceFile {
  size_t index = 0;  // into the names asked for
  std::string place;
  std::string bytes;
};

// Calls `visit` once for each of `names` (relative, with '/'), in the order in which a folder or
// archive gives them; one file is in memory at a time. A member of an archive matches if its path
// ends with the name, so that the folder around the data does not matter. Errors: a name that is
// missing, found twice, or larger than `max_bytes`.
//
// Returns a checksum that is the same for a folder and an archive of it: the SHA-256 of the list
// that `sha256sum names...` prints.
std::string visit_source_files(const std::filesystem::path& folder_or_archive,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit);

}  // namespace edgeproof::signal
