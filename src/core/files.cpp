#include "core/files.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "core/error.h"

namespace edgeproof {
namespace {

std::string why() {
  return std::strerror(errno);
}

class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest, &size);
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

std::ifstream open_to_read(const std::filesystem::path& path) {
  std::error_code error;  // a name may be too long for any file
  if (std::filesystem::is_directory(path, error)) {
    fail(ErrorCode::io, "{}: is a directory, expected a file", path.string());
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorCode::io, "{}: cannot open: {}", path.string(), why());
  return file;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  std::ifstream file = open_to_read(path);
  std::string bytes;
  std::vector<char> piece(1 << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > max_bytes) {
      fail(ErrorCode::bad_input, "{}: larger than the limit of {} bytes", path.string(), max_bytes);
    }
  }
  if (file.bad()) fail(ErrorCode::io, "{}: cannot read: {}", path.string(), why());
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  OutputFile file(path);
  file.write(bytes);
  file.commit();
}

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path)) {
  if (path_ == "-") {
    file_ = stdout;
    return;
  }
  partial_ = path_;
  partial_ += fmt::format(".partial-{}", getpid());
  file_ = std::fopen(partial_.c_str(), "wb");
  if (file_ == nullptr) fail_to_write();
}

OutputFile::~OutputFile() {
  if (file_ == nullptr || file_ == stdout) return;
  std::fclose(file_);
  std::error_code error;
  std::filesystem::remove(partial_, error);
}

void OutputFile::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail_to_write();
}

void OutputFile::commit() {
  if (file_ == stdout) {
    if (std::fflush(stdout) != 0) fail_to_write();
    return;
  }
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  std::error_code error;
  if (closed && (std::filesystem::rename(partial_, path_, error), !error)) return;
  const std::string reason = closed ? error.message() : why();
  std::filesystem::remove(partial_, error);
  fail(ErrorCode::io, "{}: cannot write: {}", path_.string(), reason);
}

void OutputFile::fail_to_write() {
  fail(ErrorCode::io, "{}: cannot write: {}", path_ == "-" ? "standard output" : path_.string(),
       why());
}

void make_writable_directory(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    fail(ErrorCode::io, "{}: cannot create the folder: {}", path.string(), error.message());
  if (!std::filesystem::is_directory(path)) {
    fail(ErrorCode::io, "{}: is not a folder", path.string());
  }
  const std::filesystem::path probe = path / fmt::format(".probe-{}", getpid());
  if (!std::ofstream(probe)) {
    fail(ErrorCode::io, "{}: cannot write in this folder: {}", path.string(), why());
  }
  std::filesystem::remove(probe, error);
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file = open_to_read(path);
  Sha256 hash;
  std::vector<char> piece(1 << 16);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    hash.add({piece.data(), static_cast<std::size_t>(file.gcount())});
  }
  return hash.hex();
}

}  // namespace edgeproof
