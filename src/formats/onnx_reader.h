#pragma once

// Walks ONNX's nodes in their (topological) order. Every value is either an activation, which knows
// the node of our graph that makes it, in which form it is there (quantized?) and what its
// dimensions are to us, or a constant. One handler per operator: the table in onnx_reader.cpp is
// the list of what can be read. What ONNX has as one or three nodes (Conv, Relu, QuantizeLinear)
// ends in the one node it belongs to, provided that nothing else sees the value between them.
// Internal to formats. Test: onnx_test.cpp, onnx_import_test.cpp, onnx_hostile_test.cpp.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "formats/onnx_axes.h"
#include "formats/onnx_constants.h"

namespace edgeproof::formats {

class Reader {
 public:
  // `input` says what the dimensions of the model's input are. All three must outlive this.
  Reader(const onnx::GraphProto& graph, const Axes& input, const std::string& source);

  graph::Graph read();
  // How many of the model's nodes were read before an error.
  int nodes_read() const { return nodes_read_; }
  // What was not read because ours are logits: "ArgMax 'label'".
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  using Handler = void (Reader::*)(const onnx::NodeProto&);

  struct Value {
    std::size_t node = 0;
    bool quantized = false;
    Axes axes;
    int pad_left = 0, pad_right = 0;  // zeros around it that the graph does not have yet
  };

  static const std::map<std::string, Handler>& handlers();
  Handler handler(const onnx::NodeProto& node) const;
  static std::string name_of(const onnx::NodeProto& node);
  std::string fresh(const std::string& name);

  // Values (onnx_reader.cpp).
  graph::Shape shape_of(const Value& value) const { return shapes_[value.node]; }
  const std::optional<graph::Quantization>& quantization_of(const Value& value) const {
    return graph_.nodes[value.node].quantization;
  }
  Value take_padded(const onnx::NodeProto& node, int index = 0);  // in any form
  Value take_any(const onnx::NodeProto& node, int index = 0);     // with its zeros in the graph
  Value padded(const std::string& name, const Value& value);
  Value take(const onnx::NodeProto& node, int index = 0);  // a real one
  int spatial_axis(const Value& value, const std::vector<int>& kernel = {}) const;
  // Whether others than the node that is being read see what this node of graph_ makes, under any
  // name. Only a node that is not may still change.
  bool is_shared(std::size_t node) const { return shared_.contains(node); }
  void note_uses(const std::string& name, std::size_t node);
  void put(const onnx::NodeProto& node, Value value);
  std::size_t append(const std::string& name, graph::Op op, std::vector<int> inputs);
  void append(const onnx::NodeProto& node, graph::Op op, const Value& input);
  // y = scale[c] * x + shift[c] of a value, whose form stays.
  Value affine(const std::string& name, const Value& value, const std::vector<float>& scale,
               const std::vector<float>& shift, int pad_left = 0, int pad_right = 0);
  Value requantized(const std::string& name, const Value& value, graph::Quantization q);
  std::optional<graph::Quantization> quantization_after(const onnx::NodeProto& node);
  void read_input();

  // Layers with weights (onnx_read_layers.cpp).
  void read_conv(const onnx::NodeProto& node);
  void read_gemm(const onnx::NodeProto& node);
  void read_mat_mul(const onnx::NodeProto& node);
  void read_batch_norm(const onnx::NodeProto& node);
  void append_dense(const onnx::NodeProto& node, const Value& input, LayerWeights weights);
  void append_pointwise(const onnx::NodeProto& node, Value input, LayerWeights weights);
  struct Window {
    int kernel = 1, stride = 1, pad_left = 0, pad_right = 0, dilation = 1;
  };
  Window window(Attributes& attributes, const Value& value, std::vector<int> kernel);

  // Pooling and padding (onnx_read_pooling.cpp).
  void read_max_pool(const onnx::NodeProto& node);
  void read_average_pool(const onnx::NodeProto& node);
  void read_global_average_pool(const onnx::NodeProto& node);
  void read_global_max_pool(const onnx::NodeProto& node);
  void read_reduce(const onnx::NodeProto& node);
  void read_pad(const onnx::NodeProto& node);
  void append_global(const onnx::NodeProto& node, const Value& input, bool is_mean, Axes axes);
  int with_ceiling(Attributes& attributes, const Window& w, int length) const;

  // Elementwise operations and joins (onnx_read_elementwise.cpp).
  void read_relu(const onnx::NodeProto& node);
  void read_clip(const onnx::NodeProto& node);
  void read_function(const onnx::NodeProto& node);
  void read_hard_sigmoid(const onnx::NodeProto& node);
  void read_scaler(const onnx::NodeProto& node);
  void read_binary(const onnx::NodeProto& node);
  void read_with_constant(const onnx::NodeProto& node, int constant);
  bool is_open(const Value& value);
  bool fuse_affine(const Value& value, const std::vector<float>& scale,
                   const std::vector<float>& shift);
  bool fuse_bias(const Value& value, const std::vector<float>& shift);
  std::vector<float> per_channel(const std::string& name, const Value& value);
  void read_concat(const onnx::NodeProto& node);

  // What moves values or computes shapes (onnx_read_shapes.cpp).
  void read_flatten(const onnx::NodeProto& node);
  void read_reshape(const onnx::NodeProto& node);
  void read_squeeze(const onnx::NodeProto& node);
  void read_unsqueeze(const onnx::NodeProto& node);
  void read_transpose(const onnx::NodeProto& node);
  void read_identity(const onnx::NodeProto& node);
  void read_cast(const onnx::NodeProto& node);
  void read_constant(const onnx::NodeProto& node);
  void read_shape(const onnx::NodeProto& node);
  void read_gather(const onnx::NodeProto& node);
  void read_slice(const onnx::NodeProto& node);
  bool fold_integers(const onnx::NodeProto& node);
  std::vector<int> axes_of(const onnx::NodeProto& node, Attributes& attributes, int rank);
  void put_reshaped(const onnx::NodeProto& node, const Value& value,
                    const std::vector<std::int64_t>& dims);

  // The end (onnx_read_output.cpp).
  void read_softmax(const onnx::NodeProto& node);
  void read_arg_max(const onnx::NodeProto& node);
  void leave_out(const onnx::NodeProto& node, const Value& input, int axis);
  bool all_follow(const onnx::NodeProto& node, const std::set<std::string>& allowed) const;
  void read_output();

  // Quantized values (onnx_read_quantized.cpp).
  void read_quantize(const onnx::NodeProto& node);
  void read_dequantize(const onnx::NodeProto& node);

  const onnx::GraphProto& onnx_;
  const Axes& input_axes_;
  const std::string& source_;
  std::string where_;  // opens messages
  graph::Graph graph_;
  std::vector<graph::Shape> shapes_;  // of graph_'s nodes
  Constants constants_;
  std::map<std::string, Value> values_;  // activations
  std::map<std::string, int> uses_;      // of every name: by nodes, and as an output
  std::set<std::size_t> shared_;         // nodes of graph_ with a name that has several uses
  std::map<std::string, const onnx::NodeProto*> readers_;  // of every name, the last one
  std::map<std::string, int> names_;  // of graph_'s nodes: how often each was wanted
  int nodes_read_ = 0;
  std::vector<std::string> left_out_;
};

}  // namespace edgeproof::formats
