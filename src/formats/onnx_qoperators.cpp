// Specifications: onnx.ai/onnx/operators, and ContribOperators.md of ONNX Runtime for
// com.microsoft. Test: onnx_import_test.cpp.

#include "formats/onnx_qoperators.h"

#include <map>
#include <vector>

#include "core/error.h"
#include "formats/onnx_constants.h"
#include "formats/onnx_proto.h"

namespace edgeproof::formats {
namespace {

// Where an operator's inputs are; every quantized one is followed by scale and zero point.
struct Inputs {
  const char* op = nullptr;  // the real operator
  std::vector<int> values;   // the first is an activation
  int output = 0;            // its scale, zero point behind it
  int bias = -1;             // int32, of input scale * weight scale
  int weight_axis = -1;      // of per-channel scales of the second value
};

const std::map<std::string, Inputs>& operators() {
  static const std::map<std::string, Inputs> kOperators = {
      {"QLinearConv", {"Conv", {0, 3}, 6, 8, 0}},
      {"QLinearMatMul", {"MatMul", {0, 3}, 6, -1, 1}},
      {"QGemm", {"Gemm", {0, 3}, 7, 6, 1}},
      {"QLinearAdd", {"Add", {0, 3}, 6}},
      {"QLinearMul", {"Mul", {0, 3}, 6}},
      {"QLinearSigmoid", {"Sigmoid", {0}, 3}},
      {"QLinearLeakyRelu", {"LeakyRelu", {0}, 3}},
      {"QLinearAveragePool", {"AveragePool", {0}, 3}},
      {"QLinearGlobalAveragePool", {"GlobalAveragePool", {0}, 3}},
  };
  return kOperators;
}

class Replacement {
 public:
  Replacement(const onnx::GraphProto& graph, const std::string& source)
      : source_(source), constants_(graph, source) {}

  void replace(const onnx::NodeProto& node) {
    where_ = fmt::format("{}: node '{}' ({})", source_, node.name(), node.op_type());
    const auto found = operators().find(node.op_type());
    if (node.op_type() == "QLinearConcat") return concat(node);
    if (found == operators().end()) {
      if (node.op_type().starts_with("QLinear") || node.op_type().ends_with("Integer")) {
        fail(ErrorCode::unsupported, "{}: this quantized operator is not supported", where_);
      }
      *made_.add_node() = node;
      return;
    }
    const Inputs& in = found->second;
    onnx::NodeProto real = start(node, in.op);
    for (const int value : in.values) {
      const int axis = value == in.values.front() ? -1 : weight_axis(node, in);
      real.add_input(dequantized(node, value, value + 1, value + 2, axis));
    }
    if (in.bias >= 0 && has_input(node, in.bias)) real.add_input(bias(node, in.bias));
    finish(node, std::move(real), in.output);
  }

  onnx::GraphProto take() { return std::move(made_); }

 private:
  static int weight_axis(const onnx::NodeProto& node, const Inputs& in) {
    for (const onnx::AttributeProto& a : node.attribute()) {
      if (a.name() == "transB" && a.i() == 1) return 0;
    }
    return in.weight_axis;
  }

  std::string fresh(const onnx::NodeProto& node, const std::string& part) {
    return fmt::format("{}/{}/{}", node.output_size() > 0 ? node.output(0) : "", part,
                       ++made_names_);
  }

  static onnx::NodeProto start(const onnx::NodeProto& node, const char* op) {
    onnx::NodeProto real;
    real.set_op_type(op);
    real.set_name(node.name());
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      if (attribute.name() != "channels_last") *real.add_attribute() = attribute;
    }
    return real;
  }

  std::string dequantized(const onnx::NodeProto& node, int value, int scale, int zero, int axis) {
    onnx::NodeProto dequantize;
    dequantize.set_op_type("DequantizeLinear");
    for (const int i : {value, scale}) dequantize.add_input(input_name(node, i, where_));
    if (has_input(node, zero)) dequantize.add_input(node.input(zero));
    if (axis >= 0) {
      onnx::AttributeProto& attribute = *dequantize.add_attribute();
      attribute.set_name("axis");
      attribute.set_type(onnx::AttributeProto::INT);
      attribute.set_i(axis);
    }
    dequantize.add_output(fresh(node, "real"));
    *made_.add_node() = dequantize;
    return dequantize.output(0);
  }

  std::string bias(const onnx::NodeProto& node, int index) {
    const auto input = constants_.values<float>(input_name(node, 1, where_), where_);
    const auto weight = constants_.values<float>(input_name(node, 4, where_), where_);
    if (input.size() != 1) fail(ErrorCode::bad_input, "{}: {} input scales", where_, input.size());
    const std::vector<float> scales = bias_scales(input[0], weight);
    onnx::TensorProto& tensor = *made_.add_initializer();
    tensor.set_name(fresh(node, "bias_scale"));
    tensor.set_data_type(onnx::TensorProto::FLOAT);
    tensor.add_dims(std::ssize(scales));
    for (const float scale : scales) tensor.add_float_data(scale);
    onnx::NodeProto dequantize;
    dequantize.set_op_type("DequantizeLinear");
    dequantize.add_input(node.input(index));
    dequantize.add_input(tensor.name());
    dequantize.add_output(fresh(node, "bias"));
    *made_.add_node() = dequantize;
    return dequantize.output(0);
  }

  // Inputs: output scale and zero point, then each value with its own.
  void concat(const onnx::NodeProto& node) {
    onnx::NodeProto real = start(node, "Concat");
    for (int i = 2; i + 2 < node.input_size(); i += 3) {
      real.add_input(dequantized(node, i, i + 1, i + 2, -1));
    }
    finish(node, std::move(real), 0);
  }

  void finish(const onnx::NodeProto& node, onnx::NodeProto real, int scale) {
    if (node.output_size() != 1) fail(ErrorCode::bad_input, "{}: expected one output", where_);
    real.add_output(fresh(node, "result"));
    onnx::NodeProto quantize;
    quantize.set_op_type("QuantizeLinear");
    quantize.add_input(real.output(0));
    quantize.add_input(input_name(node, scale, where_));
    if (has_input(node, scale + 1)) quantize.add_input(node.input(scale + 1));
    quantize.add_output(node.output(0));
    *made_.add_node() = std::move(real);
    *made_.add_node() = std::move(quantize);
  }

  const std::string& source_;
  std::string where_;
  Constants constants_;
  onnx::GraphProto made_;
  int made_names_ = 0;
};

}  // namespace

void replace_quantized_operators(onnx::GraphProto& graph, const std::string& source) {
  Replacement replacement(graph, source);
  for (const onnx::NodeProto& node : graph.node()) replacement.replace(node);
  onnx::GraphProto made = replacement.take();
  graph.mutable_node()->Swap(made.mutable_node());
  graph.mutable_initializer()->MergeFrom(made.initializer());
}

}  // namespace edgeproof::formats
