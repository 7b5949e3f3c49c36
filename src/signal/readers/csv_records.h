#pragma once

// The records of a text file of separated values (RFC 4180), one at a time: quoted fields may hold
// separators, doubled quotes and line ends; lines end with LF or CRLF; a UTF-8 byte order mark is
// skipped. A record is bounded in size; the file is not. Not thread-safe.

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::signal {

class CsvRecords {
 public:
  // Reads the first record: the header.
  CsvRecords(const std::filesystem::path& path, char separator);

  const std::vector<std::string>& header() const { return header_; }

  // Goes to the next record, false at the end. Empty lines are skipped, unless there is only one
  // column. An error if it has not as many fields as the header.
  bool next();

  // Valid until the next call of next().
  std::span<const std::string_view> fields() const { return fields_; }
  int line() const { return record_line_; }  // where the record begins, from 1
  const std::string& path() const { return path_; }

 private:
  bool read_line();
  bool read_record();
  void split_record();

  std::string path_;
  char separator_;
  std::ifstream file_;
  std::vector<char> piece_;
  std::size_t begin_ = 0, end_ = 0;  // what is left of piece_
  std::string record_;               // fields_ point into it
  std::vector<std::string_view> fields_;
  std::vector<std::string> header_;
  int line_ = 0;
  int record_line_ = 0;
};

}  // namespace edgeproof::signal
