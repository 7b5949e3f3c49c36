#pragma once

// A .tflite file in the making: tensors, operators and metadata in the order in which they are
// added, then the FlatBuffer. Internal to formats. The same calls give the same bytes.

#include <flatbuffers/flatbuffers.h>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "formats/tflite_schema.h"

namespace edgeproof::formats::tflite {

// real = scale * (q - zero_point); several scales are those of the slices of `dimension`.
struct Quantization {
  std::vector<float> scales;
  std::vector<std::int64_t> zero_points;  // as many
  int dimension = 0;
};

struct Tensor {
  std::string name;
  TensorType type = TensorType::float32;
  std::vector<int> shape;
  Quantization quantization = {};  // of none: no scales
};

// A field of a table: its id in the schema, and a number or an offset.
template <typename T>
struct Field {
  std::uint16_t id;
  T value;
};
template <typename T>
Field(std::uint16_t, T) -> Field<T>;

class File {
 public:
  using Table = flatbuffers::Offset<void>;

  // Each returns the tensor's index. An activation's first dimension is the batch: 1 as written,
  // but any other can be run.
  int add_activation(Tensor tensor);
  template <typename T>
  int add_constant(Tensor tensor, std::span<const T> values) {
    return add_constant(std::move(tensor), reinterpret_cast<const std::uint8_t*>(values.data()),
                        values.size_bytes());
  }

  template <typename... T>
  Table table(Field<T>... fields) {
    const auto start = builder_.StartTable();
    (put(fields.id, fields.value), ...);
    return {builder_.EndTable(start)};
  }
  Table ints(const std::vector<int>& values) { return {builder_.CreateVector(values).o}; }

  void add_operator(Operator code, int version, const std::vector<int>& inputs, int output,
                    Options type = Options::none, Table options = {});
  void add_metadata(const std::string& name, std::string_view bytes);

  std::string finish(const std::string& name, int input, int output);

 private:
  int add_constant(Tensor tensor, const std::uint8_t* data, std::size_t bytes);
  int add_buffer(const std::uint8_t* data, std::size_t bytes);
  int add_tensor(const Tensor& tensor, int buffer, bool batched);
  int code_index(Operator code, int version);

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
  Table strings(const std::string& text) { return {builder_.CreateString(text).o}; }
  Table tables(const std::vector<Table>& tables) { return {builder_.CreateVector(tables).o}; }

  struct Code {
    Operator code;
    int version;
    bool operator==(const Code&) const = default;
  };

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<Code> codes_;
  std::vector<Table> tensors_, operators_, metadata_;
  std::vector<Table> buffers_ = {table()};  // the first is empty, for tensors without data
};

}  // namespace edgeproof::formats::tflite
