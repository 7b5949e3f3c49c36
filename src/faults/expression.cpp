#include "faults/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::faults {
namespace {

// Splits at `separator` outside of parentheses.
std::vector<std::string_view> split_outside(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (text[i] != separator || depth != 0) continue;
    pieces.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  pieces.push_back(trim(text.substr(begin)));
  return pieces;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Fault fault() const {
    std::string_view rest = trim(text_);
    Fault fault{.name = std::string(rest), .parts = {}};
    if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
      fault.name = std::string(trim(rest.substr(0, colon)));
      if (fault.name.empty()) fail("expected a name before ':'");
      rest = trim(rest.substr(colon + 1));
    }
    if (const auto to = take_clause(rest, " to ")) fault.to_s = seconds(*to, "to");
    if (const auto from = take_clause(rest, " from ")) fault.from_s = seconds(*from, "from");
    if (!(fault.from_s < fault.to_s)) fail("expected 'from' before 'to'");
    if (const auto on = take_clause(rest, " on ")) {
      for (const auto name : split(*on, ',')) {
        fault.channels.emplace_back(trim(name));
        if (fault.channels.back().empty()) fail("expected names of channels after 'on'");
      }
    }
    for (const auto piece : split_outside(rest, '+')) {
      const Fault part = this->part(piece);
      fault.parts.insert(fault.parts.end(), part.parts.begin(), part.parts.end());
    }
    std::size_t severities = 1;
    for (const Part& part : fault.parts) {
      if (part.values.size() == 1) continue;
      if (severities != 1 && severities != part.values.size()) {
        fail("its parts have {} and {} severities, expected as many", severities,
             part.values.size());
      }
      severities = part.values.size();
    }
    return fault;
  }

 private:
  template <typename... Args>
  [[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) const {
    edgeproof::fail(ErrorCode::bad_config, "fault '{}': {}", text_,
                    fmt::format(format, std::forward<Args>(args)...));
  }

  // What follows `word` at the end of `rest`, which it is cut from; names of faults have no spaces.
  static std::optional<std::string_view> take_clause(std::string_view& rest,
                                                     std::string_view word) {
    const std::size_t at = rest.rfind(word);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view clause = trim(rest.substr(at + word.size()));
    rest = trim(rest.substr(0, at));
    return clause;
  }

  double seconds(std::string_view word, std::string_view what) const {
    if (word.ends_with('s')) word = trim(word.substr(0, word.size() - 1));
    const auto number = parse_number(word);
    if (!number || !std::isfinite(*number) || *number < 0) {
      fail("'{}' is '{}', expected seconds, 0 or more", what, word);
    }
    return *number;
  }

  // A name of all_faults() with its parameters in parentheses, if there are any.
  Fault part(std::string_view piece) const {
    const std::size_t open = piece.find('(');
    const std::string name(trim(piece.substr(0, open)));
    std::vector<std::string> names;
    const Fault* found = nullptr;
    for (const Fault& fault : all_faults()) {
      if (fault.name == name) found = &fault;
      names.push_back(fault.name);
    }
    if (found == nullptr) fail("unknown fault '{}'{}", name, did_you_mean(name, names));
    Fault fault = *found;
    if (open == std::string_view::npos) return fault;
    if (piece.back() != ')') fail("expected ')' at the end of '{}'", piece);
    std::vector<std::string> given;
    for (const auto setting : split(piece.substr(open + 1, piece.size() - open - 2), ',')) {
      const std::size_t equals = setting.find('=');
      if (equals == std::string_view::npos) {
        fail("'{}': expected NAME=VALUE, such as severity=3", trim(setting));
      }
      const std::string key(trim(setting.substr(0, equals)));
      // The severity stands for a value of the parameter: one of the two.
      const bool is_value = key == "severity" || key == fault.parts[0].definition->parameter.name;
      if (std::ranges::find(given, is_value ? "severity" : key) != given.end()) {
        fail("'{}' comes on top of another value for the same", key);
      }
      given.push_back(is_value ? "severity" : key);
      set(fault, key, trim(setting.substr(equals + 1)));
    }
    return fault;
  }

  void set(Fault& fault, const std::string& key, std::string_view word) const {
    if (key == "severity") return set_severity(fault, word);
    std::vector<std::string> known = {"severity"};
    if (fault.parts.size() == 1) {
      Part& part = fault.parts.front();
      const Definition& definition = *part.definition;
      if (key == definition.parameter.name) {
        part.values.clear();
        for (const auto value : split(word, '|')) {
          part.values.push_back(number(value, definition.parameter));
        }
        return;
      }
      for (std::size_t i = 0; i < definition.constants.size(); ++i) {
        const Parameter& constant = definition.constants[i].parameter;
        if (key == constant.name) {
          part.constants[i] = number(word, constant);
          return;
        }
        known.push_back(constant.name);
      }
      known.insert(known.begin(), definition.parameter.name);
    }
    fail("'{}' has no parameter '{}'{}", fault.name, key, did_you_mean(key, known));
  }

  void set_severity(Fault& fault, std::string_view word) const {
    const auto severity = parse_integer(word);
    if (!severity || *severity < 1 || *severity > kMaxSeverity) {
      fail("severity is '{}', expected a whole number, 1 to {}", word, kMaxSeverity);
    }
    for (Part& part : fault.parts) {
      part.values = {part.values[static_cast<std::size_t>(*severity - 1)]};
    }
    std::erase_if(fault.parts, [](const Part& part) { return std::isnan(part.values[0]); });
  }

  double number(std::string_view word, const Parameter& parameter) const {
    const auto value = parse_number(trim(word));
    const bool fits = value && *value >= parameter.min && *value <= parameter.max &&
                      (!parameter.whole || *value == std::floor(*value));
    if (!fits) {
      fail("{} is '{}', expected a {}number, {} to {} ({})", parameter.name, trim(word),
           parameter.whole ? "whole " : "", parameter.min, parameter.max, parameter.unit);
    }
    return *value;
  }

  std::string_view text_;
};

}  // namespace

