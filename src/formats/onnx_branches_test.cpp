// Graphs that are no chains: values that several nodes use, and nodes of several inputs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"
#include "formats/onnx_testing.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

using graph::Graph;
using testing::HasSubstr;

// A convolution whose output an addition takes both as it is and after ReLU; pooled with padding,
// and joined with itself.
Graph shared_values() {
  using namespace graph;
  const auto floats = [](int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 1);
  };
  return {"shared",
          {{"input", Input{{6, 2}}, {}},
           {"conv", Conv1d{.out_channels = 2, .weights = FloatWeights{floats(4), floats(2)}}, {0}},
           {"relu", Relu{}, {1}},
           {"sum", Add{}, {1, 2}},
           {"pool", MaxPool{3, 2, 2, 1}, {3}},
           {"join", Concat{}, {4, 4}},
           {"dense", Dense{3, Activation::none, FloatWeights{floats(48), floats(3)}}, {5}}}};
}

TEST(OnnxBranches, SharedValuesComeBack) {
  const Graph graph = shared_values();
  graph::validate(graph);
  EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
}

// Without a name it would be the convolution's activation, but for the addition that sees the
// convolution's own output.
TEST(OnnxBranches, AReluOfASharedValueStaysANode) {
  onnx::ModelProto model = written(shared_values());
  first(model, "Relu").clear_name();
  const Graph read = from_onnx(model.SerializeAsString(), "m.onnx").graph;
  EXPECT_EQ(describe(read), describe(shared_values()));
}

// One addend is [batch, features], the other [batch, channels, 1].
TEST(OnnxBranches, ADenseLayerAndAnAverageCanBeAdded) {
  using namespace graph;
  const auto floats = [](int count) {
    return std::vector<float>(static_cast<std::size_t>(count), 1);
  };
  Graph graph{"mixed",
              {{"input", Input{{4, 3}}, {}},
               {"dense", Dense{3, Activation::none, FloatWeights{floats(36), floats(3)}}, {0}},
               {"average", GlobalAveragePool{}, {0}},
               {"sum", Add{Activation::relu}, {1, 2}},
               {"join", Concat{}, {2, 3}}}};
  EXPECT_EQ(describe(from_onnx(to_onnx({graph, {}}), "m.onnx").graph), describe(graph));
  graph.nodes.push_back(
      {"logits", Dense{2, Activation::none, FloatWeights{floats(12), floats(2)}}, {4}});
  const Graph int8 = as_random_int8(graph, 3);
  EXPECT_EQ(describe(from_onnx(to_onnx({int8, {}}), "m.onnx").graph), describe(int8));
}

TEST(OnnxBranches, AnotherAxisIsRefused) {
  onnx::ModelProto model = written(shared_values());
  first(model, "Concat").mutable_attribute(0)->set_i(2);
  EXPECT_EQ(
      message_of(model),
      "m.onnx: node 'join' (Concat): axis 2 of input 0, [batch, channels, length], are not the "
      "channels");
}

TEST(OnnxBranches, BroadcastingIsRefused) {
  onnx::ModelProto model = written(shared_values());
  first(model, "Add").set_input(1, "input");
  EXPECT_THAT(message_of(model), HasSubstr("'relu' (relu): its output is not used"));
  model = written(shared_values());
  onnx::NodeProto& add = first(model, "Add");
  add.set_input(1, "conv/bias");
  EXPECT_THAT(message_of(model),
              HasSubstr("constant 'conv/bias' does not have one value, or one for each channel"));
}

// In an int8 graph a value that is quantized is not seen in any other form.
TEST(OnnxBranches, AValueQuantizedForOneUserOnlyIsRefused) {
  Graph graph = shared_values();
  graph.nodes.erase(graph.nodes.begin() + 2);  // the ReLU
  const std::vector<std::vector<int>> inputs = {{}, {0}, {1, 1}, {2}, {3, 3}, {4}};
  for (std::size_t n = 0; n < inputs.size(); ++n) graph.nodes[n].inputs = inputs[n];
  onnx::ModelProto model = written(as_random_int8(graph, 1));
  EXPECT_EQ(message_of(model), "no error");
  first(model, "Add").set_input(1, "conv/real");
  EXPECT_THAT(message_of(model),
              HasSubstr("input 'conv/real' is also used without being quantized"));
}

}  // namespace
}  // namespace edgeproof::formats
