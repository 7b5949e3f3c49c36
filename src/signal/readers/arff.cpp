#include "signal/readers/arff.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "signal/readers/case_parser.h"
#include "signal/readers/case_source.h"

namespace edgeproof::signal {
namespace {

bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, {},
                            [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
}

// Takes a word, or a text in quotes, from the beginning of `rest`.
std::string_view take_word(std::string_view& rest) {
  rest = trim(rest);
  const bool quoted = rest.starts_with('\'') || rest.starts_with('"');
  std::size_t end = quoted ? rest.find(rest.front(), 1) : rest.find_first_of(" \t{");
  end = std::min(end, rest.size());
  const std::string_view word = rest.substr(quoted ? 1 : 0, quoted ? end - 1 : end);
  rest.remove_prefix(std::min(end + (quoted ? 1 : 0), rest.size()));
  rest = trim(rest);
  return word;
}

std::string_view without_quotes(std::string_view text) {
  text = trim(text);
  const bool quoted = text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
                      text.front() == text.back();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

class ArffParser : public CaseParser {
 public:
  explicit ArffParser(const SourceFile& file) : CaseParser(file, '%') {}

 private:
  bool parse_header(std::string_view line) override {
    const std::string_view key = take_word(line);
    if (is_word(key, "@relation")) return false;
    if (is_word(key, "@attribute")) {
      parse_attribute(line);
    } else if (is_word(key, "@end")) {
      if (!in_relation_) fail_line("'@end' without a relational attribute");
      in_relation_ = false;
    } else if (is_word(key, "@data")) {
      if (result().classes.empty() || values_ == 0 || in_relation_) {
        fail_line("'@data' before numeric attributes and the classes are declared");
      }
      return true;
    } else {
      fail_line(
          fmt::format("found '{}', expected @relation, @attribute or @data", key.substr(0, 40)));
    }
    return false;
  }

  void parse_attribute(std::string_view line) {
    const std::string_view name = take_word(line);
    if (!result().classes.empty())
      fail_line("an attribute after the class, which must be the last");
    if (line.starts_with('{')) {
      if (!line.ends_with('}') || in_relation_) fail_line("expected the classes as '{A, B}'");
      for (const std::string_view one : split(line.substr(1, line.size() - 2), ',')) {
        result().classes.emplace_back(without_quotes(one));
      }
    } else if (is_word(line, "relational")) {
      if (relational_ || values_ > 0) fail_line("expected one relational attribute, the first one");
      relational_ = in_relation_ = true;
    } else if (is_word(line, "numeric") || is_word(line, "real") || is_word(line, "integer")) {
      if (relational_ && !in_relation_) fail_line("a numeric attribute after the relational one");
      ++values_;
    } else {
      fail_line(fmt::format("attribute '{}' is '{}'; numeric, relational and nominal ones are read",
                            name.substr(0, 40), line.substr(0, 40)),
                ErrorCode::unsupported);
    }
  }

  Case parse_case(std::string_view line) override {
    if (line.front() == '{') fail_line("sparse cases are not read", ErrorCode::unsupported);
    Case one{.series = {}, .label = 0, .line = line_number()};
    if (relational_) {
      const std::size_t end = line.find(line.front(), 1);
      const bool quoted = line.front() == '\'' || line.front() == '"';
      if (!quoted || end == std::string_view::npos) {
        fail_line("expected the channels in quotes, then the class");
      }
      parse_channels(line.substr(1, end - 1), one);
      line = trim(line.substr(end + 1));
      if (!line.starts_with(',')) fail_line("expected ',' and the class after the channels");
      line.remove_prefix(1);
    } else {
      const std::size_t comma = line.rfind(',');
      if (comma == std::string_view::npos) fail_line("expected numbers and the class");
      add_series(line.substr(0, comma), one);
      line.remove_prefix(comma + 1);
    }
    one.label = class_index(without_quotes(line), result(), line_number());
    return one;
  }

  void parse_channels(std::string_view text, Case& one) {
    constexpr std::string_view kBreak = "\\n";
    for (;;) {
      const std::size_t end = text.find(kBreak);
      add_series(text.substr(0, end), one);
      if (end == std::string_view::npos) return;
      text.remove_prefix(end + kBreak.size());
    }
  }

  void add_series(std::string_view text, Case& one) {
    one.series.push_back(parse_series(text, place(), line_number()));
    if (one.series.back().size() != values_) {
      fail_line(fmt::format("{} values, expected {}, as many as numeric attributes",
                            one.series.back().size(), values_));
    }
  }

  std::size_t values_ = 0;  // numeric attributes
  bool relational_ = false, in_relation_ = false;
};

CaseFile parse_arff(const SourceFile& file) {
  return ArffParser(file).parse();
}

}  // namespace

RecordingSet read_arff(const CaseOptions& options) {
  return read_cases(options, parse_arff);
}

Source arff_source() {
  return case_source("arff", "cases of the UCR and UEA archives", read_arff);
}

}  // namespace edgeproof::signal
