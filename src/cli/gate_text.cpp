// Test: gate_test.sh.

#include "cli/gate_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/svg.h"
#include "core/text.h"
#include "results/quantity_text.h"

namespace edgeproof::cli {
namespace {

// A failed check is written with as many decimals as show that it fails.
int more_decimals(const results::Check& check) {
  constexpr int kMost = 6;
  const auto text = [&](double value, int more) {
    return results::value_text(value, check.quantity, more);
  };
  int more = 0;
  while (!check.ok && more < kMost && text(check.judged(), more) == text(check.wanted, more)) {
    ++more;
  }
  return more;
}

std::string found(const results::Check& check) {
  const int more = more_decimals(check);
  return check.has_interval ? results::estimate_text(check.found, check.quantity, more)
                            : results::value_text(check.found.value, check.quantity, more);
}

std::string wanted(const results::Check& check) {
  return (check.at_least ? "at least " : "at most ") +
         results::value_text(check.wanted, check.quantity, more_decimals(check));
}

const char* result(const results::Check& check) {
  return check.ok ? "ok" : "FAILED";
}

std::string outcome(const Checks& checks) {
  return fmt::format("{} of {} checks hold",
                     checks.size() - static_cast<std::size_t>(failures(checks)), checks.size());
}

constexpr const char* kJudged =
    "Minima are judged by the lower ends of the 95 % intervals, maxima and drops by the upper "
    "ends.";

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
