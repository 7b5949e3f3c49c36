#include <gtest/gtest.h>

#include "api/api_testing.h"
#include "core/allocations_testing.h"
#include "edgeproof/plan.h"
#include "edgeproof/stream.h"

namespace edgeproof::api {
namespace {

TEST(Workspace, NeverAllocatesInARun) {
  for (const bool int8 : {false, true}) {
    const Model model = Model::parse(formats::to_onnx(made_inside(int8)));
    const int none = allocations;
    Workspace workspace{Plan(model)};
    EXPECT_GT(allocations, none);
    const std::vector<float> window = noise(128 * 9);
    const int before = allocations;
    EXPECT_FALSE(workspace.run(window).empty());
    EXPECT_EQ(allocations, before);
  }
}

TEST(Stream, NeverAllocatesOnceItIsThere) {
  Stream stream(StreamPlan(Model::parse(formats::to_onnx(made_inside(true))), 16));
  const std::vector<float> window = noise(128 * 9);
  const int before = allocations;
  EXPECT_FALSE(stream.start(window).empty());
  EXPECT_FALSE(stream.advance(std::span(window).first(16 * 9)).empty());
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace edgeproof::api
