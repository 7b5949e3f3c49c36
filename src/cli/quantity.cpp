// Test: search_test.sh, gate_test.sh.

#include "cli/quantity.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::cli {

double quantity(const std::string& option, const std::string& text, const Units& units) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto value = parse_number(text.substr(0, end));
  const std::string_view unit = trim(std::string_view(text).substr(end));
  for (const auto& [name, factor] : units) {
    if (value && *value > 0 && (unit == name || (unit.empty() && name == units.front().first))) {
      return *value * factor;
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, factor] : units) {
    if (!name.empty()) names.push_back(name);
  }
  fail(ErrorCode::bad_config, "{} is '{}', expected a number above 0, with {} or nothing", option,
       text, join(names, ", "));
}

const Units& byte_units() {
  static const Units units{
      {"B", 1}, {"KB", 1024}, {"KiB", 1024}, {"MB", 1 << 20}, {"MiB", 1 << 20}};
  return units;
}

const Units& time_units() {
  static const Units units{{"us", 1}, {"ms", 1000}};
  return units;
}

const Units& count_units() {
  static const Units units{{"", 1}, {"k", 1e3}, {"M", 1e6}};
  return units;
}

}  // namespace edgeproof::cli
