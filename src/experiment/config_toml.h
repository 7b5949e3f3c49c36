#pragma once

// Reader and writer of study.toml, the visitors of config_keys.h. For config_file.cpp alone.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <toml++/toml.h>

#include "core/error.h"
#include "core/text.h"
#include "experiment/claim.h"
#include "experiment/config_keys.h"

namespace edgeproof::experiment {

template <typename T>
constexpr bool is_list = false;
template <typename T>
constexpr bool is_list<std::vector<T>> = true;

// Reads one table after the other; finish() then knows every key that nobody asked for.
class TomlReader {
 public:
  TomlReader(const toml::table& root, std::string source)
      : root_(root), source_(std::move(source)) {}

  void section(std::string_view name, std::string_view /*meaning*/) {
    section_ = name;
    sections_.push_back(section_);
    table_ = nullptr;
    if (const toml::node* node = root_.get(name)) {
      table_ = node->as_table();
      if (table_ == nullptr) wrong(*node, fmt::format("'{}'", name), "a table: [" + section_ + "]");
    }
  }

  // A section whose keys are the user's own, with texts for values.
  void table(std::string_view name, std::string_view meaning,
             std::map<std::string, std::string>& values) {
    section(name, meaning);
    known_[section_];  // even if it is empty
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) {
      known_[section_].emplace_back(key.str());
      name_ = fmt::format("'{}' in [{}]", key.str(), section_);
      values[std::string(key.str())] = scalar<std::string>(node, {});
    }
  }

  void claims(std::string_view name, std::string_view /*meaning*/, std::vector<Claim>& claims) {
    const std::vector<std::string> keys{"text", "check", "source"};
    const toml::node* node = root_.get(name);
    if (node == nullptr) return;
    if (!node->is_array_of_tables()) {
      wrong(*node, fmt::format("'{}'", name), fmt::format("tables: [[{}]]", name));
    }
    for (const toml::node& element : *node->as_array()) {
      Claim& claim = claims.emplace_back(Claim{.place = place(element)});
      const toml::table& table = *element.as_table();
      for (const auto& [key, value] : table) {
        const std::string text(key.str());
        name_ = fmt::format("'{}' in [[{}]]", text, name);
        std::string* member = text == "text"     ? &claim.text
                              : text == "check"  ? &claim.check
                              : text == "source" ? &claim.source
                                                 : nullptr;
        if (member == nullptr) unknown(key, fmt::format("unknown key {}", name_), text, keys);
        *member = scalar<std::string>(value, {});
        if (member == &claim.check) claim.place = place(value);
      }
      if (claim.check.empty()) {
        fail(ErrorCode::bad_config, "{}: [[{}]] needs 'check', such as \"RA(fp32) >= 0.9\"",
             place(element), name);
      }
    }
  }

  template <typename T>
  void key(std::string_view name, T& value, std::string_view /*meaning*/,
           const Allowed& allowed = {}) {
    known_[section_].push_back(std::string(name));
    const toml::node* node = table_ == nullptr ? nullptr : table_->get(name);
    if (node == nullptr) return;
    name_ = fmt::format("'{}' in [{}]", name, section_);
    if constexpr (is_list<T>) {
      const toml::array* array = node->as_array();
      if constexpr (std::is_same_v<typename T::value_type, std::string>) {
        if (array == nullptr && allowed.text_alone && node->is_string()) {
          value = {scalar<std::string>(*node, allowed)};
          return;
        }
      }
      if (array == nullptr) wrong(*node, name_, allowed.text_alone ? "a text or a list" : "a list");
      value.clear();
      for (const toml::node& element : *array) {
        value.push_back(scalar<typename T::value_type>(element, allowed));
        if (!allowed.repeats && std::count(value.begin(), value.end(), value.back()) > 1) {
          wrong(element, name_, "each value once");
        }
      }
      if (value.empty() && !allowed.empty_list) wrong(*node, name_, "at least one value");
    } else {
      value = scalar<T>(*node, allowed);
    }
  }

  // Whether the key goes with others is not known before all layers have been read.
  template <typename T>
  void setting(std::string_view name, T& value, std::string_view meaning, const Allowed& allowed,
               bool /*applies*/) {
    key(name, value, meaning, allowed);
  }

  // Where each key of a section stands: "study.toml:7".
  std::map<std::string, std::string> places(std::string_view section) const {
    std::map<std::string, std::string> places;
    const toml::table* table = root_[section].as_table();
    if (table == nullptr) return places;
    for (const auto& [key, node] : *table) places[std::string(key.str())] = place(node);
    return places;
  }

  void finish() const {
    for (const auto& [name, node] : root_) {
      const std::string section(name.str());
      if (section == "base" || section == "claim") continue;
      if (!known_.contains(section)) {
        unknown(name, fmt::format("unknown section [{}]", section), section, sections_);
      }
      for (const auto& [key, value] : *node.as_table()) {
        const std::string text(key.str());
        const auto& keys = known_.at(section);
        if (std::find(keys.begin(), keys.end(), text) == keys.end()) {
          unknown(key, fmt::format("unknown key '{}' in [{}]", text, section), text, keys);
        }
      }
    }
  }

