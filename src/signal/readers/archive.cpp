// A thin layer over libarchive. Only tar and zip are switched on: rarer formats would be nothing
// but attack surface. Test: source_files_test.cpp.

#include "signal/readers/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <vector>

#include "core/error.h"

namespace edgeproof::signal {

void ArchiveReader::Close::operator()(archive* handle) const {
  archive_read_free(handle);
}

ArchiveReader::ArchiveReader(const std::filesystem::path& path)
    : path_(path.string()), archive_(archive_read_new()) {
  if (!std::filesystem::exists(path) || std::filesystem::is_directory(path)) {
    fail(ErrorCode::io, "{}: no such file, expected a tar or zip archive", path_);
  }
  allow_formats();
  constexpr std::size_t kBlock = 1 << 18;
  if (archive_read_open_filename(archive_.get(), path_.c_str(), kBlock) != ARCHIVE_OK) {
    fail_unreadable();
  }
}

ArchiveReader::ArchiveReader(std::string bytes, std::string place)
    : path_(std::move(place)), bytes_(std::move(bytes)), archive_(archive_read_new()) {
  allow_formats();
  if (archive_read_open_memory(archive_.get(), bytes_.data(), bytes_.size()) != ARCHIVE_OK) {
    fail_unreadable();
  }
}

void ArchiveReader::allow_formats() {
  archive_read_support_filter_all(archive_.get());
  archive_read_support_format_tar(archive_.get());
  archive_read_support_format_zip(archive_.get());
}

void ArchiveReader::fail_unreadable() const {
  fail(ErrorCode::bad_input, "{}: cannot be read as a tar or zip archive: {}", path_,
       archive_error_string(archive_.get()));
}

std::optional<std::string> ArchiveReader::next() {
  for (;;) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return std::nullopt;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) fail_damaged();
    const char* name = archive_entry_pathname_utf8(entry);
    if (name == nullptr) name = archive_entry_pathname(entry);
    member_ = name == nullptr ? "" : name;
    if (archive_entry_filetype(entry) == AE_IFREG) return member_;
  }
}

std::string ArchiveReader::read(std::uint64_t max_bytes) {
  std::string bytes;
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(archive_.get(), &block, &size, &offset);
    if (status == ARCHIVE_EOF) return bytes;
    if (status != ARCHIVE_OK) fail_damaged();
    const std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
    if (end > max_bytes) {
      fail(ErrorCode::bad_input, "{}: '{}' is larger than the limit of {} bytes", path_, member_,
           max_bytes);
    }
    bytes.resize(static_cast<std::size_t>(offset));  // a hole in a sparse file reads as zeros
    bytes.append(static_cast<const char*>(block), size);
  }
}

std::string ArchiveReader::read_piece() {
  std::string bytes(1 << 18, '\0');
  const la_ssize_t count = archive_read_data(archive_.get(), bytes.data(), bytes.size());
  if (count < 0) fail_damaged();
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

void ArchiveReader::fail_damaged() const {
  const char* reason = archive_error_string(archive_.get());
  fail(ErrorCode::bad_input, "{}: the archive is damaged or cut short{}: {}", path_,
       member_.empty() ? "" : fmt::format(" (at '{}')", member_),
       reason == nullptr ? "unknown reason" : reason);
}

}  // namespace edgeproof::signal
