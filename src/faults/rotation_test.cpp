#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

using Vector = std::array<double, 3>;

Bench triads() {
  Bench bench({0, 1, 2, 0, 1, 2, 6, 7, 8, 0});
  bench.triads = {{0, 1, 2}, {3, 4, 5}, {6, 7, 8}};
  return bench;
}

// The rows of the matrix that turns a triad: what becomes of the three unit vectors.
std::array<Vector, 3> matrix(const Bench& bench, int severity, std::uint32_t recording,
                             std::size_t triad) {
  const std::size_t channels = bench.channel_count();
  std::vector<float> units(3 * channels);
  for (std::size_t axis = 0; axis < 3; ++axis) units[axis * channels + 3 * triad + axis] = 1;
  const auto y = bench.broken("rotation", severity, units, recording);
  std::array<Vector, 3> m{};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      m[row][axis] = y[axis * channels + 3 * triad + row];
  }
  return m;
}

Vector axis(const std::array<Vector, 3>& m, double angle) {
  const double d = 2 * std::sin(angle);
  return {(m[2][1] - m[1][2]) / d, (m[0][2] - m[2][0]) / d, (m[1][0] - m[0][1]) / d};
}

TEST(Rotation, TurnsByThetaAndKeepsLengthsAnglesAndHands) {
  for (int severity = 1; severity <= 5; ++severity) {
    for (const std::size_t triad : {0, 1, 2}) {
      const auto m = matrix(triads(), severity, 7, triad);
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
          const double dot = m[i][0] * m[j][0] + m[i][1] * m[j][1] + m[i][2] * m[j][2];
          EXPECT_NEAR(dot, i == j, 1e-6);
        }
      }
      const double determinant = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
                                 m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
                                 m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
      EXPECT_NEAR(determinant, 1, 1e-6);
      const double theta = parameter("rotation", severity) * std::numbers::pi / 180;
      EXPECT_NEAR(m[0][0] + m[1][1] + m[2][2], 1 + 2 * std::cos(theta), 1e-6);
    }
  }
}

TEST(Rotation, AxesAreUniformOnTheSphereAndIndependent) {
  const Bench bench = triads();
  std::vector<double> heights, azimuths;
  double products = 0;
  constexpr int kRecordings = 2000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    const Vector a = axis(matrix(bench, 5, r, 0), std::numbers::pi / 2);
    const Vector b = axis(matrix(bench, 5, r, 2), std::numbers::pi / 2);
    heights.push_back((a[2] + 1) / 2);
    azimuths.push_back(std::atan2(a[1], a[0]) / (2 * std::numbers::pi) + 0.5);
    products += 3 * (a[0] * b[0]);  // each component has the variance 1/3
  }
  EXPECT_LT(kolmogorov(heights, uniform_cdf), kKolmogorovQuantile);
  EXPECT_LT(kolmogorov(azimuths, uniform_cdf), kKolmogorovQuantile);
  EXPECT_LT(std::abs(products / std::sqrt(kRecordings)), kNormalQuantile);
}

TEST(Rotation, SeverityTurnsFurtherAboutTheSameAxis) {
  for (std::uint32_t r = 0; r < 20; ++r) {
    const Vector expected = axis(matrix(triads(), 5, r, 0), std::numbers::pi / 2);
    for (int severity = 1; severity <= 4; ++severity) {
      const double theta = parameter("rotation", severity) * std::numbers::pi / 180;
      const Vector a = axis(matrix(triads(), severity, r, 0), theta);
      for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(a[k], expected[k], 2e-6);
    }
  }
}

TEST(Rotation, ADerivedTriadIsTurnedOnceWithItsSource) {
  const Bench bench = triads();
  for (std::uint32_t r = 0; r < 20; ++r) {
    EXPECT_EQ(matrix(bench, 4, r, 0), matrix(bench, 4, r, 1));
    EXPECT_NE(matrix(bench, 4, r, 0), matrix(bench, 4, r, 2));
  }
}

TEST(Rotation, OtherDerivedChannelsGetTheDifference) {
  const Bench bench = triads();
  const auto x = noise(100);
  const auto y = bench.broken("rotation", 4, x);
  for (std::size_t i = 0; i < x.size(); i += 10) EXPECT_EQ(y[i + 9], x[i + 9] + (y[i] - x[i]));
}

TEST(Rotation, AMissingAxisMakesAllThreeMissing) {
  auto x = noise(10);
  x[1] = kNan;
  const auto y = triads().broken("rotation on c0, c1, c2", 4, x);
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]) && std::isnan(y[2]));
  EXPECT_FALSE(std::isnan(y[3]));
}

}  // namespace
}  // namespace edgeproof::faults
