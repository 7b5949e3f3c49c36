#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 20000;

// The noise of one channel, in standard normals.
std::vector<double> normals(const Bench& bench, int severity, std::size_t channel) {
  const double scale = parameter("gaussian", severity) * bench.sd[channel];
  std::vector<double> n;
  for (const float y : bench.column(bench.added("gaussian", severity, kLength), channel)) {
    n.push_back(y / scale);
  }
  return n;
}

double correlation_z(const std::vector<double>& a, const std::vector<double>& b, std::size_t lag) {
  double sum = 0;
  for (std::size_t i = lag; i < a.size(); ++i) sum += a[i] * b[i - lag];
  return sum / std::sqrt(static_cast<double>(a.size() - lag));
}

TEST(Gaussian, AddsNormalNoiseOfKTimesTheChannelsSd) {
  const Bench bench({0, 1, 2});
  for (const int severity : {1, 3, 5}) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const auto n = normals(bench, severity, channel);
      EXPECT_LT(kolmogorov(n, normal_cdf), kKolmogorovQuantile);
      double squares = 0;
      for (const double x : n) squares += x * x;
      EXPECT_LT(std::abs(squares / kLength - 1) / std::sqrt(2.0 / kLength), kNormalQuantile);
    }
  }
}

TEST(Gaussian, NoiseIsIndependentOverTimeAndChannels) {
  const Bench bench({0, 1});
  const auto a = normals(bench, 3, 0);
  const auto b = normals(bench, 3, 1);
  EXPECT_LT(std::abs(correlation_z(a, b, 0)), kNormalQuantile);
  for (const std::size_t lag : {1, 2, 4})
    EXPECT_LT(std::abs(correlation_z(a, a, lag)), kNormalQuantile);
}

TEST(Gaussian, SeverityScalesTheSameNoise) {
  const Bench bench({0, 1});
  const auto expected = normals(bench, 1, 1);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto n = normals(bench, severity, 1);
    for (std::size_t i = 0; i < n.size(); ++i)
      ASSERT_NEAR(n[i], expected[i], 2e-7 * std::abs(n[i]));
  }
}

TEST(Gaussian, AddsKSdTimesTheNormalOfTheSample) {
  const Bench bench({0, 1});
  const Draws draws(CounterRng(bench.seed, "gaussian"), 7, 1);
  const auto y = bench.column(bench.added("gaussian(sd=0.3)", 1, 50), 1);
  for (std::size_t t = 0; t < y.size(); ++t) {
    EXPECT_FLOAT_EQ(y[t], 0.45F * draws.normal(static_cast<std::int64_t>(t)));
  }
}

}  // namespace
}  // namespace edgeproof::faults
