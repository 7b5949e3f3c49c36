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

  // Goes to the next regular file and gives its name; nothing at the end of the archive.
  std::optional<std::string> next();

  // The current file's contents. An error if they are longer than `max_bytes`.
  std::string read(std::uint64_t max_bytes);

 private:
  [[noreturn]] void fail_damaged() const;

  struct Close {
    void operator()(archive* handle) const;
  };
  std::string path_;
  std::string member_;
  std::unique_ptr<archive, Close> archive_;
};

}  // namespace edgeproof::signal
