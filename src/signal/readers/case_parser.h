#pragma once

// What parsers of case files (ts.h, arff.h) share: header lines up to '@data', then a case a line.

#include <string>
#include <string_view>

#include "core/error.h"
#include "signal/readers/cases.h"

namespace edgeproof::signal {

class CaseParser {
 public:
  // Empty lines and those that begin with `comment` are skipped. `file` must outlive this.
  CaseParser(const SourceFile& file, char comment);
  virtual ~CaseParser() = default;
  CaseParser(const CaseParser&) = delete;
  CaseParser& operator=(const CaseParser&) = delete;

  // The whole file, once. Error bad_input if there is no '@data', and what the parser throws.
  CaseFile parse();

 protected:
  // `line` has no white space at its ends, nor is it empty. A header is true if cases follow it.
  virtual bool parse_header(std::string_view line) = 0;
  virtual Case parse_case(std::string_view line) = 0;

  // Error bad_input (or another) with place and line.
  [[noreturn]] void fail_line(const std::string& what, ErrorCode code = ErrorCode::bad_input) const;
  const std::string& place() const { return file_.place; }
  int line_number() const { return line_; }
  // What has been parsed so far.
  CaseFile& result() { return parsed_; }

 private:
  const SourceFile& file_;
  char comment_;
  CaseFile parsed_;
  int line_ = 0;
};

}  // namespace edgeproof::signal
