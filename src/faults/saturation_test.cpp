#include "faults/faults_testing.h"

#include <limits>

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Saturation, ClampsToMeanPlusMinusKSdAndLeavesTheRest) {
  const Bench bench({0, 1, 2});
  auto x = noise(3000);
  for (float& v : x) v *= 5;
  x[0] = std::numeric_limits<float>::infinity();
  x[3] = -std::numeric_limits<float>::infinity();
  x[6] = kNan;
  for (int severity = 1; severity <= 5; ++severity) {
    const auto k = static_cast<float>(parameter("saturation", severity));
    const auto y = bench.broken("saturation", severity, x);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const float low = bench.mean[i % 3] - k * bench.sd[i % 3];
      const float high = bench.mean[i % 3] + k * bench.sd[i % 3];
      if (x[i] >= low && x[i] <= high) {
        EXPECT_TRUE(same_bits(y[i], x[i]));
      } else {
        EXPECT_TRUE(same(y[i], x[i] < low ? low : x[i] > high ? high : kNan)) << x[i];
      }
    }
  }
}

TEST(Saturation, AHigherSeverityClampsWhatALowerOneLeft) {
  const Bench bench({0, 1});
  auto x = noise(500);
  for (float& v : x) v *= 5;
  EXPECT_EQ(bench.broken("saturation", 5, bench.broken("saturation", 2, x)),
            bench.broken("saturation", 5, x));
}

}  // namespace
}  // namespace edgeproof::faults
