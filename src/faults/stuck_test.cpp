#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr std::size_t kLength = 500;

struct Interval {
  std::size_t begin, end;
};

// Where y holds a value of x, which has no two neighbours alike.
Interval held(const std::vector<float>& x, const std::vector<float>& y) {
  std::size_t first = 0, last = x.size() - 1;
  while (first < last && x[first] == y[first]) ++first;
  while (first < last && x[last] == y[last]) --last;
  return {first - 1, last + 1};
}

TEST(Stuck, HoldsTheFirstValueOfOneIntervalOfFT) {
  const Bench bench({0, 1});
  const auto x = noise(2 * kLength);
  for (int severity = 1; severity <= 5; ++severity) {
    const auto y = bench.broken("stuck", severity, x);
    for (std::size_t channel = 0; channel < 2; ++channel) {
      const auto before = bench.column(x, channel), after = bench.column(y, channel);
      const auto [begin, end] = held(before, after);
      EXPECT_EQ(end - begin, std::round(parameter("stuck", severity) * kLength));
      for (std::size_t t = begin; t < end; ++t) EXPECT_EQ(after[t], before[begin]);
    }
  }
}

TEST(Stuck, PlaceIsUniformAndIndependentPerChannel) {
  const Bench bench({0, 1});
  const auto x = noise(2 * kLength);
  std::vector<double> places[2];
  double products = 0;
  for (std::uint32_t recording = 0; recording < 2000; ++recording) {
    const auto y = bench.broken("stuck", 1, x, recording);
    for (std::size_t channel = 0; channel < 2; ++channel) {
      const std::size_t begin = held(bench.column(x, channel), bench.column(y, channel)).begin;
      places[channel].push_back((static_cast<double>(begin) + 0.5) / (0.9 * kLength + 1));
    }
    products += (places[0].back() - 0.5) * (places[1].back() - 0.5) * 12;
  }
  for (const auto& place : places) EXPECT_LT(kolmogorov(place, uniform_cdf), kKolmogorovQuantile);
  EXPECT_LT(std::abs(products / std::sqrt(2000)), kNormalQuantile);
}

TEST(Stuck, AHigherSeverityHoldsTheIntervalOfALowerOneAndMore) {
  const Bench bench({0});
  const auto x = noise(kLength);
  for (std::uint32_t recording = 0; recording < 100; ++recording) {
    Interval inner = held(x, bench.broken("stuck", 1, x, recording));
    for (int severity = 2; severity <= 5; ++severity) {
      const Interval outer = held(x, bench.broken("stuck", severity, x, recording));
      EXPECT_TRUE(outer.begin <= inner.begin && outer.end >= inner.end);
      inner = outer;
    }
  }
}

TEST(Stuck, HoldsOverMissingSamplesAndHoldsAMissingOne) {
  const Bench bench({0});
  EXPECT_EQ(bench.broken("stuck(f=1)", 1, {3, kNan, 5}), (std::vector<float>{3, 3, 3}));
  for (const float y : bench.broken("stuck(f=1)", 1, {kNan, 4, 5})) EXPECT_TRUE(std::isnan(y));
}

TEST(Stuck, DerivedChannelsAreHeldAtTheirOwnValue) {
  const Bench bench({0, 0});
  EXPECT_EQ(bench.broken("stuck(f=1)", 1, {1, 10, 2, 20, 3, 30}),
            (std::vector<float>{1, 10, 1, 10, 1, 10}));
}

TEST(Stuck, AnIntervalOfOneSampleOrNoneChangesNothing) {
  for (int severity = 1; severity <= 5; ++severity) {
    EXPECT_EQ(Bench({0}).broken("stuck", severity, {2.5F}), std::vector<float>{2.5F});
  }
}

}  // namespace
}  // namespace edgeproof::faults
