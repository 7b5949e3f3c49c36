#include "runtime/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/error.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/networks_testing.h"

namespace edgeproof::runtime {
namespace {

std::string message_of(const graph::Graph& graph, const PlanOptions& options = {}) {
  try {
    const Plan plan(graph, options);
    return "no error";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Plan, ArenaIsThePeakOfTheDeployedActivations) {
  // R1: the peak is pool1 (64 x 32) beside conv2 (64 x 64).
  const graph::Graph folded = graph::fold(r1());
  EXPECT_EQ(Plan(folded).arena_bytes(), 4U * (64 * 32 + 64 * 64));
  EXPECT_EQ(Plan(quantized(r1())).arena_bytes(), 64U * 32 + 64 * 64);
  // BatchNorm and ReLU are in place too.
  EXPECT_EQ(Plan(r1()).arena_bytes(), Plan(folded).arena_bytes());
}

TEST(Plan, ArenaOfTheOtherReferenceNetworks) {
  EXPECT_EQ(Plan(quantized(r2())).arena_bytes(), 2U * 64 * 64);
  EXPECT_EQ(Plan(quantized(r3())).arena_bytes(), 128U * 16 + 128 * 32);
}

// An addition replaces the input that dies there, also one that was read before.
TEST(Plan, AdditionsWorkInPlace) {
  const graph::Conv1d conv{.out_channels = 4,
                           .weights = graph::FloatWeights{std::vector<float>(16), {0, 0, 0, 0}}};
  const graph::Graph residual{"residual",
                              {{"input", graph::Input{{8, 4}}, {}},
                               {"conv", conv, {0}},
                               {"add", graph::Add{}, {0, 1}},
                               {"conv2", conv, {2}}}};
  EXPECT_EQ(Plan(residual).arena_bytes(), 4U * 2 * 8 * 4);
}

TEST(Plan, RefusesAnAdditionWhoseMultiplierIsNotBelowOne) {
  const graph::Quantization q{1.0F, 0};
  graph::Graph graph{"sum",
                     {{"input", graph::Input{{8, 4}}, {}, q},
                      {"add", graph::Add{}, {0, 0}, q},
                      {"dense",
                       graph::Dense{1, graph::Activation::none,
                                    graph::Int8Weights{std::vector<std::int8_t>(32), {1}, {0}}},
                       {1},
                       q}}};
  EXPECT_EQ(message_of(graph), "no error");
  graph.nodes[1].quantization->scale = 1e-7F;
  EXPECT_THAT(message_of(graph), testing::HasSubstr("node 'add' (add): 2 * input scale 1 /"));
}

TEST(Plan, KeepingAllNeedsRoomForAll) {
  const Plan plan(graph::fold(r1()), {.keep_all = true});
  std::size_t values = 0;
  for (const graph::Shape& shape : plan.shapes()) values += shape.size();
  EXPECT_EQ(plan.arena_bytes(), 4 * values);
}

TEST(Plan, DescribesItsGraph) {
  const Plan plan(quantized(r1()));
  EXPECT_EQ(plan.input_size(), 128U * 9);
  EXPECT_EQ(plan.output_size(), 6U);
  EXPECT_TRUE(plan.is_int8());
  EXPECT_FALSE(Plan(r1()).is_int8());
  EXPECT_THAT(plan.node_names(), testing::ElementsAre("input", "conv1", "pool1", "conv2", "pool2",
                                                      "conv3", "average", "dense"));
}

TEST(Plan, RefusesAGraphThatIsNotValid) {
  graph::Graph graph = r1();
  std::get<graph::FloatWeights>(*graph::weights_of(graph.nodes[1].op)).bias.pop_back();
  EXPECT_THAT(message_of(graph), testing::HasSubstr("conv1"));
}

TEST(Plan, RefusesAMultiplierThatLeavesTheWord) {
  graph::Graph graph = quantized(r1());
  graph.nodes.back().quantization->scale = 1e-30F;
  EXPECT_THAT(message_of(graph), testing::HasSubstr("node 'dense' (dense): input scale"));
}

TEST(Plan, InstructionSetComesFromTheOptionThenTheEnvironment) {
  const graph::Graph graph = r1();
  ASSERT_EQ(setenv("EDGEPROOF_ISA", "scalar", 1), 0);
  EXPECT_EQ(Plan(graph).isa(), "scalar");
  EXPECT_EQ(Plan(graph, {.isa = available_kernels().front().name}).isa(),
            available_kernels().front().name);
  ASSERT_EQ(setenv("EDGEPROOF_ISA", "abacus", 1), 0);
  EXPECT_THAT(message_of(graph), testing::HasSubstr("'abacus'"));
  ASSERT_EQ(unsetenv("EDGEPROOF_ISA"), 0);
  EXPECT_EQ(Plan(graph).isa(), available_kernels().front().name);
}

}  // namespace
}  // namespace edgeproof::runtime
