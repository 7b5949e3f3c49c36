// Bytes that were written by nobody: whatever they are, reading them ends in an Error or in a valid
// graph.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"
#include "formats/onnx_proto.h"
#include "graph/shapes.h"

namespace edgeproof::formats {
namespace {

using testing::HasSubstr;

std::vector<std::string> samples() {
  const graph::Graph unfolded = with_random_weights(two_dense_layers(), 1);
  return {to_onnx({unfolded, {{"key", "value"}}}),
          to_onnx({with_random_ranges(graph::fold(unfolded), 1), {}}),
          to_onnx({as_random_int8(unfolded, 1), {}})};
}

// True if it was read. Anything but an Error or a valid graph fails the test.
bool reads(const std::string& bytes) {
  try {
    graph::validate(from_onnx(bytes, "m.onnx").graph);
    return true;
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("m.onnx: ")) << error.what();
    return false;
  }
}

std::string message_of(std::string_view bytes) {
  try {
    from_onnx(bytes, "m.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(OnnxHostile, TruncatedModelsAreErrors) {
  for (const std::string& bytes : samples()) {
    int read = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) read += reads(bytes.substr(0, size));
    // Cuts between the fields that come after the graph leave a smaller, whole model.
    EXPECT_LE(read, 3);
  }
}

TEST(OnnxHostile, FlippedBytesAreErrorsOrValidModels) {
  for (const std::string& bytes : samples()) {
    int refused = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int flip : {0x01, 0x08, 0x80, 0xff}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        refused += !reads(damaged);
      }
    }
    EXPECT_GT(refused, 0);
  }
}

TEST(OnnxHostile, SwappedPiecesAreErrorsOrValidModels) {
  RandomWeights random(1);
  for (const std::string& bytes : samples()) {
    const int size = static_cast<int>(bytes.size());
    for (int i = 0; i < 2000; ++i) {
      std::string damaged = bytes;
      const auto count = static_cast<std::size_t>(random.integer(1, 40));
      const auto from = static_cast<std::size_t>(random.integer(0, size - 41));
      const auto to = static_cast<std::size_t>(random.integer(0, size - 41));
      damaged.replace(to, count, bytes, from, count);
      reads(damaged);
    }
  }
}

TEST(OnnxHostile, OtherFilesAreNotModels) {
  EXPECT_EQ(message_of(""), "m.onnx: not an ONNX model, or damaged");
  EXPECT_EQ(message_of("PK\x03\x04 zip"), "m.onnx: not an ONNX model, or damaged");
  EXPECT_EQ(message_of("time,x,y\n0,1,2\n"), "m.onnx: not an ONNX model, or damaged");
}

TEST(OnnxHostile, AFloodOfTinyFieldsIsRefusedBeforeItTakesMemory) {
  onnx::ModelProto model;
  for (int i = 0; i < (1 << 20); ++i) model.mutable_graph()->add_node();
  EXPECT_THAT(message_of(model.SerializeAsString()), HasSubstr("too many for a model"));
}

TEST(OnnxHostile, DeepNestingIsRefused) {
  onnx::ModelProto model;
  onnx::GraphProto* graph = model.mutable_graph();
  for (int i = 0; i < 45; ++i) graph = graph->add_node()->add_attribute()->mutable_g();
  EXPECT_EQ(message_of(model.SerializeAsString()), "m.onnx: not an ONNX model, or damaged");
}

TEST(OnnxHostile, TooManyBytesAreRefusedUnread) {
  const std::string bytes(kMaxModelBytes + 1, 'x');
  EXPECT_THAT(message_of(bytes), HasSubstr("expected an ONNX model of at most 268435456"));
}

TEST(OnnxHostile, OneConstantForManyLayersCannotTakeMoreThanAModel) {
  // 70 layers that share 4 MiB of weights.
  onnx::ModelProto model;
  model.ParseFromString(to_onnx({with_random_weights(two_dense_layers(), 1), {}}));
  onnx::GraphProto& graph = *model.mutable_graph();
  onnx::TensorProto& shared = *graph.add_initializer();
  shared.set_name("shared");
  shared.set_data_type(onnx::TensorProto::FLOAT);
  shared.add_dims(1 << 10);
  shared.add_dims(1 << 10);
  shared.set_raw_data(std::string(4 << 20, '\0'));
  onnx::TensorProto& widen = *graph.add_initializer();
  widen.set_name("widen");
  widen.set_data_type(onnx::TensorProto::FLOAT);
  widen.add_dims(1 << 10);
  widen.add_dims(2);
  widen.set_raw_data(std::string(8 << 10, '\0'));
  onnx::NodeProto gemm;
  gemm.set_op_type("Gemm");
  gemm.add_input("logits");
  gemm.add_input("widen");
  onnx::AttributeProto& transposed = *gemm.add_attribute();
  transposed.set_name("transB");
  transposed.set_type(onnx::AttributeProto::INT);
  transposed.set_i(1);
  for (int i = 0; i < 70; ++i) {
    gemm.clear_output();
    gemm.add_output("more" + std::to_string(i));
    *graph.add_node() = gemm;
    gemm.set_input(0, gemm.output(0));
    gemm.set_input(1, "shared");
  }
  EXPECT_THAT(message_of(model.SerializeAsString()), HasSubstr("weights of more than"));
}

}  // namespace
}  // namespace edgeproof::formats
