#pragma once

#include <filesystem>

#include "engine/study.h"
#include "store/store.h"

namespace edgeproof::cli {

// The store of a study, given its folder or the store's own file.
inline store::Store open_study(const std::filesystem::path& path) {
  return store::Store::open_existing(std::filesystem::is_directory(path) ? store::store_path(path)
                                                                         : path);
}

inline std::filesystem::path study_folder(const std::filesystem::path& path) {
  return std::filesystem::is_directory(path) ? path : path.parent_path();
}

}  // namespace edgeproof::cli
