#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Bias, ShiftsAChannelByKSd) {
  const Bench bench({0, 1, 2});
  for (int severity = 1; severity <= 5; ++severity) {
    const auto y = bench.added("bias", severity, 50);
    for (std::size_t i = 0; i < y.size(); ++i) {
      EXPECT_FLOAT_EQ(std::abs(y[i]),
                      static_cast<float>(parameter("bias", severity) * bench.sd[i % 3]));
      EXPECT_EQ(y[i], y[i % 3]) << "constant over time";
    }
  }
}

TEST(Bias, KeepsItsSignOverSeverities) {
  const Bench bench({0, 1, 2});
  for (std::uint32_t recording = 0; recording < 20; ++recording) {
    const auto mild = bench.added("bias", 1, 1, recording);
    const auto severe = bench.added("bias", 5, 1, recording);
    for (std::size_t i = 0; i < mild.size(); ++i) EXPECT_FLOAT_EQ(severe[i], 20 * mild[i]);
  }
}

TEST(Bias, SignsAreEvenAndIndependent) {
  const Bench bench({0, 1});
  expect_fair_signs("bias", "gain", [&](auto& fault, std::uint32_t recording, std::size_t channel) {
    return bench.broken(fault, 1, {1, 1}, recording)[channel] < 1;
  });
}

}  // namespace
}  // namespace edgeproof::faults
