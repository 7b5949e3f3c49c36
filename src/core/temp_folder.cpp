#include "core/temp_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "core/error.h"

namespace edgeproof {
namespace {

std::filesystem::path folder_for_temporary_files() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) fail(ErrorCode::io, "{}: no folder for temporary files (TMPDIR)", folder.string());
  return folder;
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = folder_for_temporary_files() / "edgeproof-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    fail(ErrorCode::io, "{}: cannot create the folder: {}", name, std::strerror(errno));
  }
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

}  // namespace edgeproof
