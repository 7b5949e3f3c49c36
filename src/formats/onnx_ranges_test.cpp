#include "formats/onnx_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/test_graphs.h"

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

}  // namespace
}  // namespace edgeproof::formats
