#include "signal/readers/ts.h"

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/case_source.h"
#include "signal/readers/lines.h"

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

class TsParser {
 public:
  explicit TsParser(const SourceFile& file) : place_(file.place) {
    out_.place = file.place;
    for_each_line(file.bytes, [&](std::string_view line, int number) {
      line = trim(line);
      if (line.empty() || line.front() == '#') return;
      line_ = number;
      if (in_data_) {
        parse_case(line);
      } else {
        parse_header(line);
      }
    });
    if (!in_data_) fail(ErrorCode::bad_input, "{}: no line '@data'", place_);
  }

  CaseFile take() { return std::move(out_); }

 private:
  void parse_header(std::string_view line) {
    const std::vector<std::string_view> words = words_of(line);
    const std::string key = lower(words[0]);
    if (key.front() != '@') {
      fail_line(fmt::format("found '{}', expected a header line '@...'", line.substr(0, 40)));
    } else if (key == "@data") {
      if (out_.classes.empty()) {
        fail(ErrorCode::unsupported,
             "{}, line {}: no classes are declared before @data (@classLabel true A B ...)", place_,
             line_);
      }
      in_data_ = true;
    } else if (key == "@problemname") {
      return;  // may be any text, or missing
    } else if (key == "@timestamps") {
      if (is_true(words)) {
        fail(ErrorCode::unsupported, "{}, line {}: values with timestamps are not read", place_,
             line_);
      }
    } else if (key == "@classlabel") {
      if (!is_true(words)) {
        fail(ErrorCode::unsupported, "{}, line {}: a data set without classes", place_, line_);
      }
      out_.classes.assign(words.begin() + 2, words.end());
    } else if (key == "@univariate") {
      if (is_true(words)) dimensions_ = 1;
    } else if (key == "@dimensions" || key == "@dimension") {
      dimensions_ = number(words);
    } else if (key == "@serieslength") {
      length_ = number(words);
    } else if (key == "@equallength") {
      equal_length_ = is_true(words);
    } else if (key == "@targetlabel") {
      fail(ErrorCode::unsupported, "{}, line {}: regression targets are not read", place_, line_);
    } else if (key != "@missing") {
      fail_line(fmt::format("unknown header '{}'", words[0].substr(0, 40)));
    }
  }

  bool is_true(const std::vector<std::string_view>& words) const {
    const std::string value = words.size() > 1 ? lower(words[1]) : "";
    if (value != "true" && value != "false") {
      fail_line(fmt::format("{} is '{}', expected true or false", words[0], value.substr(0, 40)));
    }
    return value == "true";
  }

  size_t number(const std::vector<std::string_view>& words) const {
    const auto value = words.size() > 1 ? parse_integer(words[1]) : std::nullopt;
    if (!value || *value < 1) fail_line(fmt::format("{} has no positive number", words[0]));
    return static_cast<size_t>(*value);
  }

  void parse_case(std::string_view line) {
    if (line.front() == '(') {
      fail(ErrorCode::unsupported, "{}, line {}: values with timestamps are not read", place_,
           line_);
    }
    const std::vector<std::string_view> fields = split(line, ':');
    Case one{.series = {}, .label = 0, .line = line_};
    for (size_t i = 0; i + 1 < fields.size(); ++i) {
      one.series.push_back(parse_series(fields[i], place_, line_));
      if (equal_length_ && length_ && one.series.back().size() != *length_) {
        fail_line(
            fmt::format("{} values, but @seriesLength is {}", one.series.back().size(), *length_));
      }
    }
    if (one.series.empty() || (dimensions_ && one.series.size() != *dimensions_)) {
      fail_line(fmt::format("{} channels and a class, expected {}", one.series.size(),
                            dimensions_.value_or(1)));
    }
    one.label = class_index(trim(fields.back()), out_, line_);
    out_.cases.push_back(std::move(one));
  }

  [[noreturn]] void fail_line(const std::string& what) const {
    fail(ErrorCode::bad_input, "{}, line {}: {}", place_, line_, what);
  }

  const std::string& place_;
  CaseFile out_;
  int line_ = 0;
  bool in_data_ = false;
  bool equal_length_ = true;
  std::optional<size_t> dimensions_, length_;
};

CaseFile parse_ts(const SourceFile& file) {
  return TsParser(file).take();
}

}  // namespace

RecordingSet read_ts(const CaseOptions& options) {
  return read_cases(options, parse_ts);
}

Source ts_source() {
  return case_source("ts", "cases of the UCR and UEA archives", read_ts);
}

}  // namespace edgeproof::signal
