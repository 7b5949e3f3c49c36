// Modules run on emulated processors; measure_on_device() itself compares every output with the
// host's and throws if one differs.

#include "targets/device.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "formats/c/export.h"
#include "formats/graphs_testing.h"
#include "graph/cost.h"
#include "runtime/networks_testing.h"

namespace edgeproof::targets {
namespace {

using graph::Graph;
using graph::Shape;

bool installed(const char* tool) {
  return std::system(fmt::format("command -v {} >/dev/null", tool).c_str()) == 0;
}

bool can_run(const std::string& target) {
  return target == "rv32" ? installed("riscv64-unknown-elf-gcc") && installed("qemu-system-riscv32")
                          : installed("arm-none-eabi-gcc") && installed("qemu-system-arm");
}

#define SKIP_WITHOUT_TOOLS(target)                                                            \
  if (!can_run(target)) {                                                                     \
    GTEST_SKIP() << target << ": no cross-compiler or emulator (tools/packages-targets.txt)"; \
  }

Graph random_int8(const std::string& architecture, Shape in, int classes, std::uint64_t seed,
                  int bits = 8) {
  const Graph graph = graph::build(architecture, {.input = in, .classes = classes});
  return formats::as_random_int8(formats::with_random_weights(graph, seed), seed, bits);
}

// Two convolutions with everything at random. Odd seeds end there, so that all their levels are
// compared; in others the first one is read twice, and a dense layer ends the network.
Graph random_convolutions(std::uint64_t seed, int bits) {
  formats::RandomWeights random(seed);
  const auto conv = [&](int in_channels, int groups) {
    const int out = groups * random.integer(1, 5) * random.integer(1, 18 / groups);
    const int kernel = random.integer(1, 6);
    const int weights = out * kernel * in_channels / groups;
    return graph::Conv1d{
        .out_channels = out,
        .kernel = kernel,
        .stride = random.integer(1, 3),
        .pad_left = random.integer(0, kernel - 1),
        .pad_right = random.integer(0, kernel - 1),
        .dilation = random.integer(0, 1) == 0 ? random.integer(2, 5) : 1,
        .groups = groups,
        .activation = random.integer(0, 1) == 0 ? graph::Activation::none : graph::Activation::relu,
        .weights = graph::FloatWeights{std::vector<float>(static_cast<std::size_t>(weights)),
                                       std::vector<float>(static_cast<std::size_t>(out))}};
  };
  const int groups = random.integer(1, 3);
  const Shape in{random.integer(60, 80), random.integer(1, 20) * groups};
  const graph::Conv1d first = conv(in.channels, groups), second = conv(first.out_channels, 1);
  graph::Graph graph{"random",
                     {{"input", graph::Input{in}, {}},
                      {"first", first, {0}},
                      {"second", second, {1}},
                      {"pool", graph::MaxPool{}, {2}},
                      {"average", graph::GlobalAveragePool{}, {3}},
                      {"skip", graph::GlobalAveragePool{}, {1}},
                      {"both", graph::Concat{}, {4, 5}},
                      {"dense", graph::Dense{3}, {6}}}};
  const int features = first.out_channels + second.out_channels;
  std::get<graph::Dense>(graph.nodes.back().op).weights = graph::FloatWeights{
      std::vector<float>(static_cast<std::size_t>(3 * features)), std::vector<float>(3)};
  if (seed % 2 == 1) graph.nodes.resize(3);
  return formats::as_random_int8(formats::with_random_weights(graph, seed), seed, bits);
}

class DeviceSlow : public testing::TestWithParam<const char*> {};

TEST_P(DeviceSlow, GivesTheHostsBitsForEveryArchitecture) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (const std::string& name : graph::architectures()) {
    SCOPED_TRACE(name);
    const Shape in = name == "wdcnn" ? Shape{512, 1} : Shape{33, 6};
    EXPECT_NO_THROW(measure_on_device(random_int8(name, in, 5, 2), target));
  }
}

TEST_P(DeviceSlow, GivesTheHostsBitsWithPackedWeightsAndOddShapes) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (const int bits : {8, 4, 2}) {
    SCOPED_TRACE(bits);
    EXPECT_NO_THROW(measure_on_device(random_int8("cnn", {31, 3}, 7, 3, bits), target));
    EXPECT_NO_THROW(measure_on_device(random_int8("ds_cnn", {27, 7}, 3, 4, bits), target));
  }
  const Graph dense =
      formats::as_random_int8(formats::with_random_weights(formats::two_dense_layers(), 1), 2);
  EXPECT_NO_THROW(measure_on_device(dense, target));
}

