// Reader and writer of study.toml, both walking config_keys.h. Test: config_test.cpp.

#include "study/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <type_traits>

#include <toml++/toml.h>

#include "core/error.h"
#include "core/files.h"
#include "core/text.h"
#include "study/config_keys.h"

namespace edgeproof::study {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;  // of a configuration

template <typename T>
constexpr bool is_list = false;
template <typename T>
constexpr bool is_list<std::vector<T>> = true;

const std::vector<std::string> kClaimKeys{"text", "check", "source"};

// Reads one table after the other; finish() then knows every key that nobody asked for.
class Reader {
 public:
  Reader(const toml::table& root, std::string source) : root_(root), source_(std::move(source)) {}

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
        if (member == nullptr) unknown(key, fmt::format("unknown key {}", name_), text, kClaimKeys);
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
      if (array == nullptr) wrong(*node, name_, "a list");
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

class Writer {
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
    std::string comment(meaning);
    if (!allowed.words.empty()) comment += fmt::format(" One of: {}.", join(allowed.words, ", "));
    text_ += fmt::format("# {}\n{} = {}\n", comment, name, format(value));
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

 private:
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

  std::string text_;
};

void expect(bool ok, const std::string& source, std::string_view what) {
  if (!ok) fail(ErrorCode::bad_config, "{}: {}", source, what);
}

// Keys of [data] that must fit each other.
void check_data(const DataConfig& data, const std::string& source) {
  const std::string& kind = data.source;
  const auto is = [&](std::initializer_list<std::string_view> kinds) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  try {
    if (signal::is_preset(kind)) signal::preset(kind);
  } catch (const Error& error) {
    expect(false, source, fmt::format("[data] {}", error.what()));
  }
  expect(!is({"csv", "npz"}) || data.path != ".", source,
         fmt::format("[data] source '{}' needs a 'path'", kind));
  expect(!is({"mat", "ts", "arff"}) || !data.files.empty(), source,
         fmt::format("[data] source '{}' needs 'files'", kind));
  expect(!is({"ts", "arff"}) || data.files.size() <= 2, source,
         "'files' in [data] must be the training file and, if there is one, the test file");
  expect(data.separator.size() == 1, source, "'separator' in [data] must be one character");
  const auto expect_one_each = [&](const std::vector<std::string>& list, std::string_view name,
                                   const std::vector<std::string>& of, std::string_view of_name) {
    expect(list.empty() || list.size() == of.size(), source,
           fmt::format("'{}' in [data] must be empty or one for each of '{}'", name, of_name));
  };
  expect_one_each(data.units, "units", data.channels, "channels");
  expect_one_each(data.derived_from, "derived_from", data.channels, "channels");
  expect_one_each(data.file_labels, "file_labels", data.files, "files");
  expect_one_each(data.file_groups, "file_groups", data.files, "files");
}

// What no single key can be blamed for.
void check_together(const Config& c, const std::string& source) {
  check_data(c.data, source);
  expect(c.onnx.empty() || c.architecture == Config().architecture, source,
         "'architecture' and 'onnx' in [model] exclude each other: give one of them");
  const auto check_faults = [&](const FaultChoice& choice, std::string_view section, auto use) {
    try {
      for (const faults::Fault& fault : named_faults(choice)) use(fault);
    } catch (const Error& error) {
      expect(false, source, fmt::format("[{}] {}", section, error.what()));
    }
  };
  check_faults(c.fault_training.choice, "fault_training", [](const faults::Fault&) {});
  check_faults(c.faults.choice, "faults", [&](const faults::Fault& fault) {
    const auto severest = std::ranges::max(c.faults.severities);
    if (fault.fixed() || fault.severities() >= severest) return;
    fail(ErrorCode::bad_config, "fault '{}' has {} severities, expected {} ('severities')",
         fault.name, fault.severities(), severest);
  });
  try {
    const Variants variants = c.all_variants();
    for (const std::string& name : c.variants) (void)variants.at(name);
  } catch (const Error& error) {
    expect(false, source, error.what());
  }
  const auto& v = c.variants;
  expect(std::find(v.begin(), v.end(), "fp32") != v.end(), source,
         "'variants' in [study] must hold 'fp32': every other one is compared with it");
  const ClaimNames names = claim_names(c);
  for (const Claim& claim : c.claims) (void)parse_claim(claim, names);
}

toml::table parse_toml(std::string_view text, const std::string& source) {
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& error) {
    fail(ErrorCode::bad_config, "{}:{}: not TOML: {}", source, error.source().begin.line,
         error.description());
  }
}

// The files that `root` says it is based on.
std::vector<std::filesystem::path> bases_of(const toml::table& root, const std::string& source) {
  const toml::node* node = root.get("base");
  if (node == nullptr) return {};
  const auto refuse = [&](std::string_view what) {
    fail(ErrorCode::bad_config, "{}:{}: 'base' {}", source, node->source().begin.line, what);
  };
  std::vector<std::filesystem::path> bases;
  const auto add = [&](const toml::node& element) {
    const auto name = element.value_exact<std::string>();
    if (!name) refuse("must be a file's name in quotes, or a list of them");
    bases.push_back(std::filesystem::path(source).parent_path() / *name);
    if (!std::filesystem::is_regular_file(bases.back()))
      refuse(fmt::format("names '{}', which is no file", *name));
  };
  if (const toml::array* list = node->as_array()) {
    for (const toml::node& element : *list) add(element);
  } else {
    add(*node);
  }
  return bases;
}

// Reads the bases in their order, then the text over them. Gives the names of the files that
// `config` is now from.
std::string read_over(Config& config, std::string_view text, const std::string& source,
                      int depth = 0) {
  constexpr int kDeepest = 8;
  if (depth == kDeepest) {
    fail(ErrorCode::bad_config, "{}: 'base' of 'base', {} files deep; is one its own?", source,
         kDeepest);
  }
  const toml::table root = parse_toml(text, source);
  std::string sources = source;
  for (const std::filesystem::path& base : bases_of(root, source)) {
    sources += fmt::format(
        ", {}", read_over(config, read_file(base, kMostBytes), base.string(), depth + 1));
  }
  Reader reader(root, source);
  visit(reader, config);
  reader.finish();
  return sources;
}

}  // namespace

