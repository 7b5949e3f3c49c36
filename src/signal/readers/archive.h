#pragma once

// Members of a tar (plain or compressed) or zip archive, one after the other, straight into memory:
// nothing is written to disk and no member name is ever used as a path. Errors are bad_input and
// name the archive and the member. One thread at a time.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

struct archive;

namespace edgeproof::signal {

class ArchiveReader {
 public:
  explicit ArchiveReader(const std::filesystem::path& path);

  // Not to be copied or moved: libarchive points into bytes_.
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  // An archive in memory, such as a member of another one; `place` is its name in messages.
  ArchiveReader(std::string bytes, std::string place);

  // Goes to the next regular file and gives its name; nothing at the end of the archive.
  std::optional<std::string> next();

  // The current file's contents. An error if they are longer than `max_bytes`.
  std::string read(std::uint64_t max_bytes);

  // The next piece of the current file's contents; none at its end.
  std::string read_piece();

 private:
  void allow_formats();
  [[noreturn]] void fail_unreadable() const;
  [[noreturn]] void fail_damaged() const;

  struct Close {
    void operator()(archive* handle) const;
  };
  std::string path_;
  std::string bytes_;  // of an archive in memory
  std::string member_;
  std::unique_ptr<archive, Close> archive_;
};

}  // namespace edgeproof::signal
