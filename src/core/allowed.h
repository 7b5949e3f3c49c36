#pragma once

// Which values a key of a configuration may have.

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace edgeproof {

struct Allowed {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::vector<std::string> words = {};  // if not empty: one of these; "x:NAME" is any "x:..."
  bool empty_list = false;              // whether a list may be empty
  bool repeats = false;                 // whether a list may hold a value twice
  bool text_alone = false;              // whether a text may stand for a list of that one text
};

inline Allowed between(double min, double max) {
  return {.min = min, .max = max};
}
inline Allowed one_of(std::span<const std::string> words) {
  return {.words = {words.begin(), words.end()}};
}

}  // namespace edgeproof
