#include "cli/inspect_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "graph/graph_testing.h"
#include "graph/operation_samples_testing.h"

namespace edgeproof::cli {
namespace {

using testing::HasSubstr;

TEST(Inspect, DescribesEveryOperationByNameShapeAndCost) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    const graph::Graph graph = graph::with_random_parameters(sample.graph, 1);
    const auto node = static_cast<std::size_t>(sample.node);
    const std::string name(graph::op_name(graph.nodes[node].op));
    const InspectedFile file{.path = "model.onnx", .graph = graph, .deployment = {}};
    const auto layer = nlohmann::json::parse(file_json(file))["layers"][node];
    EXPECT_EQ(layer["type"], name);
    EXPECT_EQ(layer["length"], sample.shape.length);
    EXPECT_EQ(layer["channels"], sample.shape.channels);
    EXPECT_EQ(layer["macs"], sample.macs);
    EXPECT_THAT(file_table(file), HasSubstr("operation  " + name));
  }
}

TEST(Inspect, TablesSayWhatTheNameDoesNot) {
  const auto table = [](graph::Op op) {
    const auto sample = graph::sample::of_one(std::move(op), {});
    return file_table({.path = "m", .graph = sample.graph, .deployment = {}});
  };
  EXPECT_THAT(table(graph::sample::conv({.out_channels = 2,
                                         .kernel = 3,
                                         .stride = 2,
                                         .dilation = 2,
                                         .activation = graph::Activation::relu},
                                        6)),
              HasSubstr("conv1d, kernel 3, stride 2, dilation 2, relu"));
  EXPECT_THAT(table(graph::MaxPool{3, 2, 1, 1}), HasSubstr("max_pool, kernel 3, stride 2"));
  EXPECT_THAT(
      table(graph::Elementwise{.function = graph::Elementwise::Function::elu, .alpha = 0.5F}),
      HasSubstr("elu, alpha 0.5"));
  EXPECT_THAT(table(graph::AveragePool{3, 1, 1, 1}), HasSubstr("average_pool, kernel 3, stride 1"));
}

}  // namespace
}  // namespace edgeproof::cli
