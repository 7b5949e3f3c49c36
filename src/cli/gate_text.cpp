// Test: gate_test.sh.

#include "cli/gate_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/svg.h"
#include "core/text.h"

namespace edgeproof::cli {
namespace {

std::string number(double value, results::Unit unit) {
  switch (unit) {
    case results::Unit::bytes:
      return fmt::format("{:.0f} bytes", value);
    case results::Unit::microseconds:
      return fmt::format("{:.1f} us", value);
    case results::Unit::share:
      break;
  }
  return fmt::format("{:.2f} %", 100 * value);
}

std::string found(const results::Check& check) {
  std::string text = number(check.found.value, check.unit);
  if (check.has_interval) {
    text += fmt::format(" [{:.2f}, {:.2f}]", 100 * check.found.lo, 100 * check.found.hi);
  }
  return text;
}

std::string wanted(const results::Check& check) {
  return (check.at_least ? "at least " : "at most ") + number(check.wanted, check.unit);
}

const char* result(const results::Check& check) {
  return check.ok ? "ok" : "FAILED";
}

std::string outcome(const Checks& checks) {
  return fmt::format("{} of {} checks hold", checks.size() - static_cast<size_t>(failures(checks)),
                     checks.size());
}

constexpr const char* kJudged =
    "Accuracies are judged by the lower ends of their 95 % intervals, drops by the upper ends.";

// Escaped, and without the control characters that XML 1.0 cannot have.
std::string xml(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  return escaped(text);
}

}  // namespace

int failures(const Checks& checks) {
  return static_cast<int>(std::ranges::count(checks, false, &results::Check::ok));
}

std::string gate_table(const Checks& checks) {
  const auto line = [](std::string_view variant, std::string_view what, std::string_view found,
                       std::string_view wanted, std::string_view result) {
    return fmt::format("{:<20}{:<38}{:<26}{:<24}{}\n", variant, what, found, wanted, result);
  };
  std::string text = line("variant", "check", "found", "wanted", "result");
  for (const results::Check& c : checks) {
    text += line(c.variant, c.what, found(c), wanted(c), result(c));
  }
  return fmt::format("{}{}\n{}\n", text, kJudged, outcome(checks));
}

std::string gate_markdown(const Checks& checks, const std::string& study) {
  std::string text = fmt::format(
      "## {}: {}\n\n| variant | check | found | wanted | result |\n|---|---|---|---|---|\n",
      markdown_cell(study), outcome(checks));
  for (const results::Check& c : checks) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_cell(c.variant),
                        markdown_cell(c.what), found(c), wanted(c), c.ok ? "ok" : "**FAILED**");
  }
  return fmt::format("{}\n{}\n", text, kJudged);
}

std::string gate_junit(const Checks& checks, const std::string& study) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "<testsuite name=\"edgeproof gate {}\" tests=\"{}\" failures=\"{}\">\n",
      xml(study), checks.size(), failures(checks));
  for (const results::Check& c : checks) {
    const std::string start =
        fmt::format("<testcase classname=\"{}\" name=\"{}\"", xml(c.variant), xml(c.what));
    const std::string says = fmt::format("found {}, wanted {}", found(c), wanted(c));
    text += c.ok ? fmt::format("{}><system-out>{}</system-out></testcase>\n", start, says)
                 : fmt::format("{}><failure message=\"{}\"/></testcase>\n", start, says);
  }
  return text + "</testsuite>\n</testsuites>\n";
}

}  // namespace edgeproof::cli
