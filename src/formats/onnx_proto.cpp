// Before protobuf builds a model, its fields are counted on the wire along its schema, since what
// they take in memory is not bounded by what they take in the file. Test: onnx_hostile_test.cpp.

#include "formats/onnx_proto.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/text.h"

namespace edgeproof::formats {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormat;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxFields = 1 << 20;
constexpr int kMaxDepth = 64;
constexpr std::int64_t kMaxDim = 1 << 20;

// What is left of `budget` fields, negative if there are more; nothing if the bytes are malformed.
std::optional<int> count_fields(google::protobuf::io::CodedInputStream& in, const Descriptor& type,
                                int budget, int depth) {
  while (const std::uint32_t tag = in.ReadTag()) {
    if (--budget < 0) return budget;
    const FieldDescriptor* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    const bool is_message =
        field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE &&
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (is_message) {
      std::uint32_t size = 0;
      if (depth == kMaxDepth || !in.ReadVarint32(&size)) return std::nullopt;
      if (size > static_cast<std::uint32_t>(in.BytesUntilLimit())) return std::nullopt;
      const auto outer = in.PushLimit(static_cast<int>(size));
      const auto left = count_fields(in, *field->message_type(), budget, depth + 1);
      if (!left || *left < 0) return left;
      if (in.BytesUntilLimit() != 0) return std::nullopt;
      in.PopLimit(outer);
      budget = *left;
    } else if (!WireFormatLite::SkipField(&in, tag)) {
      return std::nullopt;
    }
  }
  return budget;
}

// How many values dims declare; every dim is at most 2^20 and the product stays below 2^31.
std::size_t count_of(const std::vector<int>& dims, const std::string& where,
                     const std::string& name) {
  std::int64_t count = 1;
  for (const int dim : dims) {
    count *= dim;
    if (count > static_cast<std::int64_t>(kMaxModelBytes)) {
      fail(ErrorCode::bad_input, "{}: tensor '{}' declares more than {} values", where, name,
           kMaxModelBytes);
    }
  }
  return static_cast<std::size_t>(count);
}

int narrow(std::int64_t value, const std::string& name, const std::string& where) {
  if (value < -kMaxDim || value > kMaxDim) {
    fail(ErrorCode::bad_input, "{}: attribute '{}' is {}, expected at most {}", where, name, value,
         kMaxDim);
  }
  return static_cast<int>(value);
}

// The typed field, used by some writers instead of raw_data.
template <typename T>
const auto& typed_data(const onnx::TensorProto& tensor) {
  if constexpr (std::is_same_v<T, float>) {
    return tensor.float_data();
  } else if constexpr (std::is_same_v<T, double>) {
    return tensor.double_data();
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return tensor.int64_data();
  } else {
    return tensor.int32_data();
  }
}

// Raw bytes, or the typed field's words of a byte each.
std::vector<std::int8_t> unpacked(const onnx::TensorProto& tensor, std::size_t count, int bits,
                                  const std::string& where) {
  const std::string bytes =
      tensor.has_raw_data() ? tensor.raw_data()
                            : std::string(tensor.int32_data().begin(), tensor.int32_data().end());
  const std::size_t per_byte = 8 / static_cast<std::size_t>(bits);
  if (bytes.size() != (count + per_byte - 1) / per_byte) {
    fail(ErrorCode::bad_input,
         "{}: tensor '{}' holds {} bytes, its dimensions say {} values of {} "
         "bits",
         where, tensor.name(), bytes.size(), count, bits);
  }
  std::vector<std::int8_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int field =
        static_cast<std::uint8_t>(bytes[i / per_byte]) >> (static_cast<int>(i % per_byte) * bits);
    values[i] = static_cast<std::int8_t>(field << (8 - bits));
    values[i] = static_cast<std::int8_t>(values[i] >> (8 - bits));  // its sign
  }
  return values;
}

}  // namespace

std::string type_name(int type) {
  if (type == kInt4) return "INT4";
  if (type == kInt2) return "INT2";
  return onnx::TensorProto::DataType_IsValid(type)
             ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type))
             : fmt::format("type {}", type);
}

