#include "formats/c/text.h"

namespace edgeproof::formats::c {

std::string safe_name(std::string_view name) {
  constexpr std::string_view kSafe =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  std::string safe(name.substr(0, 40));
  for (char& letter : safe) {
    if (kSafe.find(letter) == std::string_view::npos) letter = '_';
  }
  return safe;
}

}  // namespace edgeproof::formats::c
