#pragma once

// ONNX's protobuf messages, read as input from outside: nothing is allocated by a count that the
// bytes do not back. Internal to formats. `where` opens every message: "file: node 'x' (Conv)".

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace edgeproof::formats {

inline constexpr std::size_t kMaxModelBytes = std::size_t{256} << 20;

template <typename T>
inline constexpr int kTensorType = onnx::TensorProto::UNDEFINED;
template <>
inline constexpr int kTensorType<float> = onnx::TensorProto::FLOAT;
template <>
inline constexpr int kTensorType<double> = onnx::TensorProto::DOUBLE;
template <>
inline constexpr int kTensorType<std::int8_t> = onnx::TensorProto::INT8;
template <>
inline constexpr int kTensorType<std::uint8_t> = onnx::TensorProto::UINT8;
template <>
inline constexpr int kTensorType<std::int32_t> = onnx::TensorProto::INT32;
template <>
inline constexpr int kTensorType<std::int64_t> = onnx::TensorProto::INT64;

// Error bad_input if the bytes are no ONNX model, or more than kMaxModelBytes or a million fields
// (an empty message takes two bytes in a file and a hundred in memory).
onnx::ModelProto parse_model(std::string_view bytes, const std::string& source);

// Whole numbers of 4 and 2 bits, packed low bits first: ONNX's since opset 21 and 25. The library's
// own list may end before them.
inline constexpr int kInt4 = 22, kInt2 = 26;

// 8, 4 or 2 for INT8, INT4 and INT2, otherwise 0.
int bits_of(const onnx::TensorProto& tensor);

// 4 or 2 bits of each value, in [-2^(bits-1), 2^(bits-1) - 1].
std::string packed(std::span<const std::int8_t> values, int bits);

// The type's name in ONNX: "FLOAT16".
std::string type_name(int type);

// Each from 1 to 2^20; empty for a scalar.
std::vector<int> dims_of(const onnx::TensorProto& tensor, const std::string& where);

// All values. Error bad_input unless they are T (float, int8, uint8, int32 or int64; int8 takes
// INT4 and INT2, too, float DOUBLE), in this file, and as many as dims say.
template <typename T>
std::vector<T> values_of(const onnx::TensorProto& tensor, const std::string& where);

// The scale of a bias: input_scale * weight_scale[c].
std::vector<float> bias_scales(float input_scale, const std::vector<float>& weight_scales);

// The attributes of one node. Each getter gives the fallback for one that is absent, and remembers
// the name.
class Attributes {
 public:
  Attributes(const onnx::NodeProto& node, const std::string& where) : node_(node), where_(where) {}

  int integer(const std::string& name, int fallback);
  std::vector<int> integers(const std::string& name,
                            std::vector<int> fallback);  // of the same count
  std::vector<int> list(const std::string& name);        // of any count; empty if absent
  bool has(const std::string& name) const;
  float real(const std::string& name, float fallback);
  std::vector<float> reals(const std::string& name);  // of any count; empty if absent
  std::string text(const std::string& name, const std::string& fallback);
  // Error unsupported for an attribute that is set to something else.
  void must_be(const std::string& name, int value);
  void must_be(const std::string& name, const std::vector<int>& values);
  // Error unsupported for an attribute that nobody asked for.
  void no_others() const;

 private:
  const onnx::AttributeProto* find(const std::string& name,
                                   onnx::AttributeProto::AttributeType type);

  const onnx::NodeProto& node_;
  const std::string& where_;
  std::vector<std::string> known_;
};

}  // namespace edgeproof::formats
