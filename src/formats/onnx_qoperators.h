#pragma once

// Quantized operators as ONNX Runtime's quantizer writes them in its QOperator format. Internal to
// formats.

#include <onnx/onnx_pb.h>

#include <string>

namespace edgeproof::formats {

// QLinearConv, QLinearMatMul, and of com.microsoft QGemm, QLinearAdd, QLinearMul, QLinearConcat,
// QLinearSigmoid, QLinearLeakyRelu, QLinearAveragePool and QLinearGlobalAveragePool become
// DequantizeLinear, the real operator, QuantizeLinear. Error unsupported for other quantized ones.
void replace_quantized_operators(onnx::GraphProto& graph, const std::string& source);

}  // namespace edgeproof::formats
