#pragma once

// A model on disk: ONNX, opset 13 (14 with hard_swish, 21 with 4-bit weights, 25 with 2-bit ones).
//
// What is written: one float input [batch, channels, length] and one float output, [batch, classes]
// if the last node is a dense layer; layouts convert at this border (ours are channels last). FP32
// graphs become Conv, BatchNormalization, Relu, MaxPool, AveragePool, GlobalAveragePool, Add, Mul,
// Clip, LeakyRelu, HardSwish, Sigmoid, Tanh, Elu, Concat (axis 1), Flatten, Unsqueeze and Gemm.
// int8 graphs become the same in QDQ form: QuantizeLinear after the input and after every node,
// DequantizeLinear before every use, weights dequantized per output channel (axis 0), bias int32
// with scale input_scale * weight_scale[c].
//
// An ONNX node with a name is a node of the graph; helpers have none: a Relu without a name is the
// activation of the layer before it. Output quantizations of an FP32 graph, which ONNX has no place
// for, are in metadata_props under "edgeproof.ranges"; so are those with fewer than 8 bits of an
// int8 graph, which other runtimes take for int8: they do not clamp to fewer levels. So a graph
// read back equals the one that was written, bit by bit (a graph without a name comes back as
// "graph").
//
// What other tools write (PyTorch, Keras by tf2onnx, scikit-learn's converters; opset 11 to 25) is
// read if it is a 1-D network of our operators: convolutions and pooling of one dimension or of two
// with a unit, dense layers on flattened features or on the last dimension, functions of single
// values, sums, products and joins of channels, whatever moves dimensions about, and constants that
// are computed. Softmax and ArgMax at the end are left out. int8 and uint8 models are read in QDQ
// form or of quantized operators, with symmetric weights; where our int8 rules want one
// quantization (pooling, concatenation) and the model has several, a node between changes it. The
// channels are where the whole model makes sense of them: [batch, channels, length] or [batch,
// length, channels].
//
// Functions are thread-safe, and pure but for reading external weights.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace edgeproof::formats {

struct Model {
  graph::Graph graph;
  // metadata_props; metadata.h has edgeproof's own. "edgeproof.ranges" is taken out and put in on
  // the way.
  std::map<std::string, std::string> metadata;
  // What from_onnx() left out at the end, because outputs are logits: "Softmax 'probabilities'".
  std::vector<std::string> left_out = {};
};

// The same model gives the same bytes. Error bad_input for an invalid graph, unsupported for one
// that is larger than from_onnx() reads.
std::string to_onnx(const Model& model);

// `source_name` (a file name) opens every message. The graph returned is valid. Error bad_input for
// bytes that are not such a model, unsupported for operators, attributes or layouts beyond the
// above. Reads at most 256 MiB, and holds a small multiple of it. Weights kept in other files are
// read from `folder`, where the model is, and below; without one they are an error.
Model from_onnx(std::string_view bytes, const std::string& source_name,
                const std::filesystem::path& folder = {});

}  // namespace edgeproof::formats
