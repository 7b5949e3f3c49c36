#pragma once

// The constants of an ONNX graph while it is read: initializers, and those that a DequantizeLinear
// makes real. Internal to formats. `where` opens every message.

#include <onnx/onnx_pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/onnx_proto.h"
#include "graph/graph.h"

namespace edgeproof::formats {

// Weight and bias of a Conv or Gemm, still in ONNX's layout; dims are those of the weight.
struct LayerWeights {
  std::vector<int> dims;
  graph::Weights weights;
};

class Constants {
 public:
  // Refers to `graph`, which must outlive it.
  Constants(const onnx::GraphProto& graph, const std::string& where);

  bool contains(const std::string& name) const;
  bool is_initializer(const std::string& name) const { return initializers_.contains(name); }

  // All values of an initializer. It may be used many times, but all uses together take no more
  // memory than a model may.
  template <typename T>
  std::vector<T> values(const std::string& name, const std::string& where);

  // Scale and zero point of a QuantizeLinear or DequantizeLinear on an activation.
  graph::Quantization quantization(const onnx::NodeProto& node, const std::string& where);

  // Remembers what a DequantizeLinear on an initializer makes.
  void dequantize(const onnx::NodeProto& node, const std::string& where);

  // Inputs 1 and 2 of `node`; a missing bias is zero. int8 weights need the scale of the layer's
  // input.
  LayerWeights layer(const onnx::NodeProto& node, std::size_t rank,
                     std::optional<graph::Quantization> input, const std::string& where);

 private:
  struct Dequantized {
    std::string initializer;
    std::vector<float> scales;  // one, or one per output channel
  };

  const onnx::TensorProto& find(const std::string& name, const std::string& where) const;
  bool is_zero(const std::string& name, const std::string& where);
  std::vector<std::int32_t> int32_bias(const std::string& name, float input_scale,
                                       const std::vector<float>& weight_scales,
                                       const std::string& where);

  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::map<std::string, Dequantized> dequantized_;
  std::size_t budget_ = kMaxModelBytes;
};

// Input `index` of a node. has_input() is false for one that is left out; input_name() fails.
bool has_input(const onnx::NodeProto& node, int index);
const std::string& input_name(const onnx::NodeProto& node, int index, const std::string& where);

}  // namespace edgeproof::formats
