// Streaming modules against the host's runtime on whole windows: the same bits, whatever the hop.

#include "formats/c/streaming.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "formats/c/compiled_module_testing.h"
#include "formats/c/export.h"
#include "formats/c/module_testing.h"
#include "graph/cost.h"
#include "runtime/networks_testing.h"
#include "runtime/stream.h"

namespace edgeproof::formats {
namespace {

constexpr int kHops = 12;

// A second signal begins with ep_run(), too.
constexpr const char* kMain = R"(
#include <stdio.h>
#include "model.h"
int main(void)
{
  static int8_t in[EP_INPUT_LENGTH * EP_INPUT_CHANNELS], out[EP_OUTPUT_SIZE];
  int hop;
  while (fread(in, 1, sizeof in, stdin) == sizeof in) {
    ep_run(in, out);
    fwrite(out, 1, sizeof out, stdout);
    for (hop = 0; hop < HOPS; ++hop) {
      if (fread(in, EP_INPUT_CHANNELS, EP_HOP, stdin) != EP_HOP) return 1;
      ep_advance(in, out);
      fwrite(out, 1, sizeof out, stdout);
    }
  }
  return 0;
}
)";

// Two signals of kHops hops behind the first window.
std::vector<std::string> signals(const graph::Graph& graph, int hop) {
  const graph::Shape in = graph.input_shape();
  const auto size = static_cast<std::size_t>((in.length + kHops * hop) * in.channels);
  return {levels(size, 1), levels(size, 2)};
}

std::string windows(const graph::Graph& graph, int hop, const std::string& signal) {
  const graph::Shape in = graph.input_shape();
  std::string all;
  for (int i = 0; i <= kHops; ++i) {
    all += signal.substr(static_cast<std::size_t>(i * hop * in.channels),
                         static_cast<std::size_t>(in.size()));
  }
  return all;
}

void expect_the_windows(const graph::Graph& graph, int hop) {
  SCOPED_TRACE(fmt::format("{} hop {}", graph.name, hop));
  const Model model{graph, {}};
  const CExportOptions options{.stream_hop = hop};
  const CompiledModule module(to_c(model, options), kMain, fmt::format("-O1 -DHOPS={}", kHops));
  ASSERT_TRUE(module.compiled());
  std::string input, expected;
  for (const std::string& signal : signals(graph, hop)) {
    input += signal;
    expected += host_outputs(graph, windows(graph, hop, signal));
  }
  EXPECT_EQ(module.run(input), expected);
  EXPECT_EQ(module.bytes_of("b"), c_costs(model, options).front().ram_bytes);
}

std::string refusal(const graph::Graph& graph, int hop) {
  try {
    to_c({graph, {}}, {.stream_hop = hop});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Where the plan can save something. True if it can.
bool expect_the_windows_or_why(const graph::Graph& graph, int hop) {
  const std::string why = refusal(graph, hop);
  if (why.empty()) {
    expect_the_windows(graph, hop);
  } else {
    EXPECT_NE(why.find("saves nothing from node '"), std::string::npos) << why;
  }
  return why.empty();
}

TEST(CStreamingSlow, EveryArchitectureGivesTheWindowsBits) {
  for (const std::string& name : graph::architectures()) {
    const graph::Shape in = name == "wdcnn" ? graph::Shape{1024, 1} : graph::Shape{128, 3};
    const auto build = graph::build(name, {.input = in, .classes = 5});
    for (const int hop : {4, 16, 64}) {
      const bool streams =
          expect_the_windows_or_why(as_random_int8(with_random_weights(build, 2), 3), hop);
      EXPECT_TRUE(streams || hop == 4 || name == "wdcnn") << name << " " << hop;
    }
  }
}

TEST(CStreamingSlow, OddShapesAndPackedWeightsGiveTheWindowsBits) {
  for (const int bits : {8, 4, 2}) {
    for (const int hop : {1, 2, 7}) {
      const auto cnn = graph::build("cnn", {.input = {61, 3}, .classes = 3});
      const auto ds_cnn = graph::build("ds_cnn", {.input = {53, 5}, .classes = 3});
      expect_the_windows_or_why(as_random_int8(with_random_weights(cnn, 5), 6, bits), hop);
      expect_the_windows_or_why(as_random_int8(with_random_weights(ds_cnn, 5), 6, bits), hop);
    }
  }
}

TEST(CStreamingSlow, OtherOperatorsGiveTheWindowsBits) {
  int streamed = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    for (const graph::Graph& graph :
         {other_operators(), operators_beside_convolutions(), random_operators(seed)}) {
      const graph::Graph int8 = as_random_int8(with_random_weights(graph, seed), seed);
      const int most = graph.input_shape().length;
      streamed +=
          expect_the_windows_or_why(int8, std::min(most, 2 * static_cast<int>(seed % 3) + 2));
    }
  }
  EXPECT_GE(streamed, 6);
}

// input [16, 2] -> convolution of 3, padding 1, `stride` -> convolution of 3 -> dense.
graph::Graph two_convolutions(int stride) {
  const int rows = 16 / stride;
  const auto weights = [](int outputs, int inputs) {
    return graph::FloatWeights{std::vector<float>(static_cast<std::size_t>(outputs * inputs)),
                               std::vector<float>(static_cast<std::size_t>(outputs))};
  };
  const graph::Graph graph{
      "two",
      {{"input", graph::Input{{16, 2}}, {}},
       {"first",
        graph::Conv1d{.out_channels = 4,
                      .kernel = 3,
                      .stride = stride,
                      .pad_left = 1,
                      .pad_right = 1,
                      .weights = weights(4, 6)},
        {0}},
       {"second", graph::Conv1d{.out_channels = 4, .kernel = 3, .weights = weights(4, 12)}, {1}},
       {"dense", graph::Dense{3, {}, weights(3, (rows - 2) * 4)}, {2}}}};
  return as_random_int8(with_random_weights(graph, 1), 2);
}

TEST(CStreaming, GivesTheWindowsBitsAndCountsWhatAHopComputes) {
  const graph::Graph graph = two_convolutions(1);
  expect_the_windows(graph, 4);
  const c::Module module = c::lower(graph, 4);
  // Of the first one, both ends see padding and pairs are computed: 2 and 6 of 16 positions. Of the
  // second one, those that read these: 2 and 6 of 14.
  EXPECT_EQ(c::macs_per_hop(module), 8 * 24 + 8 * 48 + 3 * 56);
  EXPECT_EQ(c::state_bytes(module), 16U * 2 + 16 * 4 + 14 * 4);
  const std::string readme = to_c({graph, {}}, {.stream_hop = 4}).at("README.md");
  EXPECT_NE(readme.find("starts 4 samples after"), std::string::npos);
  EXPECT_NE(readme.find(fmt::format("takes {}\n", c::macs_per_hop(module))), std::string::npos);
  EXPECT_NE(readme.find("152 bytes"), std::string::npos);
}

TEST(CStreaming, IsNotInAWindowedModule) {
  for (const auto& [name, text] : to_c({two_convolutions(1), {}})) {
    EXPECT_EQ(text.find("ep_advance"), std::string::npos) << name;
    EXPECT_EQ(text.find("ep_move"), std::string::npos) << name;
  }
}

TEST(CStreaming, RefusesHopsThatSaveNothing) {
  const auto expect = [](const graph::Graph& graph, int hop, const std::string& text) {
    const std::string message = refusal(graph, hop);
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  expect(two_convolutions(1), -1, "expected 1 to the window's 16");
  expect(two_convolutions(1), 17, "expected 1 to the window's 16");
  expect(two_convolutions(1), 16, "no position of it is left unchanged");
  expect(two_convolutions(2), 3,
         "a hop of 3 samples saves nothing from node 'first' (conv1d) on: its positions are 2 "
         "samples apart");
  graph::Graph dense{"dense", {{"input", graph::Input{{8, 2}}, {}}, {"all", graph::Dense{2}, {0}}}};
  std::get<graph::Dense>(dense.nodes[1].op).weights =
      graph::FloatWeights{std::vector<float>(32), std::vector<float>(2)};
  expect(as_random_int8(dense, 1), 2, "node 'all' (dense) on: it sees the whole window at once");
}

}  // namespace
}  // namespace edgeproof::formats