int bits_of(const onnx::TensorProto& tensor) {
  if (tensor.data_type() == onnx::TensorProto::INT8) return 8;
  return tensor.data_type() == kInt4 ? 4 : tensor.data_type() == kInt2 ? 2 : 0;
}

std::string packed(std::span<const std::int8_t> values, int bits) {
  const std::size_t per_byte = 8 / static_cast<std::size_t>(bits);
  std::string bytes((values.size() + per_byte - 1) / per_byte, '\0');
  const int mask = (1 << bits) - 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int field = (values[i] & mask) << (static_cast<int>(i % per_byte) * bits);
    bytes[i / per_byte] = static_cast<char>(bytes[i / per_byte] | field);
  }
  return bytes;
}

onnx::ModelProto parse_model(std::string_view bytes, const std::string& source) {
  if (bytes.size() > kMaxModelBytes) {
    fail(ErrorCode::bad_input, "{}: {} bytes, expected an ONNX model of at most {}", source,
         bytes.size(), kMaxModelBytes);
  }
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  const auto whole = in.PushLimit(static_cast<int>(bytes.size()));
  const auto left = count_fields(in, *onnx::ModelProto::descriptor(), kMaxFields, 0);
  if (left && *left < 0) {
    fail(ErrorCode::bad_input, "{}: more than {} fields, too many for a model", source, kMaxFields);
  }
  in.PopLimit(whole);
  onnx::ModelProto model;
  if (!left || !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !model.has_graph()) {
    fail(ErrorCode::bad_input, "{}: not an ONNX model, or damaged", source);
  }
  return model;
}

std::vector<int> dims_of(const onnx::TensorProto& tensor, const std::string& where) {
  if (tensor.dims_size() > 8) {
    fail(ErrorCode::unsupported, "{}: tensor '{}' has {} dimensions", where, tensor.name(),
         tensor.dims_size());
  }
  std::vector<int> dims;
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 1 || dim > kMaxDim) {
      fail(ErrorCode::bad_input, "{}: tensor '{}' has a dimension of {}, expected 1 to {}", where,
           tensor.name(), dim, kMaxDim);
    }
    dims.push_back(static_cast<int>(dim));
  }
  return dims;
}

template <typename T>
std::vector<T> values_of(const onnx::TensorProto& tensor, const std::string& where) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    fail(ErrorCode::unsupported, "{}: tensor '{}' is in another file; expected it in the model",
         where, tensor.name());
  }
  const std::size_t count = count_of(dims_of(tensor, where), where, tensor.name());
  if constexpr (std::is_same_v<T, std::int8_t>) {
    const int bits = bits_of(tensor);
    if (bits == 4 || bits == 2) return unpacked(tensor, count, bits, where);
  }
  if constexpr (std::is_same_v<T, float>) {
    if (tensor.data_type() == onnx::TensorProto::DOUBLE) {
      const std::vector<double> wide = values_of<double>(tensor, where);
      return {wide.begin(), wide.end()};
    }
  }
  if (tensor.data_type() != kTensorType<T>) {
    fail(ErrorCode::unsupported, "{}: tensor '{}' is {}, expected {}", where, tensor.name(),
         type_name(tensor.data_type()), type_name(kTensorType<T>));
  }
  const std::string& raw = tensor.raw_data();
  const auto& typed = typed_data<T>(tensor);
  const std::size_t found =
      tensor.has_raw_data() ? raw.size() / sizeof(T) : static_cast<std::size_t>(typed.size());
  if (found != count || raw.size() % sizeof(T) != 0) {
    fail(ErrorCode::bad_input, "{}: tensor '{}' holds {} values, its dimensions say {}", where,
         tensor.name(), found, count);
  }
  std::vector<T> values(count);
  if (tensor.has_raw_data()) {
    std::memcpy(values.data(), raw.data(), raw.size());
  } else {
    std::transform(typed.begin(), typed.end(), values.begin(),
                   [](auto value) { return static_cast<T>(value); });
  }
  return values;
}

