#pragma once

// Small text helpers for reading outside input and for messages.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof {

// The candidate closest to `word` by edit distance, if close enough to be a typing error.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates);

// ", did you mean 'severity'?" or, if nothing is close, " (known: a, b, c)".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

std::string join(std::span<const std::string> words, std::string_view separator);

// Splits at every `separator`; an empty text gives one empty field.
std::vector<std::string_view> split(std::string_view text, char separator);

// Without white space (and carriage returns) at both ends.
std::string_view trim(std::string_view text);

// The whole text as a number, locale-free; nothing if it is not one, or if anything follows it.
// Accepts "nan" and "inf" in any case, as std::from_chars does.
std::optional<double> parse_number(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

}  // namespace edgeproof
