// QuantizeLinear and DequantizeLinear. uint8 becomes int8, all levels 128 lower. Test: see
// onnx_reader.h.

#include "core/error.h"
#include "formats/onnx_reader.h"

namespace edgeproof::formats {

void Reader::read_quantize(const onnx::NodeProto& node) {
  Value value = take(node);
  const graph::Quantization q = constants_.quantization(node, where_);
  std::optional<graph::Quantization>& known = graph_.nodes[value.node].quantization;
  if (known && known != q) {
    value = requantized(name_of(node), value, q);
  } else if (!known && is_shared(value.node)) {
    fail(ErrorCode::unsupported, "{}: input '{}' is also used without being quantized", where_,
         node.input(0));
  } else {
    known = q;
  }
  value.quantized = true;
  put(node, value);
}

void Reader::read_dequantize(const onnx::NodeProto& node) {
  if (constants_.is_initializer(input_name(node, 0, where_))) {
    return constants_.dequantize(node, where_);
  }
  Value value = take_any(node);
  if (!value.quantized) {
    fail(ErrorCode::unsupported, "{}: input '{}' is real, expected a quantized one", where_,
         node.input(0));
  }
  if (constants_.quantization(node, where_) != quantization_of(value)) {
    fail(ErrorCode::bad_input,
         "{}: scale and zero point are not those of the QuantizeLinear of '{}'", where_,
         graph_.nodes[value.node].name);
  }
  value.quantized = false;
  put(node, value);
}

}  // namespace edgeproof::formats
