// Test: tflite_test.cpp.

#include "formats/tflite_weights.h"

#include "formats/onnx_layout.h"
#include "formats/onnx_proto.h"

namespace edgeproof::formats::tflite {
namespace {

Quantization per_channel(const std::vector<float>& scales, int dimension) {
  return {scales, std::vector<std::int64_t>(scales.size()), dimension};
}

template <typename T>
std::vector<T> arranged(const std::vector<T>& values, const Filter& filter) {
  if (!filter.channels_last) return values;
  return swap_last_two(values, filter.shape[3], filter.shape[2]);
}

template <typename T>
int constant(File& file, Tensor tensor, const T& values) {
  return file.add_constant(std::move(tensor), std::span(values.data(), values.size()));
}

}  // namespace

int bits_of(const graph::Weights& weights) {
  const auto* q = std::get_if<graph::Int8Weights>(&weights);
  return q == nullptr ? 32 : q->bits == 4 ? 4 : 8;
}

std::vector<int> add_weights(File& file, const graph::Weights& weights, const Filter& filter) {
  Tensor weight{filter.name + "/weights", TensorType::float32, filter.shape};
  Tensor bias{filter.name + "/bias", TensorType::float32, {}};
  if (const auto* w = std::get_if<graph::FloatWeights>(&weights)) {
    bias.shape = {static_cast<int>(w->bias.size())};
    const int index = constant(file, std::move(weight), arranged(w->values, filter));
    return {index, constant(file, std::move(bias), w->bias)};
  }
  const auto& q = std::get<graph::Int8Weights>(weights);
  const bool narrow = bits_of(weights) == 4;
  weight.type = narrow ? TensorType::int4 : TensorType::int8;
  weight.quantization = per_channel(q.scales, filter.channels_last ? 3 : 0);
  bias.type = TensorType::int32;
  bias.shape = {static_cast<int>(q.bias.size())};
  bias.quantization = per_channel(bias_scales(filter.input_scale, q.scales), 0);
  const auto values = arranged(q.values, filter);
  const int index = narrow ? constant(file, std::move(weight), packed(values, 4))
                           : constant(file, std::move(weight), values);
  return {index, constant(file, std::move(bias), q.bias)};
}

}  // namespace edgeproof::formats::tflite
