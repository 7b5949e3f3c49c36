#include "faults/faults_testing.h"

#include <limits>

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr std::size_t kLength = 40000;

TEST(Adc, GivesAllOfTwoToTheBLevelsAndNoOther) {
  const Bench bench({0, 1});
  std::vector<float> x;
  for (std::size_t t = 0; t < kLength; ++t) {  // 20 % beyond the range at each end
    const float z = -5.6F + 11.2F * static_cast<float>(t) / static_cast<float>(kLength - 1);
    x.insert(x.end(), {bench.mean[0] + z * bench.sd[0], bench.mean[1] + z * bench.sd[1]});
  }
  for (int severity = 1; severity <= 5; ++severity) {
    const int levels = 1 << static_cast<int>(parameter("adc", severity));
    for (std::size_t channel = 0; channel < 2; ++channel) {
      auto y = bench.column(bench.broken("adc", severity, x), channel);
      EXPECT_TRUE(std::is_sorted(y.begin(), y.end()));
      y.erase(std::unique(y.begin(), y.end()), y.end());
      EXPECT_EQ(y.size(), levels);
      const double half = 4.0 * bench.sd[channel] / levels;
      EXPECT_NEAR(y.front(), bench.mean[channel] - 4 * bench.sd[channel] + half, 1e-5);
      EXPECT_NEAR(y.back(), bench.mean[channel] + 4 * bench.sd[channel] - half, 1e-5);
    }
  }
}

TEST(Adc, IsOffByAtMostHalfAStepWithinItsRange) {
  const Bench bench({0, 1});
  const auto x = noise(2 * kLength);
  for (int severity = 1; severity <= 5; ++severity) {
    const auto y = bench.broken("adc", severity, x);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double z = (x[i] - bench.mean[i % 2]) / bench.sd[i % 2];
      const double half = 4 * bench.sd[i % 2] / std::exp2(parameter("adc", severity));
      EXPECT_TRUE(std::abs(z) >= 4 || std::abs(y[i] - x[i]) <= half + 2e-6) << x[i];
    }
  }
}

TEST(Adc, TakesWhateverFloatsThereAre) {
  Bench bench({0});
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const auto y = bench.broken("adc(bits=1)", 1, {kInfinite, -kInfinite, kNan, 1e38F});
  EXPECT_TRUE(y[0] == 2 && y[1] == -2 && std::isnan(y[2]) && y[3] == 2);
  bench.sd[0] = 0;  // no range, so no step
  EXPECT_EQ(bench.broken("adc", 3, {0}), std::vector<float>{0});
}

TEST(Adc, RangeCountsStandardDeviations) {
  EXPECT_EQ(Bench({0}).broken("adc(bits=1, range=2)", 1, {0.1F, -9}), (std::vector<float>{1, -1}));
}

}  // namespace
}  // namespace edgeproof::faults
