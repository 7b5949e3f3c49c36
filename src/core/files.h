#pragma once

// Whole files in and out, with Errors that name the path, and checksums.

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace edgeproof {

// The file's bytes. Error io if it cannot be read, bad_input if it is larger than `max_bytes`.
std::string read_file(const std::filesystem::path& path, std::uintmax_t max_bytes = 1u << 30);

// Writes to a temporary name beside `path`, then renames: readers see the old file or the new one,
// never half of it.
void write_file(const std::filesystem::path& path, std::string_view bytes);

// A file written in pieces under a temporary name beside `path`, which commit() gives it; without
// that nothing is left. The path "-" is standard output. Errors io, naming the path.
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail_to_write();

  std::filesystem::path path_, partial_;
  std::FILE* file_ = nullptr;
};

// Creates the folder if need be, and checks that files can be made in it.
void make_writable_directory(const std::filesystem::path& path);

// SHA-256 as 64 hexadecimal digits (FIPS 180-4), of bytes, and of a file read in pieces.
std::string sha256(std::string_view bytes);
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace edgeproof
