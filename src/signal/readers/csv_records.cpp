// Lines are joined while a quote is open; then fields are cut and unquoted in place. Test:
// csv_test.cpp.

#include "signal/readers/csv_records.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::signal {
namespace {

constexpr std::size_t kMaxRecordBytes = 1 << 20;

}  // namespace

CsvRecords::CsvRecords(const std::filesystem::path& path, char separator)
    : path_(path.string()), separator_(separator), piece_(1 << 16) {
  if (separator == '"' || separator == '\n' || separator == '\r') {
    fail(ErrorCode::bad_config, "{}: a quote or line end cannot be the separator", path_);
  }
  if (std::filesystem::is_directory(path)) {
    fail(ErrorCode::io, "{}: is a directory, expected a file", path_);
  }
  file_.open(path, std::ios::binary);
  if (!file_) fail(ErrorCode::io, "{}: cannot open: {}", path_, std::strerror(errno));
  if (!read_record()) fail(ErrorCode::bad_input, "{}: is empty, expected a header line", path_);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (record_.starts_with(kByteOrderMark)) record_.erase(0, kByteOrderMark.size());
  split_record();
  for (const std::string_view field : fields_) {
    const std::string name(trim(field));
    if (std::ranges::find(header_, name) != header_.end()) {
      fail(ErrorCode::bad_input, "{}, line 1: two columns are named '{}'", path_, name);
    }
    header_.push_back(name);
  }
}

bool CsvRecords::next() {
  do {
    if (!read_record()) return false;
  } while (record_.empty() && header_.size() > 1);
  split_record();
  if (fields_.size() != header_.size()) {
    fail(ErrorCode::bad_input, "{}, line {}: {} fields, but the header has {}", path_, record_line_,
         fields_.size(), header_.size());
  }
  return true;
}

// Appends the next line, without its end, to record_. False at the end of the file.
bool CsvRecords::read_line() {
  ++line_;
  for (bool any = false;;) {
    if (begin_ == end_) {
      file_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
      begin_ = 0;
      end_ = static_cast<std::size_t>(file_.gcount());
      if (file_.bad()) fail(ErrorCode::io, "{}: cannot read: {}", path_, std::strerror(errno));
      if (end_ == 0) return any;
    }
    any = true;
    const char* from = piece_.data() + begin_;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_));
    const std::size_t count =
        newline == nullptr ? end_ - begin_ : static_cast<std::size_t>(newline - from);
    record_.append(from, count);
    begin_ += count + (newline == nullptr ? 0 : 1);
    if (record_.size() > kMaxRecordBytes) {
      fail(ErrorCode::bad_input, "{}, line {}: a record of more than {} bytes; is a quote open?",
           path_, record_line_, kMaxRecordBytes);
    }
    if (newline != nullptr) return true;
  }
}

bool CsvRecords::read_record() {
  record_.clear();
  record_line_ = line_ + 1;
  if (!read_line()) return false;
  std::size_t checked = 0;
  bool open = false;
  for (;;) {
    for (; checked < record_.size(); ++checked) open ^= record_[checked] == '"';
    if (!open) break;
    record_ += '\n';
    if (!read_line()) {
      fail(ErrorCode::bad_input, "{}, line {}: a quote is not closed", path_, record_line_);
    }
  }
  if (record_.ends_with('\r')) record_.pop_back();
  return true;
}

void CsvRecords::split_record() {
  fields_.clear();
  char* at = record_.data();
  char* const end = at + record_.size();
  for (;;) {
    char* const begin = at;
    char* out = at;
    if (at != end && *at == '"') {
      for (++at; at != end; ++at) {
        if (*at == '"' && (++at == end || *at != '"')) break;  // a quote that is not doubled
        *out++ = *at;
      }
      if (at != end && *at != separator_) {
        fail(ErrorCode::bad_input, "{}, line {}: field {} goes on after its closing quote", path_,
             record_line_, fields_.size() + 1);
      }
    } else {
      out = at = std::find(at, end, separator_);
    }
    fields_.emplace_back(begin, static_cast<std::size_t>(out - begin));
    if (at == end) return;
    ++at;
  }
}

}  // namespace edgeproof::signal