TEST_P(DeviceSlow, GivesTheHostsBitsForRandomConvolutions) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  std::string sources;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = random_convolutions(seed, seed % 4 == 0 ? 4 : 8);
    EXPECT_NO_THROW(measure_on_device(graph, target));
    sources += formats::to_c({graph, {}}).at("model.c");
  }
  const std::string form = target == "cortex-m4" ? "dsp" : "mve";
  EXPECT_NE(sources.find("ep_" + form + "_convolution(x + g *"), std::string::npos);
}

// Windows too wide for Helium's form, pooled; fewer positions than it needs, dilated; groups;
// dense.
Graph few_positions(std::uint64_t seed, int bits) {
  const auto weights = [](int outputs, int inputs) {
    return graph::FloatWeights{std::vector<float>(static_cast<std::size_t>(outputs * inputs)),
                               std::vector<float>(static_cast<std::size_t>(outputs))};
  };
  const graph::Conv1d wide{.out_channels = 6,
                           .kernel = 9,
                           .pad_left = 4,
                           .pad_right = 4,
                           .weights = weights(6, 9 * 132)};
  const graph::Conv1d dilated{.out_channels = 10,
                              .kernel = 3,
                              .stride = 4,
                              .pad_left = 2,
                              .dilation = 2,
                              .weights = weights(10, 3 * 6)};
  const graph::Conv1d grouped{
      .out_channels = 6, .kernel = 2, .groups = 2, .weights = weights(6, 2 * 5)};
  const Graph graph{"few",
                    {{"input", graph::Input{{24, 132}}, {}},
                     {"wide", wide, {0}},
                     {"pool", graph::MaxPool{}, {1}},
                     {"dilated", dilated, {2}},
                     {"grouped", grouped, {3}},
                     {"dense", graph::Dense{7, {}, weights(7, 12)}, {4}}}};
  return formats::as_random_int8(formats::with_random_weights(graph, seed), seed, bits);
}

TEST_P(DeviceSlow, GivesTheHostsBitsForWideWindowsAndFewPositions) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = few_positions(seed, seed % 3 == 0 ? 4 : 8);
    EXPECT_NO_THROW(measure_on_device(graph, target));
    const std::string source = formats::to_c({graph, {}}).at("model.c");
    for (const char* layer : {"layer1_wide", "layer3_dilated", "layer4_grouped", "layer5_dense"}) {
      EXPECT_NE(source.find(fmt::format("ep_rows(x, y, {}_weights", layer)), std::string::npos);
    }
  }
}

// Two depthwise convolutions with everything at random, the first of them pooled.
Graph random_depthwise(std::uint64_t seed, int bits) {
  formats::RandomWeights random(seed);
  const int channels = random.integer(2, 21);
  const auto conv = [&] {
    const int kernel = random.integer(1, 14);
    const auto weights = static_cast<std::size_t>(channels * kernel);
    return graph::Conv1d{
        .out_channels = channels,
        .kernel = kernel,
        .stride = random.integer(1, 2),
        .pad_left = random.integer(0, kernel - 1),
        .pad_right = random.integer(0, kernel - 1),
        .dilation = random.integer(1, 2),
        .groups = channels,
        .activation = random.integer(0, 1) == 0 ? graph::Activation::none : graph::Activation::relu,
        .weights = graph::FloatWeights{std::vector<float>(weights),
                                       std::vector<float>(static_cast<std::size_t>(channels))}};
  };
  const Graph graph{"depthwise",
                    {{"input", graph::Input{{random.integer(120, 130), channels}}, {}},
                     {"first", conv(), {0}},
                     {"pool", graph::MaxPool{}, {1}},
                     {"second", conv(), {2}}}};
  return formats::as_random_int8(formats::with_random_weights(graph, seed), seed, bits);
}

TEST_P(DeviceSlow, GivesTheHostsBitsForRandomDepthwiseConvolutions) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    EXPECT_NO_THROW(measure_on_device(random_depthwise(seed, seed % 3 == 0 ? 2 : 8), target));
  }
}

TEST_P(DeviceSlow, GivesTheHostsBitsForSumsMaximaProductsAndDenseLayers) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    const Graph graph = formats::with_random_weights(formats::random_operators(seed), seed);
    const int bits = seed % 3 == 0 ? 4 : 8;
    EXPECT_NO_THROW(measure_on_device(formats::as_random_int8(graph, seed, bits), target));
  }
}

