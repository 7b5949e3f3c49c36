#pragma once

// The words that stand for the values of an enumeration in files and on the command line.
//
//   enum class Keep { best, last };
//   inline constexpr auto kKeepWords =
//       enum_words<Keep>({{Keep::best, "best"}, {Keep::last, "last"}});
//
// Does not compile unless the pairs are in the order of the enumeration, which counts from 0, no
// word is empty or comes twice, and every value has one: a value added to the enumeration needs a
// word.

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace edgeproof {

template <typename Enum>
struct EnumWord {
  Enum value;
  std::string_view word;
};

// Whether the enumeration has a name for the value. GCC and Clang write a value without a name as a
// cast: "(Keep)2".
template <auto value>
consteval bool is_enumerator() {
  const std::string_view text = __PRETTY_FUNCTION__;
  return text[text.find("value = ") + 8] != '(';
}

template <typename Enum, std::size_t N>
class EnumWords {
 public:
  consteval EnumWords(const EnumWord<Enum> (&words)[N]) {
    static_assert(!is_enumerator<static_cast<Enum>(N)>(), "a value has no word");
    for (std::size_t i = 0; i < N; ++i) {
      if (static_cast<std::size_t>(words[i].value) != i) throw "not in the enumeration's order";
      if (words[i].word.empty()) throw "a word is empty";
      for (std::size_t j = 0; j < i; ++j) {
        if (words[j].word == words[i].word) throw "a word comes twice";
      }
      words_[i] = words[i].word;
    }
  }

  constexpr std::string_view word(Enum value) const {
    return words_[static_cast<std::size_t>(value)];
  }
  constexpr std::optional<Enum> value(std::string_view word) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (words_[i] == word) return static_cast<Enum>(i);
    }
    return std::nullopt;
  }
  // In the enumeration's order.
  std::vector<std::string> all() const { return {words_.begin(), words_.end()}; }

 private:
  std::array<std::string_view, N> words_{};
};

template <typename Enum, std::size_t N>
consteval EnumWords<Enum, N> enum_words(const EnumWord<Enum> (&words)[N]) {
  return EnumWords<Enum, N>(words);
}

}  // namespace edgeproof
