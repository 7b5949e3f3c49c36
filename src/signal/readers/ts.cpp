#include "signal/readers/ts.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/case_parser.h"
#include "signal/readers/case_source.h"

namespace edgeproof::signal {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

// Words between blanks.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (line = trim(line); !line.empty(); line = trim(line)) {
    words.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(words.back().size());
  }
  return words;
}

class TsParser : public CaseParser {
 public:
  explicit TsParser(const SourceFile& file) : CaseParser(file, '#') {}

 private:
  bool parse_header(std::string_view line) override {
    const std::vector<std::string_view> words = words_of(line);
    const std::string key = lower(words[0]);
    if (key.front() != '@') {
      fail_line(fmt::format("found '{}', expected a header line '@...'", line.substr(0, 40)));
    } else if (key == "@data") {
      if (result().classes.empty()) {
        fail_line("no classes are declared before @data (@classLabel true A B ...)",
                  ErrorCode::unsupported);
      }
      return true;
    } else if (key == "@problemname") {
      return false;  // may be any text, or missing
    } else if (key == "@timestamps") {
      if (is_true(words)) {
        fail_line("values with timestamps are not read", ErrorCode::unsupported);
      }
    } else if (key == "@classlabel") {
      if (!is_true(words)) {
        fail_line("a data set without classes", ErrorCode::unsupported);
      }
      result().classes.assign(words.begin() + 2, words.end());
    } else if (key == "@univariate") {
      if (is_true(words)) dimensions_ = 1;
    } else if (key == "@dimensions" || key == "@dimension") {
      dimensions_ = number(words);
    } else if (key == "@serieslength") {
      length_ = number(words);
    } else if (key == "@equallength") {
      equal_length_ = is_true(words);
    } else if (key == "@targetlabel") {
      fail_line("regression targets are not read", ErrorCode::unsupported);
    } else if (key != "@missing") {
      fail_line(fmt::format("unknown header '{}'", words[0].substr(0, 40)));
    }
    return false;
  }

  bool is_true(const std::vector<std::string_view>& words) const {
    const std::string value = words.size() > 1 ? lower(words[1]) : "";
    if (value != "true" && value != "false") {
      fail_line(fmt::format("{} is '{}', expected true or false", words[0], value.substr(0, 40)));
    }
    return value == "true";
  }

  std::size_t number(const std::vector<std::string_view>& words) const {
    const auto value = words.size() > 1 ? parse_integer(words[1]) : std::nullopt;
    if (!value || *value < 1) fail_line(fmt::format("{} has no positive number", words[0]));
    return static_cast<std::size_t>(*value);
  }

  Case parse_case(std::string_view line) override {
    if (line.front() == '(') {
      fail_line("values with timestamps are not read", ErrorCode::unsupported);
    }
    const std::vector<std::string_view> fields = split(line, ':');
    Case one{.series = {}, .label = 0, .line = line_number()};
    for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
      one.series.push_back(parse_series(fields[i], place(), line_number()));
      if (equal_length_ && length_ && one.series.back().size() != *length_) {
        fail_line(
            fmt::format("{} values, but @seriesLength is {}", one.series.back().size(), *length_));
      }
    }
    if (one.series.empty() || (dimensions_ && one.series.size() != *dimensions_)) {
      fail_line(fmt::format("{} channels and a class, expected {}", one.series.size(),
                            dimensions_.value_or(1)));
    }
    one.label = class_index(trim(fields.back()), result(), line_number());
    return one;
  }

  bool equal_length_ = true;
  std::optional<std::size_t> dimensions_, length_;
};

CaseFile parse_ts(const SourceFile& file) {
  return TsParser(file).parse();
}

}  // namespace

RecordingSet read_ts(const CaseOptions& options) {
  return read_cases(options, parse_ts);
}

Source ts_source() {
  return case_source("ts", "cases of the UCR and UEA archives", read_ts);
}

}  // namespace edgeproof::signal
