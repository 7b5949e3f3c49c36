#pragma once

// An .npz file, or any zip archive, written as it goes: nothing of it is kept in memory, nothing is
// compressed, and the same contents give the same bytes. Without finish() no file is left.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/files.h"

struct archive;

namespace edgeproof::signal {

class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& path);  // "-": standard output
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  // The next member. Above 4 GiB its size must be given.
  void begin(const std::string& name, std::optional<std::int64_t> size);
  void write(std::string_view bytes);
  void finish();

 private:
  void check(int status);

  struct Close {
    void operator()(archive* handle) const;
  };
  OutputFile file_;
  std::unique_ptr<archive, Close> archive_;
};

// The first bytes of a .npy file of version 1, for elements in C order: `descr` is NumPy's type
// ("<f4").
std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape);

}  // namespace edgeproof::signal
