#pragma once

// FlatBuffer tables by the ids of their fields, without generated code. Children are written before
// the table that refers to them. Internal to formats.

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

namespace edgeproof::formats::tflite {

// A field of a table: its id in the schema, and a number, an enum or an offset.
template <typename T>
struct Field {
  std::uint16_t id;
  T value;
};
template <typename T>
Field(std::uint16_t, T) -> Field<T>;

class FlatTables {
 public:
  using Table = flatbuffers::Offset<void>;

  template <typename... T>
  Table table(Field<T>... fields) {
    const auto start = builder_.StartTable();
    (put(fields.id, fields.value), ...);
    return {builder_.EndTable(start)};
  }
  template <typename T>
  Table numbers(const std::vector<T>& values) {
    return {builder_.CreateVector(values).o};
  }
  Table text(const std::string& text) { return {builder_.CreateString(text).o}; }
  Table tables(const std::vector<Table>& tables) { return {builder_.CreateVector(tables).o}; }

  std::string finished(Table root, const char* identifier) {
    builder_.Finish(root, identifier);
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 protected:
  flatbuffers::FlatBufferBuilder builder_;

 private:
  template <typename T>
  void put(std::uint16_t id, T value) {
    const auto at = flatbuffers::FieldIndexToOffset(id);
    if constexpr (std::is_enum_v<T>) {
      builder_.AddElement(at, static_cast<std::underlying_type_t<T>>(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      builder_.AddElement(at, value);
    } else {
      builder_.AddOffset(at, value);
    }
  }
};

}  // namespace edgeproof::formats::tflite
