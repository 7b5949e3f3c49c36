#include "edgeproof/plan.h"

#include <cstdlib>
#include <thread>

#include "api/api_testing.h"
#include "runtime/workspace.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kWindow = 128 * 9;
constexpr std::size_t kOutputs = 6;

Model model(bool int8) {
  return Model::parse(formats::to_onnx(made_inside(int8)));
}

TEST(Plan, GivesTheLogitsOfTheInsideBitForBit) {
  for (const bool int8 : {false, true}) {
    for (const std::string& isa : instruction_sets()) {
      const runtime::Plan inside(made_inside(int8).graph, {.isa = isa});
      runtime::Workspace inside_workspace(inside);
      const Plan plan(model(int8), {.instruction_set = isa});
      Workspace workspace(plan);
      EXPECT_EQ(plan.instruction_set(), isa);
      for (std::uint64_t seed = 1; seed < 4; ++seed) {
        const std::vector<float> window = noise(kWindow, seed);
        std::vector<float> expected(kOutputs);
        runtime::run(inside, inside_workspace, window, expected);
        EXPECT_TRUE(same_bits(workspace.run(window), expected)) << isa;
        EXPECT_TRUE(std::ranges::equal(workspace.clipped(), inside_workspace.clipped()));
      }
    }
  }
}

TEST(Plan, RunsManyWindowsOnAnyNumberOfThreads) {
  const Plan plan(model(true));
  const std::vector<float> windows = noise(100 * kWindow);
  const std::vector<float> logits = run(plan, windows, 1);
  EXPECT_TRUE(same_bits(logits, run(plan, windows, 3)));
  Workspace workspace(plan);
  EXPECT_TRUE(
      same_bits(std::span(logits).last(kOutputs), workspace.run(std::span(windows).last(kWindow))));
  EXPECT_TRUE(run(plan, {}).empty());
  error(ErrorCode::bad_input, [&] { run(plan, std::span(windows).first(kWindow + 1)); });
  error(ErrorCode::bad_config, [&] { run(plan, windows, 0); });
}

TEST(Plan, IsSharedByThreadsWithAWorkspaceEach) {
  const Plan plan(model(true));
  const std::vector<float> windows = noise(8 * kWindow);
  const std::vector<float> expected = run(plan, windows);
  std::vector<float> found(expected.size());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Workspace workspace(plan);
      for (int again = 0; again < 50; ++again) {
        std::ranges::copy(workspace.run(std::span(windows).subspan(t * kWindow, kWindow)),
                          found.begin() + static_cast<std::ptrdiff_t>(t * kOutputs));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(same_bits(found, expected));
}

TEST(Plan, OutlivesItsModelAndAWorkspaceItsPlan) {
  const std::vector<float> window = noise(kWindow);
  Workspace workspace = [] { return Workspace(Plan(model(true))); }();
  EXPECT_TRUE(same_bits(workspace.run(window), run(Plan(model(true)), window)));
}

TEST(Plan, AWindowOfAnotherSizeGivesNoLogits) {
  Workspace workspace{Plan(model(true))};
  EXPECT_TRUE(workspace.run(noise(kWindow - 1)).empty());
  EXPECT_TRUE(workspace.run({}).empty());
  EXPECT_EQ(workspace.run(noise(kWindow)).size(), kOutputs);
}

TEST(Plan, AnUnknownInstructionSetIsAnError) {
  EXPECT_THAT(
      error(ErrorCode::bad_config, [] { Plan(model(true), {.instruction_set = "abacus"}); }),
      HasSubstr("abacus"));
}

TEST(Plan, NoEnvironmentVariableChoosesTheInstructionSet) {
  const Model made = model(true);
  for (const char* value : {"scalar", "abacus"}) {
    ASSERT_EQ(setenv("EDGEPROOF_ISA", value, 1), 0);
    EXPECT_EQ(Plan(made).instruction_set(), instruction_sets().front());
    EXPECT_GT(made.cost().arena_bytes, 0U);
  }
  ASSERT_EQ(unsetenv("EDGEPROOF_ISA"), 0);
  EXPECT_EQ(instruction_sets().back(), "scalar");
}

TEST(LabelOf, IsTheFirstOfTheLargest) {
  EXPECT_EQ(label_of(std::vector<float>{1, 3, 3, 2}), 1);
  EXPECT_EQ(label_of(std::vector<float>{-1}), 0);
  EXPECT_EQ(label_of({}), -1);
}

}  // namespace
}  // namespace edgeproof::api
