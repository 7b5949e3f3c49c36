#pragma once

// Small text helpers for reading outside input, for messages and for tables.

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

// A field of a CSV record (RFC 4180): between double quotes, its own ones doubled, if it holds the
// separator, a double quote, a carriage return or a line feed; otherwise as it is.
// quoted_csv_field() puts every field between quotes.
std::string csv_field(std::string_view field, char separator = ',');
std::string quoted_csv_field(std::string_view field);

// A cell of a Markdown table, on one line: `|` is escaped, line breaks become spaces.
std::string markdown_cell(std::string_view text);

}  // namespace edgeproof
