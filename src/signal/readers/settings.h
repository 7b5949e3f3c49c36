#pragma once

// The keys of [data] and their values, as a configuration has them. What each key means to a source
// of data is in source.h.

#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "core/allowed.h"

namespace edgeproof::signal {

using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// A key that one or more sources read. A key has one type, one default and one range, whatever the
// source, and is one constant: readers name it by that, so that a wrong name does not compile.
template <typename T>
struct Key {
  std::string name;
  T value = {};  // the default
  std::string meaning = {};
  Allowed allowed = {};
  std::string one_each_of = {};  // of a list: it is empty, or as long as this key's
};

// Values by key. A key that has not been set has its default, and one that is set to its default
// has not been set: a file that spells out a default means the same as one that does not.
class Settings {
 public:
  template <typename T>
  T get(const Key<T>& key) const {
    return std::get<T>(get(key.name, key.value));
  }
  template <typename T>
  void set(const Key<T>& key, std::type_identity_t<T> value) {
    set(key.name, std::move(value), key.value);
  }

  // The same for a key whose type is not known.
  Value get(const std::string& name, const Value& default_value) const {
    const auto found = values_.find(name);
    return found == values_.end() ? default_value : found->second;
  }
  void set(const std::string& name, Value value, const Value& default_value) {
    if (value == default_value) {
      values_.erase(name);
    } else {
      values_.insert_or_assign(name, std::move(value));
    }
  }
  bool is_set(const std::string& name) const { return values_.contains(name); }

  bool operator==(const Settings&) const = default;

 private:
  std::map<std::string, Value> values_;
};

}  // namespace edgeproof::signal
