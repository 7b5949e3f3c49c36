#pragma once

#include <filesystem>

#include "store/store.h"

namespace edgeproof::cli {

// The file of a study's store, given its folder or the file itself.
inline std::filesystem::path study_file(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? store::store_path(path) : path;
}

// The store of a study, to read.
inline store::Store open_study(const std::filesystem::path& path) {
  return store::Store::open_existing(study_file(path));
}

inline std::filesystem::path study_folder(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? path : path.parent_path();
}

}  // namespace edgeproof::cli
