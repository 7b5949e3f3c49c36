// int8 layers come as DequantizeLinear on weight and on bias: the weight's scales are kept, the
// bias's must be what they follow from. Test: onnx_test.cpp, onnx_hostile_test.cpp.

#include "formats/onnx_constants.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace edgeproof::formats {

using graph::FloatWeights;
using graph::Int8Weights;

bool has_input(const onnx::NodeProto& node, int index) {
  return index < node.input_size() && !node.input(index).empty();
}

const std::string& input_name(const onnx::NodeProto& node, int index, const std::string& where) {
  if (!has_input(node, index)) fail(ErrorCode::bad_input, "{}: input {} is missing", where, index);
  return node.input(index);
}

Constants::Constants(const onnx::GraphProto& graph, const std::string& where) {
  for (const onnx::TensorProto& tensor : graph.initializer()) {
    if (!initializers_.emplace(tensor.name(), &tensor).second) {
      fail(ErrorCode::bad_input, "{}: initializer '{}' is there twice", where, tensor.name());
    }
  }
}

bool Constants::contains(const std::string& name) const {
  return initializers_.contains(name) || dequantized_.contains(name);
}

const onnx::TensorProto& Constants::find(const std::string& name, const std::string& where) const {
  const auto found = initializers_.find(name);
  if (found == initializers_.end()) {
    fail(ErrorCode::unsupported, "{}: input '{}' is not a constant of the model", where, name);
  }
  return *found->second;
}

template <typename T>
std::vector<T> Constants::values(const std::string& name, const std::string& where) {
  std::vector<T> values = values_of<T>(find(name, where), where);
  const std::size_t bytes = values.size() * sizeof(T);
  if (bytes > budget_) {
    fail(ErrorCode::unsupported, "{}: weights of more than {} bytes", where, kMaxModelBytes);
  }
  budget_ -= bytes;
  return values;
}

template std::vector<float> Constants::values(const std::string&, const std::string&);

graph::Quantization Constants::quantization(const onnx::NodeProto& node, const std::string& where) {
  const auto scale = values<float>(input_name(node, 1, where), where);
  const auto zero_point = values<std::int8_t>(input_name(node, 2, where), where);
  if (scale.size() != 1 || zero_point.size() != 1) {
    fail(ErrorCode::unsupported, "{}: {} scales and {} zero points, expected one for an activation",
         where, scale.size(), zero_point.size());
  }
  return {scale[0], zero_point[0]};
}

void Constants::dequantize(const onnx::NodeProto& node, const std::string& where) {
  Dequantized made{input_name(node, 0, where), values<float>(input_name(node, 1, where), where)};
  Attributes attributes(node, where);
  if (attributes.integer("axis", 1) != 0 && made.scales.size() > 1) {
    fail(ErrorCode::unsupported, "{}: scales are not per output channel (axis 0)", where);
  }
  attributes.no_others();
  if (has_input(node, 2) && !is_zero(node.input(2), where)) {
    fail(ErrorCode::unsupported, "{}: zero points of weights are not all 0", where);
  }
  if (node.output_size() != 1 || contains(node.output(0))) {
    fail(ErrorCode::bad_input, "{}: expected one new output", where);
  }
  dequantized_.emplace(node.output(0), std::move(made));
}

bool Constants::is_zero(const std::string& name, const std::string& where) {
  const auto all_zero = [](const auto& v) {
    return std::all_of(v.begin(), v.end(), [](auto x) { return x == 0; });
  };
  return find(name, where).data_type() == onnx::TensorProto::INT32
             ? all_zero(values<std::int32_t>(name, where))
             : all_zero(values<std::int8_t>(name, where));
}

LayerWeights Constants::layer(const onnx::NodeProto& node, std::size_t rank,
                              std::optional<graph::Quantization> input, const std::string& where) {
  const std::string& name = input_name(node, 1, where);
  const auto quantized = dequantized_.find(name);
  const std::string& weight =
      quantized == dequantized_.end() ? name : quantized->second.initializer;
  std::vector<int> dims = dims_of(find(weight, where), where);
  if (dims.size() != rank) {
    fail(ErrorCode::unsupported, "{}: weight '{}' has {} dimensions, expected {}", where, name,
         dims.size(), rank);
  }
  const auto outputs = static_cast<std::size_t>(dims[0]);
  if (quantized == dequantized_.end()) {
    FloatWeights weights{values<float>(weight, where), std::vector<float>(outputs, 0)};
    if (has_input(node, 2)) weights.bias = values<float>(node.input(2), where);
    return {std::move(dims), std::move(weights)};
  }
  if (!input)
    fail(ErrorCode::unsupported, "{}: int8 weights, but its input is not quantized", where);
  Int8Weights weights{values<std::int8_t>(weight, where), quantized->second.scales,
                      std::vector<std::int32_t>(outputs, 0), bits_of(find(weight, where))};
  if (weights.scales.size() == 1) weights.scales.resize(outputs, weights.scales[0]);
  if (has_input(node, 2)) {
    weights.bias = int32_bias(node.input(2), input->scale, weights.scales, where);
  }
  return {std::move(dims), std::move(weights)};
}

std::vector<std::int32_t> Constants::int32_bias(const std::string& name, float input_scale,
                                                const std::vector<float>& weight_scales,
                                                const std::string& where) {
  const auto bias = dequantized_.find(name);
  if (bias == dequantized_.end()) {
    fail(ErrorCode::unsupported, "{}: int8 weights, but bias '{}' is not dequantized int32", where,
         name);
  }
  // Another writer may round the product otherwise; the integers mean the same.
  const auto close = [](float a, float b) { return std::abs(a - b) <= 1e-6F * std::abs(b); };
  const std::vector<float> expected = bias_scales(input_scale, weight_scales);
  const std::vector<float>& found = bias->second.scales;
  if (!std::equal(expected.begin(), expected.end(), found.begin(), found.end(), close)) {
    fail(ErrorCode::unsupported, "{}: the scale of bias '{}' is not input scale * weight scale",
         where, name);
  }
  return values<std::int32_t>(bias->second.initializer, where);
}

}  // namespace edgeproof::formats