template std::vector<float> values_of(const onnx::TensorProto&, const std::string&);
template std::vector<double> values_of(const onnx::TensorProto&, const std::string&);
template std::vector<std::int8_t> values_of(const onnx::TensorProto&, const std::string&);
template std::vector<std::uint8_t> values_of(const onnx::TensorProto&, const std::string&);
template std::vector<std::int32_t> values_of(const onnx::TensorProto&, const std::string&);
template std::vector<std::int64_t> values_of(const onnx::TensorProto&, const std::string&);

std::vector<float> bias_scales(float input_scale, const std::vector<float>& weight_scales) {
  std::vector<float> scales;
  for (const float scale : weight_scales) scales.push_back(input_scale * scale);
  return scales;
}

const onnx::AttributeProto* Attributes::find(const std::string& name,
                                             onnx::AttributeProto::AttributeType type) {
  known_.push_back(name);
  for (const onnx::AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() != name) continue;
    if (attribute.type() != type) {
      fail(ErrorCode::bad_input, "{}: attribute '{}' has the wrong type", where_, name);
    }
    return &attribute;
  }
  return nullptr;
}

int Attributes::integer(const std::string& name, int fallback) {
  const auto* attribute = find(name, onnx::AttributeProto::INT);
  return attribute == nullptr ? fallback : narrow(attribute->i(), name, where_);
}

std::vector<int> Attributes::integers(const std::string& name, std::vector<int> fallback) {
  const auto* attribute = find(name, onnx::AttributeProto::INTS);
  if (attribute == nullptr) return fallback;
  if (attribute->ints_size() != static_cast<int>(fallback.size())) {
    fail(ErrorCode::unsupported, "{}: attribute '{}' has {} values, expected {} (one dimension)",
         where_, name, attribute->ints_size(), fallback.size());
  }
  std::vector<int> values;
  for (const std::int64_t value : attribute->ints()) values.push_back(narrow(value, name, where_));
  return values;
}

std::vector<int> Attributes::list(const std::string& name) {
  std::vector<int> values;
  if (const auto* attribute = find(name, onnx::AttributeProto::INTS)) {
    for (const std::int64_t value : attribute->ints())
      values.push_back(narrow(value, name, where_));
  }
  return values;
}

bool Attributes::has(const std::string& name) const {
  return std::ranges::any_of(node_.attribute(), [&](const auto& a) { return a.name() == name; });
}

float Attributes::real(const std::string& name, float fallback) {
  const auto* attribute = find(name, onnx::AttributeProto::FLOAT);
  return attribute == nullptr ? fallback : attribute->f();
}

std::vector<float> Attributes::reals(const std::string& name) {
  const auto* attribute = find(name, onnx::AttributeProto::FLOATS);
  if (attribute == nullptr) return {};
  return {attribute->floats().begin(), attribute->floats().end()};
}

std::string Attributes::text(const std::string& name, const std::string& fallback) {
  const auto* attribute = find(name, onnx::AttributeProto::STRING);
  return attribute == nullptr ? fallback : attribute->s();
}

void Attributes::must_be(const std::string& name, int value) {
  const int found = integer(name, value);
  if (found != value) {
    fail(ErrorCode::unsupported, "{}: attribute '{}' is {}, only {} is supported", where_, name,
         found, value);
  }
}

void Attributes::must_be(const std::string& name, const std::vector<int>& values) {
  const std::vector<int> found = integers(name, values);
  if (found != values) {
    fail(ErrorCode::unsupported, "{}: attribute '{}' is [{}], only [{}] is supported", where_, name,
         fmt::join(found, ", "), fmt::join(values, ", "));
  }
}

void Attributes::no_others() const {
  for (const onnx::AttributeProto& attribute : node_.attribute()) {
    if (std::find(known_.begin(), known_.end(), attribute.name()) == known_.end()) {
      fail(ErrorCode::unsupported, "{}: attribute '{}' is not supported{}", where_,
           attribute.name(), did_you_mean(attribute.name(), known_));
    }
  }
}

}  // namespace edgeproof::formats
