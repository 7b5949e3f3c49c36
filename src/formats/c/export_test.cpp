// What is written compiles without a warning and gives the host runtime's bits.

#include "formats/c/export.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/c/compiled_module_testing.h"
#include "formats/c/module_testing.h"
#include "formats/graphs_testing.h"
#include "graph/operation_samples_testing.h"
#include "runtime/networks_testing.h"

namespace edgeproof::formats {
namespace {

constexpr int kWindows = 4;

constexpr const char* kMain = R"(
#include <stdio.h>
#include "model.h"
int main(void)
{
  static int8_t in[EP_INPUT_LENGTH * EP_INPUT_CHANNELS], out[EP_OUTPUT_SIZE];
  while (fread(in, 1, sizeof in, stdin) == sizeof in) {
    ep_run(in, out);
    fwrite(out, 1, sizeof out, stdout);
  }
  return 0;
}
)";

void expect_same_bits(const graph::Graph& graph, const std::string& options = "-O1") {
  const CompiledModule module(to_c({graph, {}}), kMain, options);
  ASSERT_TRUE(module.compiled());
  const std::string input =
      levels(static_cast<std::size_t>(graph.input_shape().size()) * kWindows, 7);
  EXPECT_EQ(module.run(input), host_outputs(graph, input));
}

TEST(CExportSlow, EveryArchitectureGivesTheHostsBits) {
  for (const std::string& name : graph::architectures()) {
    SCOPED_TRACE(name);
    const graph::Shape in = name == "wdcnn" ? graph::Shape{512, 1} : graph::Shape{64, 9};
    expect_same_bits(runtime::quantized(runtime::random_network(name, in, 6, 1)));
    expect_same_bits(
        as_random_int8(with_random_weights(graph::build(name, {.input = in, .classes = 6}), 2), 3));
  }
}

TEST(CExportSlow, EveryOperationGivesTheHostsBits) {
  for (const graph::OperationSample& sample : graph::operation_samples()) {
    SCOPED_TRACE(graph::op_name(sample.graph.nodes[static_cast<std::size_t>(sample.node)].op));
    expect_same_bits(runtime::quantized(with_random_weights(sample.graph, 1)), "-O0");
  }
}

TEST(CExportSlow, PackedWeightsGiveTheHostsBits) {
  for (const int bits : {4, 2}) {
    SCOPED_TRACE(bits);
    const auto build = graph::build("ds_cnn", {.input = {32, 5}, .classes = 3});
    expect_same_bits(as_random_int8(with_random_weights(build, 5), 6, bits));
  }
}

TEST(CExport, GroupsAndTwoDenseLayersGiveTheHostsBits) {
  expect_same_bits(as_random_int8(with_random_weights(two_dense_layers(), 1), 2), "-O0");
}

TEST(CExport, AveragePoolingFunctionsAndProductsGiveTheHostsBits) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    expect_same_bits(as_random_int8(with_random_weights(other_operators(), seed), seed));
    expect_same_bits(
        as_random_int8(with_random_weights(operators_beside_convolutions(), seed), seed));
  }
}

TEST(CExportSlow, SumsMaximaProductsAndDenseLayersGiveTheHostsBits) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const int bits = seed % 3 == 0 ? 4 : 8;
    expect_same_bits(as_random_int8(with_random_weights(random_operators(seed), seed), seed, bits));
  }
}

TEST(CExport, EqualFunctionsShareATable) {
  const graph::Graph graph =
      runtime::quantized(with_random_weights(operators_beside_convolutions(), 1));
  expect_same_bits(graph, "-O0");
  const std::string source = to_c({graph, {}}).at("model.c");
  EXPECT_NE(source.find("int8_t layer4_sigmoid_levels[256]"), std::string::npos);
  EXPECT_NE(source.find("EP_AT8, 8, layer4_sigmoid_levels)"), std::string::npos);
  EXPECT_EQ(source.find("layer8_gate_levels"), std::string::npos);
}

TEST(CExport, CostsAreThoseOfTheCompiledTables) {
  for (const int bits : {8, 4}) {
    const graph::Graph graph =
        as_random_int8(with_random_weights(operators_beside_convolutions(), 1), 1, bits);
    const CompiledModule module(to_c({graph, {}}), kMain);
    const CFormCost cost = c_costs({graph, {}}).front();
    EXPECT_EQ(module.bytes_of("r"), cost.table_bytes);
    EXPECT_EQ(module.bytes_of("b"), cost.ram_bytes);
  }
}

TEST(CExport, HostileNamesStayOutOfTheSource) {
  graph::Graph graph = as_random_int8(with_random_weights(two_dense_layers(), 1), 2);
  graph.name = "a */ #error \"x\" \n#error";
  graph.nodes[1].name = "*/ int main(void) { return system(\"true\"); } /*\n#error \?\?/";
  graph.nodes[3].name = std::string(5000, 'x');
  expect_same_bits(graph, "-O0");
  for (const auto& [name, text] : to_c({graph, {}})) {
    EXPECT_EQ(text.find("#error"), std::string::npos) << name;
    EXPECT_EQ(text.find("system("), std::string::npos) << name;
  }
}

std::string refusal(const graph::Conv1d& conv) {
  constexpr int kChannels = 1024;
  graph::Graph graph{"g", {{"input", graph::Input{{8, kChannels}}, {}}, {"wide", conv, {0}}}};
  std::get<graph::Conv1d>(graph.nodes[1].op).weights =
      graph::FloatWeights{std::vector<float>(kChannels), std::vector<float>(1)};
  try {
    to_c({as_random_int8(graph, 1), {}});
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    return error.what();
  }
  return "no error";
}

TEST(CExport, RefusesWhatNoMicrocontrollerHolds) {
  const int far = 1 << 19;
  EXPECT_NE(refusal({.out_channels = 1, .stride = far, .pad_left = far}).find("of padding"),
            std::string::npos);
  EXPECT_NE(refusal({.out_channels = 1, .stride = far}).find("a stride or dilation"),
            std::string::npos);
}

TEST(CExport, RefusesFloatNetworks) {
  try {
    to_c({with_random_weights(graph::build("cnn", {.input = {64, 3}, .classes = 2}), 1), {}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
    EXPECT_NE(std::string(error.what()).find("FP32"), std::string::npos);
  }
}

}  // namespace
}  // namespace edgeproof::formats
