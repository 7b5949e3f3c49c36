// Test: npz_stream_test.cpp, dataset_writer_test.cpp.

#include "signal/streams/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include "core/error.h"

namespace edgeproof::signal {

ZipWriter::ZipWriter(const std::filesystem::path& path)
    : file_(path), archive_(archive_write_new()) {
  archive_write_set_format_zip(archive_.get());
  archive_write_zip_set_compression_store(archive_.get());
  archive_write_set_bytes_in_last_block(archive_.get(), 1);
  const auto write = [](archive*, void* self, const void* bytes, std::size_t count) -> la_ssize_t {
    static_cast<ZipWriter*>(self)->file_.write({static_cast<const char*>(bytes), count});
    return static_cast<la_ssize_t>(count);
  };
  archive_write_open(archive_.get(), this, nullptr, write, nullptr);
}

void ZipWriter::begin(const std::string& name, std::optional<std::int64_t> size) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                            &archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 315532800, 0);  // 1980: the same bytes every time
  if (size) archive_entry_set_size(entry.get(), *size);
  check(archive_write_header(archive_.get(), entry.get()));
}

void ZipWriter::write(std::string_view bytes) {
  if (archive_write_data(archive_.get(), bytes.data(), bytes.size()) < 0) check(ARCHIVE_FATAL);
}

void ZipWriter::finish() {
  check(archive_write_close(archive_.get()));
  file_.commit();
}

void ZipWriter::check(int status) {
  if (status != ARCHIVE_OK) {
    fail(ErrorCode::io, "cannot write the archive: {}", archive_error_string(archive_.get()));
  }
}

void ZipWriter::Close::operator()(archive* handle) const {
  archive_write_free(handle);
}

// Magic, length, a dictionary, blanks up to a multiple of 64 bytes.
std::string npy_header(std::string_view descr, std::span<const std::int64_t> shape) {
  std::string sizes;
  for (const std::int64_t size : shape) sizes += fmt::format("{}, ", size);
  std::string text =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, sizes);
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  const auto length = static_cast<std::uint16_t>(text.size());
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(length & 0xFF);
  header += static_cast<char>(length >> 8);
  return header + text;
}

}  // namespace edgeproof::signal
