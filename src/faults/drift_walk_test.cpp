#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 101, kRecordings = 3000;

// Standard normals if the increments over each quarter are independent and normal.
TEST(DriftWalk, HasIndependentNormalIncrementsAndAnEndOfSdKSd) {
  const Bench bench({0, 1});
  for (std::size_t channel = 0; channel < 2; ++channel) {
    std::vector<double> ends, quarters[4];
    double products = 0, squares = 0;
    for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
      const auto y = bench.column(bench.added("drift_walk", 3, kLength, recording), channel);
      EXPECT_EQ(y[0], 0);
      const double scale = parameter("drift_walk", 3) * bench.sd[channel];
      ends.push_back(y.back() / scale);
      squares += ends.back() * ends.back();
      for (std::size_t q = 0; q < 4; ++q) {
        quarters[q].push_back((y[25 * q + 25] - y[25 * q]) / (scale / 2));
      }
      products += quarters[0].back() * quarters[1].back();
    }
    EXPECT_LT(kolmogorov(ends, normal_cdf), kKolmogorovQuantile);
    EXPECT_LT(std::abs(squares / kRecordings - 1) / std::sqrt(2.0 / kRecordings), kNormalQuantile);
    for (const auto& quarter : quarters) {
      EXPECT_LT(kolmogorov(quarter, normal_cdf), kKolmogorovQuantile);
    }
    EXPECT_LT(std::abs(products / std::sqrt(kRecordings)), kNormalQuantile);
  }
}

TEST(DriftWalk, ChannelsWalkIndependently) {
  const Bench bench({0, 1});
  double products = 0;
  for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
    const auto y = bench.added("drift_walk(sd=1)", 1, kLength, recording);
    products += y[y.size() - 2] * y[y.size() - 1] / bench.sd[1];
  }
  EXPECT_LT(std::abs(products / std::sqrt(kRecordings)), kNormalQuantile);
}

TEST(DriftWalk, SeverityScalesTheSamePath) {
  const Bench bench({0});
  const auto mild = bench.added("drift_walk", 1, 3000), severe = bench.added("drift_walk", 5, 3000);
  for (std::size_t t = 0; t < mild.size(); ++t) EXPECT_FLOAT_EQ(severe[t], 16 * mild[t]);
}

TEST(DriftWalk, ASegmentOfOneSampleIsItsBeginning) {
  EXPECT_EQ(Bench({0}).broken("drift_walk", 5, {2.5F}), std::vector<float>{2.5F});
  EXPECT_NE(Bench({0}).added("drift_walk", 5, 2)[1], 0);
}

}  // namespace
}  // namespace edgeproof::faults