int Fault::severities() const {
  std::size_t most = 1;
  for (const Part& part : parts) most = std::max(most, part.values.size());
  return static_cast<int>(most);
}

std::string Fault::summary() const {
  if (parts.size() == 1) return parts.front().definition->summary;
  std::vector<std::string> names;
  for (const Part& part : parts) names.push_back(part.definition->name);
  return join(names, " + ");
}

Fault parse_fault(std::string_view text) {
  return Parser(text).fault();
}

Fault make_fault(const Definition& definition) {
  Part part{&definition, {definition.severities.begin(), definition.severities.end()}, {}};
  for (const Constant& constant : definition.constants) part.constants.push_back(constant.value);
  return {.name = definition.name, .parts = {std::move(part)}};
}

std::vector<int> channels_of(const std::vector<std::string>& names, const Context& context) {
  std::vector<int> channels;
  std::vector<std::string> known;
  for (const signal::Channel& channel : context.channels) known.push_back(channel.name);
  for (const std::string& name : names) {
    const auto found = std::ranges::find(known, name);
    if (found == known.end()) {
      fail(ErrorCode::bad_config, "there is no channel '{}'{}", name, did_you_mean(name, known));
    }
    const auto index = static_cast<std::size_t>(found - known.begin());
    if (const int source = context.channels[index].source; source != static_cast<int>(index)) {
      fail(ErrorCode::bad_config,
           "channel '{}' is derived from '{}': name that one, and what happens to it reaches both",
           name, known[static_cast<std::size_t>(source)]);
    }
    if (std::ranges::find(channels, static_cast<int>(index)) == channels.end()) {
      channels.push_back(static_cast<int>(index));
    }
  }
  std::ranges::sort(channels);
  return channels;
}

std::vector<Step> steps(const Fault& fault, int severity, const Context& context) {
  const int most = fault.fixed() ? kMaxSeverity : fault.severities();
  if (severity < 0 || severity > most) {
    fail(ErrorCode::bad_config, "fault '{}': severity is {}, expected 0 to {}", fault.name,
         severity, most);
  }
  std::vector<Step> result;
  if (severity == 0) return result;
  const std::vector<int> channels = channels_of(fault.channels, context);
  for (const Part& part : fault.parts) {
    const std::size_t index = part.values.size() == 1 ? 0 : static_cast<std::size_t>(severity - 1);
    if (std::isnan(part.values[index])) continue;
    result.push_back(
        {part.definition, part.values[index], part.constants, channels, fault.from_s, fault.to_s});
  }
  return result;
}

std::optional<std::string> not_applicable(const Fault& fault, const Context& context) {
  std::vector<int> channels = channels_of(fault.channels, context);
  for (int c = 0; fault.channels.empty() && c < static_cast<int>(context.channels.size()); ++c) {
    if (context.physical(c)) channels.push_back(c);
  }
  for (const Part& part : fault.parts) {
    if (part.definition->obstacle == nullptr) continue;
    if (const auto reason = part.definition->obstacle(context, channels)) {
      if (fault.parts.size() == 1) return reason;
      return fmt::format("{}: {}", part.definition->name, *reason);
    }
  }
  return std::nullopt;
}

}  // namespace edgeproof::faults
