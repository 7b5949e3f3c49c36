#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Gain, MultipliesByOnePlusOrMinusK) {
  const Bench bench({0, 1, 2});
  const auto x = noise(300);
  for (int severity = 1; severity <= 5; ++severity) {
    const double k = parameter("gain", severity);
    const auto y = bench.broken("gain", severity, x);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double factor = 1 + (y[i % 3] / x[i % 3] > 1 ? k : -k);
      EXPECT_FLOAT_EQ(y[i], static_cast<float>(factor) * x[i]);
    }
  }
}

TEST(Gain, KeepsItsSignOverSeverities) {
  const Bench bench = Bench::physical(30);
  const std::vector<float> ones(30, 1);
  const auto mild = bench.broken("gain", 1, ones), severe = bench.broken("gain", 5, ones);
  for (std::size_t c = 0; c < 30; ++c) EXPECT_NEAR(severe[c] - 1, 16 * (mild[c] - 1), 1e-5);
}

TEST(Gain, SignsAreEvenAndIndependent) {
  const Bench bench({0, 1});
  expect_fair_signs("gain", "bias", [&](auto& fault, std::uint32_t recording, std::size_t channel) {
    return bench.broken(fault, 1, {1, 1}, recording)[channel] < 1;
  });
}

TEST(Gain, PhysicalZeroStays) {
  for (const float y : Bench({0, 1}).added("gain", 5, 10)) EXPECT_EQ(y, 0);
}

}  // namespace
}  // namespace edgeproof::faults
