#pragma once

// The parts of a .tflite file that are written here, by number: field ids and enum values of the
// TFLite FlatBuffer schema, version 3 (tensorflow/lite/schema/schema.fbs). Internal to formats.

#include <cstdint>

namespace edgeproof::formats::tflite {

inline constexpr const char* kFileIdentifier = "TFL3";
inline constexpr std::uint32_t kSchemaVersion = 3;

enum class TensorType : std::int8_t { float32 = 0, int32 = 2, int8 = 9, int4 = 17 };

enum class Operator : std::int32_t {
  add = 0,
  average_pool_2d = 1,
  concatenation = 2,
  conv_2d = 3,
  depthwise_conv_2d = 4,
  logistic = 14,
  max_pool_2d = 17,
  mul = 18,
  relu = 19,
  relu_n1_to_1 = 20,
  relu6 = 21,
  reshape = 22,
  tanh = 28,
  pad = 34,
  pad_v2 = 60,
  leaky_relu = 98,
  elu = 111,
  hard_swish = 117,
  relu_0_to_1 = 152,
};

// Which table holds an operator's options.
enum class Options : std::uint8_t {
  none = 0,
  conv_2d = 1,
  depthwise_conv_2d = 2,
  pool_2d = 5,
  concatenation = 10,
  add = 11,
  reshape = 17,
  mul = 21,
  pad = 22,
  pad_v2 = 43,
  leaky_relu = 75,
  hard_swish = 91,
};

enum class Padding : std::int8_t { same = 0, valid = 1 };
enum class FusedActivation : std::int8_t { none = 0, relu = 1 };

// Field ids of each table.
namespace model {
enum : std::uint16_t {
  version,
  operator_codes,
  subgraphs,
  description,
  buffers,
  metadata = 6,
  signatures = 7
};
}
namespace operator_code {
enum : std::uint16_t { deprecated_code, version = 2, code = 3 };
}
namespace subgraph {
enum : std::uint16_t { tensors, inputs, outputs, operators, name };
}
namespace tensor {
enum : std::uint16_t { shape, type, buffer, name, quantization, shape_signature = 7 };
}
namespace quantization {
enum : std::uint16_t { scale = 2, zero_point = 3, dimension = 6 };
}
namespace operation {
enum : std::uint16_t { code_index, inputs, outputs, options_type, options };
}
namespace buffer {
enum : std::uint16_t { data };
}
namespace metadata {
enum : std::uint16_t { name, buffer };
}
namespace signature_def {
enum : std::uint16_t { inputs, outputs, key };
}
namespace tensor_map {
enum : std::uint16_t { name, tensor };
}
namespace conv_2d {
enum : std::uint16_t { padding, stride_w, stride_h, activation, dilation_w, dilation_h };
}
namespace depthwise_conv_2d {
enum : std::uint16_t {
  padding,
  stride_w,
  stride_h,
  depth_multiplier,
  activation,
  dilation_w,
  dilation_h
};
}
namespace pool_2d {
enum : std::uint16_t { padding, stride_w, stride_h, filter_w, filter_h };
}
namespace concatenation {
enum : std::uint16_t { axis };
}
namespace add {
enum : std::uint16_t { activation };
}
namespace mul {
enum : std::uint16_t { activation };
}
namespace leaky_relu {
enum : std::uint16_t { alpha };
}
namespace reshape {
enum : std::uint16_t { new_shape };
}

}  // namespace edgeproof::formats::tflite
