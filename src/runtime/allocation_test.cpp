#include <gtest/gtest.h>

#include "core/allocations_testing.h"
#include "runtime/kernels/kernel_list.h"
#include "runtime/networks_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::runtime {
namespace {

TEST(Allocation, IsCounted) {
  const int before = allocations;
  delete new Workspace(Plan(r1()));
  EXPECT_GT(allocations, before + 2);
}

TEST(Allocation, NeverHappensInARun) {
  for (const graph::Graph& graph : {r1(), graph::fold(r2()), quantized(r1()), quantized(r2())}) {
    for (const Kernels& kernels : available_kernels()) {
      const Plan plan(graph, {.isa = kernels.name});
      Workspace workspace(plan);
      const auto window = random_values(plan.input_size(), 5);
      std::vector<float> logits(plan.output_size());
      const int before = allocations;
      run(plan, workspace, window, logits);
      EXPECT_EQ(allocations, before) << kernels.name;
    }
  }
}

TEST(Allocation, OfAValidationDoesNotGrowWithTheWeights) {
  const auto allocations_of = [](int features) {
    const auto count = static_cast<std::size_t>(features);
    const graph::FloatWeights weights{std::vector<float>(count), {0}};
    const graph::Graph fp32{"one",
                            {{"input", graph::Input{{1, features}}, {}},
                             {"dense", graph::Dense{1, graph::Activation::none, weights}, {0}}}};
    const graph::Graph int8 = quantized(fp32);
    const int before = allocations;
    graph::validate(fp32);
    graph::validate(int8);
    return allocations - before;
  };
  EXPECT_EQ(allocations_of(1000), allocations_of(10));
}

}  // namespace
}  // namespace edgeproof::runtime