 private:
  template <typename T>
  T scalar(const toml::node& node, const Allowed& allowed) const {
    if constexpr (std::is_same_v<T, bool>) {
      if (!node.is_boolean()) wrong(node, name_, "true or false");
      return *node.value<bool>();
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!node.is_string()) wrong(node, name_, "a text in quotes");
      const std::string text = *node.value<std::string>();
      const auto& words = allowed.words;
      const auto allows = [&](std::string_view word) {
        constexpr std::string_view kAny = "NAME";
        if (!word.ends_with(":NAME")) return word == text;
        word.remove_suffix(kAny.size());
        return text.starts_with(word);
      };
      if (!words.empty() && std::none_of(words.begin(), words.end(), allows)) {
        fail(ErrorCode::bad_config, "{}: {}: unknown value '{}'{}", place(node), name_, text,
             did_you_mean(text, words));
      }
      return text;
    } else {
      constexpr bool kWhole = std::is_integral_v<T>;
      const std::string expected =
          fmt::format("a {}number from {} to {}", kWhole ? "whole " : "", allowed.min, allowed.max);
      if (!(node.is_integer() || (!kWhole && node.is_floating_point())))
        wrong(node, name_, expected);
      const double number = *node.value<double>();
      if (!(number >= allowed.min && number <= allowed.max)) wrong(node, name_, expected);
      if constexpr (kWhole) {
        return static_cast<T>(*node.value<std::int64_t>());
      } else {
        return static_cast<T>(number);
      }
    }
  }

  std::string place(const toml::node& node) const {
    return fmt::format("{}:{}", source_, node.source().begin.line);
  }

  [[noreturn]] void wrong(const toml::node& node, std::string_view name,
                          std::string_view expected) const {
    std::ostringstream found;
    node.visit([&](const auto& value) {
      if constexpr (toml::is_table<decltype(value)>) {
        found << "a table";
      } else {
        found << value;
      }
    });
    fail(ErrorCode::bad_config, "{}: {} is {}, expected {}", place(node), name, found.str(),
         expected);
  }

  [[noreturn]] void unknown(const toml::key& key, std::string_view what, const std::string& word,
                            std::span<const std::string> known) const {
    fail(ErrorCode::bad_config, "{}:{}: {}{}", source_, key.source().begin.line, what,
         did_you_mean(word, known));
  }

  const toml::table& root_;
  std::string source_;
  std::string section_, name_;
  const toml::table* table_ = nullptr;
  std::vector<std::string> sections_;
  std::map<std::string, std::vector<std::string>> known_;
};

class TomlWriter {
 public:
  void section(std::string_view name, std::string_view meaning) {
    text_ += fmt::format("{}# {}\n[{}]\n", text_.empty() ? "" : "\n", meaning, name);
  }

  void table(std::string_view name, std::string_view meaning,
             const std::map<std::string, std::string>& values) {
    section(name, meaning);
    for (const auto& [key, value] : values) {
      text_ += fmt::format("{} = {}\n", format(key), format(value));
    }
  }

  template <typename T>
  void key(std::string_view name, T& value, std::string_view meaning, const Allowed& allowed = {}) {
    write(name, value, meaning, allowed, "");
  }

  // A key that does not go with what others say is shown, for whoever changes those, not set.
  template <typename T>
  void setting(std::string_view name, T& value, std::string_view meaning, const Allowed& allowed,
               bool applies) {
    write(name, value, meaning, allowed, applies ? "" : "# ");
  }

  void claims(std::string_view name, std::string_view meaning, const std::vector<Claim>& claims) {
    text_ += fmt::format("\n# {}\n", meaning);
    for (const Claim& claim : claims) {
      text_ += fmt::format("[[{}]]\n", name);
      if (!claim.text.empty()) text_ += fmt::format("text = {}\n", format(claim.text));
      text_ += fmt::format("check = {}\n", format(claim.check));
      if (!claim.source.empty()) text_ += fmt::format("source = {}\n", format(claim.source));
    }
  }

  const std::string& text() const { return text_; }

  // A value as TOML has it.
  template <typename T>
  static std::string format(const T& value) {
    if constexpr (is_list<T>) {
      std::vector<std::string> elements;
      for (const auto& element : value) elements.push_back(format(element));
      return fmt::format("[{}]", join(elements, ", "));
    } else if constexpr (std::is_same_v<T, std::string>) {
      std::ostringstream quoted;
      quoted << toml::value<std::string>(value);
      return quoted.str();
    } else {
      return fmt::format("{}", value);
    }
  }

 private:
  template <typename T>
  void write(std::string_view name, const T& value, std::string_view meaning,
             const Allowed& allowed, std::string_view prefix) {
    std::string comment(meaning);
    if (!allowed.words.empty()) comment += fmt::format(" One of: {}.", join(allowed.words, ", "));
    text_ += fmt::format("# {}\n{}{} = {}\n", comment, prefix, name, format(value));
  }

  std::string text_;
};

// Collects what TomlWriter writes.
class SettingsCollector {
 public:
  void section(std::string_view name, std::string_view /*meaning*/) { section_ = name; }
  void table(std::string_view name, std::string_view meaning,
             const std::map<std::string, std::string>& values) {
    section(name, meaning);
    for (const auto& [key, value] : values) add(key, value);
  }
  template <typename T>
  void key(std::string_view name, const T& value, std::string_view /*meaning*/,
           const Allowed& /*allowed*/ = {}) {
    add(name, value);
  }
  template <typename T>
  void setting(std::string_view name, const T& value, std::string_view /*meaning*/,
               const Allowed& /*allowed*/, bool applies) {
    if (applies) add(name, value);
  }
  void claims(std::string_view /*name*/, std::string_view /*meaning*/,
              const std::vector<Claim>& /*claims*/) {}

  std::vector<Setting> take() { return std::move(settings_); }

 private:
  template <typename T>
  void add(std::string_view key, const T& value) {
    settings_.push_back({section_, std::string(key), TomlWriter::format(value)});
  }

  std::string section_;
  std::vector<Setting> settings_;
};

}  // namespace edgeproof::experiment
