#pragma once

// Pieces of C source.

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

namespace edgeproof::formats::c {

// Only letters, digits and underscores of `name`, others as underscores, 40 at most: good in an
// identifier behind a prefix, and in a comment.
std::string safe_name(std::string_view name);

// "static const TYPE NAME[N] = {…};" with lines of at most 100 columns.
template <typename T>
std::string table(std::string_view type, std::string_view name, std::span<const T> values) {
  std::string text = fmt::format("static const {} {}[{}] = {{", type, name, values.size());
  std::size_t column = 100;
  for (const T value : values) {
    const std::string number = fmt::format("{},", value);
    if (column + number.size() > 98) {
      text += "\n  ";
      column = 2;
    }
    text += number;
    column += number.size();
  }
  return text + "\n};\n";
}

}  // namespace edgeproof::formats::c
