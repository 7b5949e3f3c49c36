#include "store/result_bytes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"

namespace edgeproof::store {
namespace {

// What is sent twice is the same the second time: nothing of it was lost the first time.
Result sent(const Result& result) {
  const std::string bytes = to_bytes(result);
  Result back = result_from_bytes(bytes);
  EXPECT_EQ(back.index(), result.index());
  EXPECT_EQ(to_bytes(back), bytes);
  return back;
}

TEST(ResultBytes, EveryKindComesBackBitByBit) {
  const auto trained = std::get<TrainedModel>(
      sent(TrainedModel{std::string("\0\xff", 2), 7, {{1, 0.1, NAN, NAN}, {2, 1.0 / 3, 0.5, 1}}}));
  EXPECT_EQ(trained.onnx, std::string("\0\xff", 2));
  EXPECT_EQ(trained.log[1].train_loss, 1.0 / 3);
  EXPECT_TRUE(std::isnan(trained.log[0].validation_loss));
  const auto deployed =
      std::get<DeployedModel>(sent(DeployedModel{"o", 1LL << 40, 2, 3, 4, {"a"}}));
  EXPECT_EQ(deployed.macs, 1LL << 40);
  EXPECT_EQ(deployed.nodes, std::vector<std::string>{"a"});
  const auto evaluated =
      std::get<Evaluation>(sent(Evaluation{{0, 255}, 0.1, {1}, {2}, 1, 0.7, Agreement{1, 2}}));
  EXPECT_EQ(evaluated.labels, (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(evaluated.ece, 0.1);
  EXPECT_EQ(evaluated.agreement->windows, 2);
  EXPECT_FALSE(std::get<Evaluation>(sent(Evaluation{})).agreement);
  compress::Diagnosis d{.windows = 3, .output_db = INFINITY, .agreement = 0.3, .blamed = 0};
  d.layers = {{.name = "n", .op = "conv1d", .alone_db = NAN, .seen = {-0.1F, 1}}};
  const auto diagnosed = std::get<compress::Diagnosis>(sent(d));
  EXPECT_EQ(diagnosed.output_db, INFINITY);
  EXPECT_EQ(diagnosed.layers[0].seen.min, -0.1F);
  EXPECT_TRUE(std::isnan(diagnosed.layers[0].alone_db));
  EXPECT_EQ(std::get<Latency>(sent(Latency{1.5, 2.5, 1000})).p99_us, 2.5);
  EXPECT_FALSE(std::get<Latency>(sent(Latency{1.5, 2.5, 1000})).disturbed);
  EXPECT_TRUE(std::get<Latency>(sent(Latency{1.5, 2.5, 1000, true})).disturbed);
  EXPECT_EQ(std::get<DeviceCost>(sent(DeviceCost{1LL << 40, 2, 3, 4})).instructions, 1LL << 40);
}

TEST(ResultBytes, DamagedBytesAreAnError) {
  const std::string bytes = to_bytes(Latency{1.5, 2.5, 1000});
  EXPECT_THROW(result_from_bytes(""), Error);
  EXPECT_THROW(result_from_bytes(bytes.substr(0, bytes.size() - 1)), Error);
}

}  // namespace
}  // namespace edgeproof::store
