#pragma once

// The constants of an ONNX graph while it is read: initializers, Constant nodes, what nodes make of
// constants alone, and what a DequantizeLinear makes real. Internal to formats. `where` opens every
// message.

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "formats/onnx_proto.h"
#include "graph/graph.h"

namespace edgeproof::formats {

// Weight and bias of a layer, in ONNX's order but with the outputs first; dims are those of the
// weight.
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

  // A new constant under its own name; values of all made so take no more memory than a model may.
  void add(onnx::TensorProto tensor, const std::string& where);
  void add(const std::string& name, const std::vector<std::int64_t>& values,
           const std::vector<std::int64_t>& dims, const std::string& where);

  const onnx::TensorProto& find(const std::string& name, const std::string& where) const;

  // All values of an initializer. It may be used many times, but all uses together take no more
  // memory than a model may.
  template <typename T>
  std::vector<T> values(const std::string& name, const std::string& where);

  // Of INT64 or INT32, as shapes and axes are.
  std::vector<std::int64_t> integers(const std::string& name, const std::string& where);

  // Real values, dequantized if need be, and their dimensions.
  std::vector<float> reals(const std::string& name, const std::string& where);
  std::vector<int> dims(const std::string& name, const std::string& where) const;

  // Scale and zero point of a QuantizeLinear or DequantizeLinear on an activation. Those of uint8
  // become int8's: the zero point is 128 less.
  graph::Quantization quantization(const onnx::NodeProto& node, const std::string& where);

  // Remembers what a DequantizeLinear on an initializer makes.
  void dequantize(const onnx::NodeProto& node, const std::string& where);

  // `outputs` is the weight's dimension of output channels: 0, or 1 of two. A bias without a name
  // is zero. int8 weights need the quantization of the layer's input.
  LayerWeights layer(const std::string& weight, const std::string& bias, int outputs,
                     std::optional<graph::Quantization> input, const std::string& where);

 private:
  struct Dequantized {
    std::string initializer;
    std::vector<float> scales;  // one, or one per output channel
    std::vector<int> zero_points;
    int axis = 0;
  };

  std::vector<int> whole_numbers(const std::string& name, const std::string& where);
  std::vector<std::int8_t> levels(const Dequantized& quantized, const std::string& where);
  std::vector<std::int32_t> int32_bias(const std::string& name, float input_scale,
                                       const std::vector<float>& weight_scales,
                                       const std::string& where);
  void spend(std::size_t bytes, const std::string& where);

  std::map<std::string, const onnx::TensorProto*> initializers_;
  std::deque<onnx::TensorProto> made_;
  std::map<std::string, Dequantized> dequantized_;
  std::size_t budget_ = kMaxModelBytes;
};

// Input `index` of a node. has_input() is false for one that is left out; input_name() fails.
bool has_input(const onnx::NodeProto& node, int index);
const std::string& input_name(const onnx::NodeProto& node, int index, const std::string& where);

}  // namespace edgeproof::formats
