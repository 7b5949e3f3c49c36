#include "edgeproof/stream.h"

#include "api/api_testing.h"

namespace edgeproof::api {
namespace {

constexpr std::size_t kChannels = 9, kLength = 128, kHop = 16;

Model int8_model() {
  return Model::parse(formats::to_onnx(made_inside(true)));
}

TEST(Stream, GivesTheLogitsOfWholeWindows) {
  const Model model = int8_model();
  const StreamPlan plan(model, kHop);
  Stream stream(plan);
  Workspace workspace{Plan(model)};
  const std::vector<float> signal = noise((kLength + 20 * kHop) * kChannels);
  const auto part = [&](std::size_t first, std::size_t count) {
    return std::span(signal).subspan(first * kChannels, count * kChannels);
  };
  EXPECT_TRUE(same_bits(stream.start(part(0, kLength)), workspace.run(part(0, kLength))));
  for (std::size_t w = 1; w <= 20; ++w) {
    const auto logits = stream.advance(part(kLength + (w - 1) * kHop, kHop));
    EXPECT_TRUE(same_bits(logits, workspace.run(part(w * kHop, kLength)))) << w;
  }
  EXPECT_LT(plan.macs_per_hop(), model.cost().macs);
  EXPECT_GT(plan.state_bytes(), 0U);
}

TEST(Stream, GivesNothingForAnotherSizeOrBeforeItsStart) {
  Stream stream(StreamPlan(int8_model(), kHop));
  EXPECT_TRUE(stream.advance(noise(kHop * kChannels)).empty());
  EXPECT_TRUE(stream.start(noise(kHop * kChannels)).empty());
  EXPECT_TRUE(stream.advance(noise(kHop * kChannels)).empty());
  EXPECT_EQ(stream.start(noise(kLength * kChannels)).size(), 6U);
  EXPECT_TRUE(stream.advance(noise(kChannels)).empty());
}

TEST(Stream, AHopThatIsNoneIsAnError) {
  for (const int hop : {0, -1, 129}) {
    error(ErrorCode::bad_config, [&] { StreamPlan(int8_model(), hop); });
  }
  error(ErrorCode::bad_config,
        [&] { StreamPlan(int8_model(), 16, {.instruction_set = "abacus"}); });
}

}  // namespace
}  // namespace edgeproof::api