Config::Config() {
  variants.assign(variant_names().begin(), variant_names().end());
  train.epochs = 20;
}

Config parse_config(std::string_view text, const std::string& source_name) {
  Config config;
  const std::string sources = read_over(config, text, source_name);
  check_together(config, sources);
  return config;
}

Config read_config(const std::filesystem::path& path) {
  return parse_config(read_file(path, kMostBytes), path.string());
}

std::vector<Claim> read_claims(const std::filesystem::path& path) {
  const std::string text = read_file(path, kMostBytes);
  const toml::table root = parse_toml(text, path.string());
  std::vector<Claim> claims;
  Reader(root, path.string()).claims("claim", "", claims);
  if (claims.empty()) fail(ErrorCode::bad_config, "{}: has no [[claim]]", path.string());
  return claims;
}

ClaimNames claim_names(const Config& config) {
  ClaimNames names{config.variants, {}, config.faults.severities};
  for (const faults::Fault& fault : named_faults(config.faults.choice)) {
    names.faults.push_back(fault.name);
  }
  return names;
}

Inequality parse_claim(const Claim& claim, const ClaimNames& names) {
  try {
    return parse_inequality(claim.check, names);
  } catch (const Error& error) {
    const std::string place = claim.place.empty() ? "" : claim.place + ": 'check' in [[claim]]: ";
    fail(ErrorCode::bad_config, "{}{}", place, error.what());
  }
}

std::string to_toml(const Config& config) {
  Writer writer;
  Config copy = config;
  visit(writer, copy);
  return writer.text();
}

std::string to_toml(const std::vector<Claim>& claims) {
  Writer writer;
  writer.claims("claim", "Judged when the study was finished.", claims);
  return writer.text();
}

}  // namespace edgeproof::study
