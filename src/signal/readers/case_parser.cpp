// Tests: ts_test.cpp and arff_test.cpp.

#include "signal/readers/case_parser.h"

#include <utility>

#include "core/text.h"
#include "signal/readers/lines.h"

namespace edgeproof::signal {

CaseParser::CaseParser(const SourceFile& file, char comment) : file_(file), comment_(comment) {
  parsed_.place = file.place;
}

CaseFile CaseParser::parse() {
  bool in_data = false;
  for_each_line(file_.bytes, [&](std::string_view line, int number) {
    line = trim(line);
    if (line.empty() || line.front() == comment_) return;
    line_ = number;
    if (in_data) {
      parsed_.cases.push_back(parse_case(line));
    } else {
      in_data = parse_header(line);
    }
  });
  if (!in_data) fail(ErrorCode::bad_input, "{}: no line '@data'", place());
  return std::move(parsed_);
}

void CaseParser::fail_line(const std::string& what, ErrorCode code) const {
  fail(code, "{}, line {}: {}", place(), line_, what);
}

}  // namespace edgeproof::signal
