#include "fuzz/mutate.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace edgeproof::fuzz {
namespace {

constexpr std::array kNumbers = {"0",    "-1",  "1e400",      "nan",        "-inf",
                                 "1e-9", "255", "2147483648", "4294967295", "9223372036854775807",
                                 "",     "1.",  "0x10",       "999999",     "-9223372036854775808"};
constexpr std::array<unsigned char, 9> kBytes = {0, 1, 0x7f, 0x80, 0xff, '\n', '"', ',', ' '};

// A number in the text becomes another.
void change_number(std::string& bytes, Draws& draws) {
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto start = bytes.begin() + static_cast<std::ptrdiff_t>(draws.below(bytes.size()));
  const auto first = std::find_if(start, bytes.end(), is_digit);
  const auto last = std::find_if_not(first, bytes.end(), is_digit);
  bytes.replace(first, last, kNumbers[draws.below(kNumbers.size())]);
}

void change(std::string& bytes, const std::string& other, Draws& draws) {
  const std::size_t at = draws.below(bytes.size());
  const std::size_t count = draws.below(std::min<std::size_t>(bytes.size() - at, 64)) + 1;
  const std::size_t from = draws.below(other.size());
  switch (draws.below(7)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << draws.below(8)));
      break;
    case 1:
      bytes[at] = static_cast<char>(kBytes[draws.below(kBytes.size())]);
      break;
    case 2:
      bytes.erase(at, count);
      break;
    case 3:
      bytes.insert(draws.below(bytes.size()), bytes.substr(at, count));
      break;
    case 4:
      bytes.insert(at, other.substr(from, count));
      break;
    case 5:
      bytes.replace(at, count, other.substr(from, count));
      break;
    default:
      change_number(bytes, draws);
  }
}

}  // namespace

std::string mutated(std::string bytes, const std::string& other, Draws& draws) {
  if (draws.below(20) == 0) bytes.resize(draws.below(bytes.size()));
  for (std::size_t left = draws.below(8) + 1; left > 0; --left) {
    if (bytes.empty()) bytes = other.substr(0, 1);
    if (!bytes.empty()) change(bytes, other, draws);
  }
  return bytes;
}

}  // namespace edgeproof::fuzz