// Operations behind convolutions read plain levels, whatever form convolutions gave them.
TEST_P(DeviceSlow, GivesTheHostsBitsForAveragePoolingFunctionsAndProducts) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  const auto random = [](const Graph& graph, std::uint64_t seed) {
    return formats::as_random_int8(formats::with_random_weights(graph, seed), seed);
  };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    EXPECT_NO_THROW(measure_on_device(random(formats::other_operators(), seed), target));
    EXPECT_NO_THROW(
        measure_on_device(random(formats::operators_beside_convolutions(), seed), target));
  }
  const Graph plain = formats::with_random_weights(formats::operators_beside_convolutions(), 1);
  EXPECT_NO_THROW(measure_on_device(runtime::quantized(plain), target));
}

// At hops that save nothing a module is refused.
bool streams(const Graph& graph, const std::string& target, int hop) {
  try {
    const DeviceMeasurement cost = measure_on_device(graph, target, hop);
    EXPECT_LT(cost.macs, graph::macs(graph));
    return true;
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("saves nothing"), std::string::npos) << error.what();
    return false;
  }
}

TEST_P(DeviceSlow, StreamsTheHostsBits) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  int streamed = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    const int bits = seed % 4 == 0 ? 4 : 8;
    const int hop = 6 * static_cast<int>(seed % 3 + 1);
    streamed += streams(random_convolutions(seed, bits), target, hop);
    streamed += streams(random_depthwise(seed, bits), target, hop);
  }
  EXPECT_GE(streamed, 10);
  const Graph graph = formats::with_random_weights(formats::random_operators(1), 1);
  streams(formats::as_random_int8(graph, 1), target, 4);
  for (const char* architecture : {"cnn", "ds_cnn", "resnet1d", "tcn", "inception"}) {
    SCOPED_TRACE(architecture);
    EXPECT_TRUE(streams(random_int8(architecture, {128, 3}, 5, 2), target, 16));
  }
}

// The compiler may add constants of its own.
TEST_P(DeviceSlow, CostsBeforeCompilingAreThoseOfTheImage) {
  const std::string target = GetParam();
  SKIP_WITHOUT_TOOLS(target);
  for (const int bits : {8, 4}) {
    const Graph graph = random_int8("ds_cnn", {32, 3}, 4, 1, bits);
    const auto costs = formats::c_costs({graph, {}});
    const formats::CFormCost form = costs[target == "cortex-m4" ? 1 : 2];
    const DeviceMeasurement cost = measure_on_device(graph, target);
    EXPECT_EQ(static_cast<std::size_t>(cost.arena_bytes), form.ram_bytes);
    EXPECT_NEAR(static_cast<double>(cost.table_bytes), static_cast<double>(form.table_bytes), 64);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, DeviceSlow, testing::Values("cortex-m4", "cortex-m55"));

// These run plain C, which the host's compiler has been tested with, or what M4 runs.
TEST(DevicesSlow, OtherProcessorsGiveTheHostsBits) {
  for (const std::string target : {"cortex-m0", "cortex-m3", "cortex-m7", "rv32"}) {
    if (!can_run(target)) continue;
    SCOPED_TRACE(target);
    EXPECT_NO_THROW(measure_on_device(random_int8("resnet1d", {33, 6}, 5, 2), target));
    EXPECT_TRUE(streams(random_int8("cnn", {64, 3}, 5, 2), target, 8));
  }
}

TEST(Device, CountsTheSameEveryTime) {
  SKIP_WITHOUT_TOOLS("cortex-m4");
  const Graph graph = runtime::quantized(runtime::random_network("cnn", {32, 3}, 4, 1));
  const DeviceMeasurement a = measure_on_device(graph, "cortex-m4");
  const DeviceMeasurement b = measure_on_device(graph, "cortex-m4");
  EXPECT_EQ(a.instructions, b.instructions);
  EXPECT_GT(a.instructions, graph::macs(graph) / 2);  // at most two products an instruction
  EXPECT_LT(a.instructions, 2 * graph::macs(graph));
  std::int64_t sum = 0;
  for (const DeviceLayer& layer : a.layers) sum += layer.instructions;
  EXPECT_NEAR(static_cast<double>(sum), static_cast<double>(a.instructions),
              static_cast<double>(a.layers.size()));
  EXPECT_GT(a.table_bytes, graph::weight_bytes(graph) / 2);
  EXPECT_GT(a.stack_bytes, 0);
}

TEST(Device, NamesAnUnknownTarget) {
  try {
    measure_on_device(runtime::quantized(runtime::random_network("cnn", {32, 3}, 4, 1)),
                      "cortex-m44");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'cortex-m4'"), std::string::npos);
  }
}

}  // namespace
}  // namespace edgeproof::targets
