#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// The amplitude of a tone of `frequency` (of the sampling rate) after the low-pass, settled.
double response(const std::string& fault, int severity, double frequency) {
  constexpr std::size_t kSettled = 4000, kLength = 8000;
  std::vector<float> x;
  for (std::size_t t = 0; t < kLength; ++t) {
    const double turn = frequency * static_cast<double>(t);
    x.push_back(static_cast<float>(std::sin(2 * std::numbers::pi * turn)));
  }
  const auto y = Bench({0}).broken(fault, severity, x);
  double re = 0, im = 0;
  for (std::size_t t = kSettled; t < kLength; ++t) {
    const double angle = 2 * std::numbers::pi * frequency * static_cast<double>(t);
    re += y[t] * std::cos(angle), im += y[t] * std::sin(angle);
  }
  return std::hypot(re, im) / (static_cast<double>(kLength - kSettled) / 2);
}

TEST(Bandwidth, HasHalfThePowerAtItsCutOff) {
  for (int severity = 1; severity <= 5; ++severity) {
    const double f = parameter("bandwidth", severity);
    EXPECT_NEAR(response("bandwidth", severity, f), std::sqrt(0.5), 1e-4) << f;
  }
}

TEST(Bandwidth, IsAFirstOrderLowPassAtAllFrequencies) {
  for (int severity = 1; severity <= 5; ++severity) {
    const double cut = std::tan(std::numbers::pi * parameter("bandwidth", severity));
    for (const double f : {0.01, 0.05, 0.1, 0.25, 0.45}) {
      const double ratio = std::tan(std::numbers::pi * f) / cut;
      EXPECT_NEAR(response("bandwidth", severity, f), 1 / std::sqrt(1 + ratio * ratio), 1e-4);
    }
  }
}

TEST(Bandwidth, IsTheRecursionOfTheBilinearTransform) {
  const auto x = noise(3000);
  const auto y = Bench({0}).broken("bandwidth(f=0.1)", 1, x);
  const double k = std::tan(0.1 * std::numbers::pi);
  double out = x[0];
  for (std::size_t t = 0; t < x.size(); ++t) {
    const double before = t == 0 ? x[0] : x[t - 1];
    out = (k * (x[t] + before) + (1 - k) * out) / (1 + k);
    EXPECT_NEAR(y[t], out, 1e-6);
  }
}

TEST(Bandwidth, BeginsSettledAtTheFirstValue) {
  for (const float y : Bench({0}).broken("bandwidth", 5, std::vector<float>(100, 9.75F))) {
    EXPECT_FLOAT_EQ(y, 9.75F);
  }
  EXPECT_EQ(Bench({0}).broken("bandwidth", 5, {2.5F}), std::vector<float>{2.5F});
}

TEST(Bandwidth, SeesTheLastValueThroughMissingSamples) {
  const Bench bench({0});
  const auto gaps = bench.broken("bandwidth", 3, {kNan, 1, 3, kNan, kNan, 2, 4});
  const auto held = bench.broken("bandwidth", 3, {1, 1, 3, 3, 3, 2, 4});
  for (const std::size_t t : {0, 3, 4}) EXPECT_TRUE(std::isnan(gaps[t]));
  for (const std::size_t t : {1, 2, 5, 6}) EXPECT_EQ(gaps[t], held[t]);
}

}  // namespace
}  // namespace edgeproof::faults
