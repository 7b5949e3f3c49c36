#pragma once

// The named files of a data set, read the same way from folders or out of archives.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

// Where a file was found, for messages: "data.tar.xz: 'set/train/y_train.txt'", and what is in it.
struct SourceFile {
  std::size_t index = 0;  // into the names asked for
  std::string place;
  std::string bytes;
};

// Calls `visit` once for each of `names` (relative, with '/'), in the order in which the folders or
// archives give them; one file is in memory at a time. Each file may be in any one of `sources`. A
// member of an archive matches if its path ends with the name, so that the folder around the data
// does not matter; zip archives within an archive are looked into, one level deep. Errors: a name
// that is missing, found twice, that leaves its folder ("../x"), or a file larger than `max_bytes`.
//
// Returns a checksum that is the same for folders and archives of them, in any distribution: the
// SHA-256 of the list that `sha256sum names...` prints.
std::string visit_source_files(std::span<const std::filesystem::path> sources,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit);

// The same with one source.
std::string visit_source_files(const std::filesystem::path& folder_or_archive,
                               std::span<const std::string> names, std::uint64_t max_bytes,
                               const std::function<void(const SourceFile&)>& visit);

// The names, in order, of all files in the sources that end with `ending`; those of a folder are
// relative to it. Nested archives are not looked into. Error if there are more than a million.
std::vector<std::string> list_source_files(std::span<const std::filesystem::path> sources,
                                           std::string_view ending);

}  // namespace edgeproof::signal
