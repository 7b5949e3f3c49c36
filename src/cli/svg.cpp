// Test: fault_plot_test.cpp, data_plot_test.cpp, bench_plot_test.cpp.

#include "cli/svg.h"

#include <fmt/format.h>

namespace edgeproof::cli {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '"') {
      result += "&quot;";
    } else {
      result += c;
    }
  }
  return result;
}

std::string shortened(const std::string& name, std::size_t most) {
  if (name.size() <= most) return name;
  std::size_t end = most - 1;
  while (end > 0 && (name[end] & 0xC0) == 0x80) --end;  // not within a character of UTF-8
  return name.substr(0, end) + "…";
}

std::string begin_svg(double width, double height, std::string_view label, std::string_view light,
                      std::string_view dark) {
  return fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-label="{}">
<style>
  svg {{ background: #fff; font: 13px system-ui, sans-serif; fill: #333 }}
  path {{ fill: none; stroke-width: 1.2; stroke-linejoin: round }}
  .axis {{ stroke: #ccc }} .title {{ font-weight: 600 }}
  {}
  @media (prefers-color-scheme: dark) {{
    svg {{ background: #16181d; fill: #ddd }} .axis {{ stroke: #444 }}
    {}
  }}
</style>
)",
      width, height, escaped(label), light, dark);
}

}  // namespace edgeproof::cli
