#pragma once

// A .tflite file in the making: tensors, operators and metadata in the order in which they are
// added, then the FlatBuffer. Internal to formats. The same calls give the same bytes.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "formats/flat_tables.h"
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

// The network's input or output: its tensor, and its name in the signature.
struct Endpoint {
  int tensor;
  std::string name;
};

class File : public FlatTables {
 public:
  // Each returns the tensor's index. An activation's first dimension is the batch: 1 as written,
  // but any other can be run.
  int add_activation(Tensor tensor);
  template <typename T>
  int add_constant(Tensor tensor, std::span<const T> values) {
    return add_constant(std::move(tensor), reinterpret_cast<const std::uint8_t*>(values.data()),
                        values.size_bytes());
  }

  void add_operator(Operator code, int version, const std::vector<int>& inputs, int output,
                    Options type = Options::none, Table options = {});
  void add_metadata(const std::string& name, std::string_view bytes);

  std::string finish(const std::string& name, const Endpoint& input, const Endpoint& output);

 private:
  int add_constant(Tensor tensor, const std::uint8_t* data, std::size_t bytes);
  int add_buffer(const std::uint8_t* data, std::size_t bytes);
  int add_tensor(const Tensor& tensor, int buffer, bool batched);
  Table signature(const Endpoint& input, const Endpoint& output);
  int code_index(Operator code, int version);

  struct Code {
    Operator code;
    int version;
    bool operator==(const Code&) const = default;
  };

  std::vector<Code> codes_;
  std::vector<Table> tensors_, operators_, metadata_;
  std::vector<Table> buffers_ = {table()};  // the first is empty, for tensors without data
};

}  // namespace edgeproof::formats::tflite
