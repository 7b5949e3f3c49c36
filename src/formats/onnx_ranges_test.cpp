#include "formats/onnx_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/graphs_testing.h"
#include "formats/onnx.h"

namespace edgeproof::formats {
namespace {

using testing::HasSubstr;

std::string message_of(const std::string& json) {
  try {
    with_ranges(two_dense_layers(), json, "m.onnx");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(OnnxRanges, AwkwardScalesComeBackBitByBit) {
  for (const float scale : {0x1p-149F, 0x1.fffffep127F, 0.1F, 0x1.000002p0F, 1.0F / 3.0F}) {
    graph::Graph graph = two_dense_layers();
    graph.nodes[2].quantization = {scale, -128};
    const auto json = ranges_to_json(graph);
    ASSERT_TRUE(json);
    EXPECT_EQ(with_ranges(two_dense_layers(), *json, "m.onnx").nodes[2].quantization,
              graph.nodes[2].quantization);
  }
}

TEST(OnnxRanges, AGraphWithoutThemNeedsNone) {
  EXPECT_EQ(ranges_to_json(two_dense_layers()), std::nullopt);
}

TEST(OnnxRanges, WhatInt8CannotHaveIsNotWritten) {
  graph::Graph graph = two_dense_layers();
  for (const graph::Quantization q :
       {graph::Quantization{0, 0}, {-1, 0}, {INFINITY, 0}, {NAN, 0}, {1, 128}}) {
    graph.nodes[0].quantization = q;
    EXPECT_THROW(ranges_to_json(graph), Error);
  }
}

TEST(OnnxRanges, WrongJsonIsNamed) {
  EXPECT_EQ(message_of("[1"), "m.onnx: metadata 'edgeproof.ranges' is not a JSON object");
  EXPECT_THAT(message_of(R"({"nobody": [1, 0]})"), HasSubstr("names the node 'nobody'"));
  for (const char* value : {"1", "[1]", "[1, 0.5]", "[0, 0]", "[1e99, 0]", "[1, 128]", "[\"1\", 0]",
                            "[1, 18446744073709551615]"}) {
    EXPECT_THAT(message_of(fmt::format(R"({{"pool": {}}})", value)),
                HasSubstr("node 'pool': expected [scale, zero_point]"))
        << value;
  }
}

TEST(OnnxGrids, ComeBackBitByBitWithTheModel) {
  graph::Graph graph = with_random_weights(two_dense_layers(), 1);
  auto& weights = std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[3].op));
  weights.grid = {3, {0.1F, 1.0F / 3.0F, 0x1.000002p0F, 1e-8F, 7.0F}};
  const graph::Graph back = from_onnx(to_onnx({graph, {}}), "m.onnx").graph;
  EXPECT_EQ(std::get<graph::FloatWeights>(*graph::weights_of(back.nodes[3].op)).grid, weights.grid);
  EXPECT_EQ(std::get<graph::FloatWeights>(*graph::weights_of(back.nodes[1].op)).grid, std::nullopt);
}

TEST(OnnxGrids, WrongJsonIsNamed) {
  for (const char* entry : {R"("pool": [4, 1])", R"("conv": [])", R"("conv": [9, 1])",
                            R"("conv": [-1, 1])", R"("conv": [4, "x"])", R"("conv": 4)"}) {
    EXPECT_THAT([&] { with_grids(two_dense_layers(), fmt::format("{{{}}}", entry), "m.onnx"); },
                testing::ThrowsMessage<Error>(HasSubstr("expected [bits, step, ...]")))
        << entry;
  }
  graph::Graph graph = with_random_weights(two_dense_layers(), 1);
  std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[3].op)).grid = {3, {0.1F}};
  EXPECT_THROW(to_onnx({graph, {}}), Error);
}

}  // namespace
}  // namespace edgeproof::formats
