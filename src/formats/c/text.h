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

// Constants of the module, and functions that go with them.
struct Tables {
  std::string text;
  std::size_t bytes = 0;  // of the constants, in flash

  friend Tables operator+(Tables a, const Tables& b) {
    return {std::move(a.text) + b.text, a.bytes + b.bytes};
  }
};

// "static const TYPE NAME[N] = {…};" with lines of at most 100 columns.
template <typename T>
Tables table(std::string_view type, std::string_view name, std::span<const T> values) {
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
  return {text + "\n};\n", values.size_bytes()};
}

}  // namespace edgeproof::formats::c
