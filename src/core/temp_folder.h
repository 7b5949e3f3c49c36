#pragma once

// A private folder for files that other programs or libraries can only take by name.

#include <filesystem>

namespace edgeproof {

// Makes an empty folder of a name that nobody else has, below TMPDIR (or /tmp), which only this
// user may read, and removes it with all it holds. Error io, naming the folder, if it cannot be
// made; what cannot be removed is left.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Path of a file or folder inside.
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace edgeproof
