// int8 layers come as DequantizeLinear on weight and on bias: the weight's scales are kept, the
// bias's must be what they follow from. Test: onnx_test.cpp, onnx_hostile_test.cpp.

#include "formats/onnx_constants.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "formats/onnx_layout.h"

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

void Constants::add(onnx::TensorProto tensor, const std::string& where) {
  spend(tensor.ByteSizeLong(), where);
  made_.push_back(std::move(tensor));
  if (contains(made_.back().name())) {
    fail(ErrorCode::bad_input, "{}: output '{}' is there already", where, made_.back().name());
  }
  initializers_.emplace(made_.back().name(), &made_.back());
}

void Constants::add(const std::string& name, const std::vector<std::int64_t>& values,
                    const std::vector<std::int64_t>& dims, const std::string& where) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::INT64);
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  add(std::move(tensor), where);
}

const onnx::TensorProto& Constants::find(const std::string& name, const std::string& where) const {
  const auto found = initializers_.find(name);
  if (found == initializers_.end()) {
    fail(ErrorCode::unsupported, "{}: input '{}' is not a constant of the model", where, name);
  }
  return *found->second;
}

void Constants::spend(std::size_t bytes, const std::string& where) {
  if (bytes > budget_) {
    fail(ErrorCode::unsupported, "{}: weights of more than {} bytes", where, kMaxModelBytes);
  }
  budget_ -= bytes;
}

template <typename T>
std::vector<T> Constants::values(const std::string& name, const std::string& where) {
  std::vector<T> values = values_of<T>(find(name, where), where);
  spend(values.size() * sizeof(T), where);
  return values;
}

template std::vector<float> Constants::values(const std::string&, const std::string&);

std::vector<std::int64_t> Constants::integers(const std::string& name, const std::string& where) {
  if (find(name, where).data_type() != onnx::TensorProto::INT32) {
    return values<std::int64_t>(name, where);
  }
  const std::vector<std::int32_t> narrow = values<std::int32_t>(name, where);
  return {narrow.begin(), narrow.end()};
}

// Of any type that quantized values and zero points have.
std::vector<int> Constants::whole_numbers(const std::string& name, const std::string& where) {
  const auto all = [&]<typename T>(T) {
    const std::vector<T> found = values<T>(name, where);
    return std::vector<int>(found.begin(), found.end());
  };
  const int type = find(name, where).data_type();
  if (type == onnx::TensorProto::UINT8) return all(std::uint8_t{});
  if (type == onnx::TensorProto::INT32) return all(std::int32_t{});
  return all(std::int8_t{});
}

std::vector<int> Constants::dims(const std::string& name, const std::string& where) const {
  const auto quantized = dequantized_.find(name);
  const bool is_real = quantized == dequantized_.end();
  return dims_of(find(is_real ? name : quantized->second.initializer, where), where);
}

std::vector<float> Constants::reals(const std::string& name, const std::string& where) {
  const auto found = dequantized_.find(name);
  if (found == dequantized_.end()) return values<float>(name, where);
  const Dequantized& q = found->second;
  if (q.scales.size() != 1) {
    fail(ErrorCode::unsupported, "{}: constant '{}' has {} scales, expected one", where, name,
         q.scales.size());
  }
  std::vector<float> reals;
  for (const int level : whole_numbers(q.initializer, where)) {
    reals.push_back(q.scales[0] * static_cast<float>(level - q.zero_points[0]));
  }
  return reals;
}

graph::Quantization Constants::quantization(const onnx::NodeProto& node, const std::string& where) {
  const auto scale = values<float>(input_name(node, 1, where), where);
  const bool is_uint8 =
      !has_input(node, 2) || find(node.input(2), where).data_type() == onnx::TensorProto::UINT8;
  const auto zero_point =
      has_input(node, 2) ? whole_numbers(node.input(2), where) : std::vector<int>{0};
  if (scale.size() != 1 || zero_point.size() != 1) {
    fail(ErrorCode::unsupported, "{}: {} scales and {} zero points, expected one for an activation",
         where, scale.size(), zero_point.size());
  }
  return {scale[0], zero_point[0] - (is_uint8 ? 128 : 0)};
}

void Constants::dequantize(const onnx::NodeProto& node, const std::string& where) {
  Dequantized made{
      input_name(node, 0, where), values<float>(input_name(node, 1, where), where), {}, 0};
  Attributes attributes(node, where);
  made.axis = attributes.integer("axis", 1);
  attributes.no_others();
  const auto rank = static_cast<int>(find(made.initializer, where).dims_size());
  if (made.axis < 0) made.axis += rank;
  if (has_input(node, 2)) made.zero_points = whole_numbers(node.input(2), where);
  made.zero_points.resize(std::max(made.zero_points.size(), made.scales.size()));
  if (made.scales.empty() || made.zero_points.size() != made.scales.size()) {
    fail(ErrorCode::bad_input, "{}: {} scales and {} zero points", where, made.scales.size(),
         made.zero_points.size());
  }
  if (node.output_size() != 1 || contains(node.output(0))) {
    fail(ErrorCode::bad_input, "{}: expected one new output", where);
  }
  dequantized_.emplace(node.output(0), std::move(made));
}

