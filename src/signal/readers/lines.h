#pragma once

// The lines of a text in memory. Line ends (LF or CRLF) are not part of a line; a UTF-8 byte order
// mark at the beginning is skipped.

#include <string_view>

namespace edgeproof::signal {

// Calls line(text, number) for each, numbered from 1.
template <typename Line>
void for_each_line(std::string_view text, Line line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line(one, number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace edgeproof::signal
