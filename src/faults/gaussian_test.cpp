#include <gtest/gtest.h>

#include <numbers>

#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kLength = 20000;

// The noise of one channel, in standard normals.
std::vector<double> normals(const Bench& bench, int severity, size_t channel) {
  const auto y = bench.added("gaussian", severity, kLength);
  const double scale =
      definition("gaussian").parameter.severities[severity - 1] * bench.sd[channel];
  std::vector<double> n;
  for (size_t i = channel; i < y.size(); i += bench.channels.size()) n.push_back(y[i] / scale);
  return n;
}

double correlation_z(const std::vector<double>& a, const std::vector<double>& b, size_t lag) {
  double sum = 0;
  for (size_t i = lag; i < a.size(); ++i) sum += a[i] * b[i - lag];
  return sum / std::sqrt(static_cast<double>(a.size() - lag));
}

TEST(Gaussian, AddsNormalNoiseOfKTimesTheChannelsSd) {
  const Bench bench({0, 1, 2});
  for (const int severity : {1, 3, 5}) {
    for (size_t channel = 0; channel < 3; ++channel) {
      EXPECT_LT(kolmogorov(normals(bench, severity, channel),
                           [](double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }),
                kKolmogorovQuantile);
    }
  }
}

TEST(Gaussian, NoiseIsIndependentOverTimeAndChannels) {
  const Bench bench({0, 1});
  const auto a = normals(bench, 3, 0);
  const auto b = normals(bench, 3, 1);
  EXPECT_LT(std::abs(correlation_z(a, b, 0)), kNormalQuantile);
  for (const size_t lag : {1, 2, 4}) EXPECT_LT(std::abs(correlation_z(a, a, lag)), kNormalQuantile);
}

TEST(Gaussian, SeverityScalesTheSameNoise) {
  const Bench bench({0, 1});
  const auto expected = normals(bench, 1, 1);
  for (int severity = 2; severity <= 5; ++severity) {
    const auto n = normals(bench, severity, 1);
    for (size_t i = 0; i < n.size(); ++i) ASSERT_NEAR(n[i], expected[i], 2e-7 * std::abs(n[i]));
  }
}

}  // namespace
}  // namespace edgeproof::faults