// The weights without their zero points, which LiteRT's scheme does not have.
std::vector<std::int8_t> Constants::levels(const Dequantized& q, const std::string& where) {
  const std::vector<int> found = whole_numbers(q.initializer, where);
  const std::vector<int> dims = dims_of(find(q.initializer, where), where);
  std::size_t inner = 1;
  for (std::size_t d = static_cast<std::size_t>(q.axis) + 1; d < dims.size(); ++d) {
    inner *= static_cast<std::size_t>(dims[d]);
  }
  std::vector<std::int8_t> levels;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const int level = found[i] - q.zero_points[i / inner % q.zero_points.size()];
    if (level < -128 || level > 127) {
      fail(ErrorCode::unsupported,
           "{}: weight '{}' is not symmetric: level {} without its zero point, expected -128 to "
           "127; quantize with symmetric weights",
           where, q.initializer, level);
    }
    levels.push_back(static_cast<std::int8_t>(level));
  }
  return levels;
}

LayerWeights Constants::layer(const std::string& weight, const std::string& bias, int outputs_axis,
                              std::optional<graph::Quantization> input, const std::string& where) {
  std::vector<int> dims = this->dims(weight, where);
  if (std::ssize(dims) <= outputs_axis) {
    fail(ErrorCode::unsupported, "{}: weight '{}' has {} dimensions, expected more", where, weight,
         dims.size());
  }
  const auto outputs = static_cast<std::size_t>(dims[static_cast<std::size_t>(outputs_axis)]);
  const auto outputs_first = [&](auto values) {
    return outputs_axis == 0 ? values : swap_last_two(values, dims[0], dims[1]);
  };
  const auto quantized = dequantized_.find(weight);
  graph::Weights weights;
  if (quantized == dequantized_.end()) {
    FloatWeights w{outputs_first(values<float>(weight, where)), std::vector<float>(outputs, 0)};
    if (!bias.empty()) w.bias = values<float>(bias, where);
    weights = std::move(w);
  } else {
    if (!input) {
      fail(ErrorCode::unsupported, "{}: int8 weights, but its input is not quantized", where);
    }
    const Dequantized& q = quantized->second;
    if (q.scales.size() > 1 && q.axis != outputs_axis) {
      fail(ErrorCode::unsupported, "{}: scales are not per output channel (axis {})", where,
           outputs_axis);
    }
    Int8Weights w{outputs_first(levels(q, where)), q.scales, std::vector<std::int32_t>(outputs, 0),
                  std::max(bits_of(find(q.initializer, where)), 2)};
    if (find(q.initializer, where).data_type() == onnx::TensorProto::UINT8) w.bits = 8;
    if (w.scales.size() == 1) w.scales.resize(outputs, w.scales[0]);
    if (!bias.empty()) w.bias = int32_bias(bias, input->scale, w.scales, where);
    weights = std::move(w);
  }
  if (outputs_axis == 1) std::swap(dims[0], dims[1]);
  return {std::move(dims), std::move(weights)};
}

std::vector<std::int32_t> Constants::int32_bias(const std::string& name, float input_scale,
                                                const std::vector<float>& weight_scales,
                                                const std::string& where) {
  const std::vector<float> expected = bias_scales(input_scale, weight_scales);
  const auto bias = dequantized_.find(name);
  if (bias == dequantized_.end()) {
    const std::vector<float> real = values<float>(name, where);
    std::vector<std::int32_t> rounded;
    for (std::size_t c = 0; c < std::min(real.size(), expected.size()); ++c) {
      const double level = std::round(double{real[c]} / expected[c]);
      if (!(std::abs(level) < std::numeric_limits<std::int32_t>::max())) {
        fail(ErrorCode::bad_input, "{}: bias '{}' has {} steps of {}", where, name, level,
             expected[c]);
      }
      rounded.push_back(static_cast<std::int32_t>(level));
    }
    return rounded;
  }
  // Another writer may round the product otherwise; the integers mean the same.
  const auto close = [](float a, float b) { return std::abs(a - b) <= 1e-6F * std::abs(b); };
  std::vector<float> found = bias->second.scales;
  if (found.size() == 1) found.resize(expected.size(), found[0]);
  const bool is_offset =
      std::ranges::any_of(bias->second.zero_points, [](int z) { return z != 0; });
  if (is_offset ||
      !std::equal(expected.begin(), expected.end(), found.begin(), found.end(), close)) {
    fail(ErrorCode::unsupported, "{}: the scale of bias '{}' is not input scale * weight scale",
         where, name);
  }
  return values<std::int32_t>(bias->second.initializer, where);
}

}  // namespace edgeproof::formats
