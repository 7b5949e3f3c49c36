#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

std::vector<bool> lost(const Bench& bench, const std::string& fault, int severity,
                       std::uint32_t recording = 7) {
  const auto y = bench.added(fault, severity, 2, recording);
  std::vector<bool> lost;
  for (std::size_t c = 0; c < bench.channel_count(); ++c) {
    EXPECT_EQ(std::isnan(y[c]), std::isnan(y[bench.channel_count() + c])) << "throughout";
    lost.push_back(std::isnan(y[c]));
  }
  return lost;
}

TEST(Dropout, LosesMaxOfOneAndRoundFCChannels) {
  for (int channels = 2; channels <= 12; ++channels) {
    for (int severity = 1; severity <= 5; ++severity) {
      const auto set = lost(Bench::physical(channels), "dropout", severity);
      EXPECT_EQ(std::count(set.begin(), set.end(), true),
                std::max(1.0, std::round(parameter("dropout", severity) * channels)));
    }
  }
}

TEST(Dropout, EverySetOfChannelsIsAsLikely) {
  const Bench bench = Bench::physical(5);  // severity 3: two of them, one of 10 sets
  std::vector<double> counts(32);
  constexpr int kRecordings = 5000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    std::size_t set = 0;
    for (const bool bit : lost(bench, "dropout", 3, r)) set = 2 * set + bit;
    ++counts[set];
  }
  double chi2 = 0, sets = 0;
  for (const double n : counts) {
    if (n == 0) continue;
    ++sets;
    chi2 += (n - kRecordings / 10.0) * (n - kRecordings / 10.0) / (kRecordings / 10.0);
  }
  EXPECT_EQ(sets, 10);
  EXPECT_LT(chi2, 33.72);  // 9 degrees of freedom, 1e-4
}

TEST(Dropout, AHigherSeverityLosesTheSameChannelsAndMore) {
  const Bench bench = Bench::physical(12);
  for (std::uint32_t r = 0; r < 50; ++r) {
    auto milder = lost(bench, "dropout", 1, r);
    for (int severity = 2; severity <= 5; ++severity) {
      const auto set = lost(bench, "dropout", severity, r);
      for (std::size_t c = 0; c < 12; ++c) EXPECT_TRUE(!milder[c] || set[c]);
      milder = set;
    }
  }
}

TEST(Dropout, CountsPhysicalChannelsAndTakesTheDerivedOnesAlong) {
  const Bench bench({0, 1, 0, 0, 1});
  for (std::uint32_t r = 0; r < 20; ++r) {
    const auto set = lost(bench, "dropout", 3, r);
    EXPECT_NE(set[0], set[1]);
    EXPECT_EQ(set, (std::vector<bool>{set[0], set[1], set[0], set[0], set[1]}));
  }
}

TEST(Dropout, OfTheNamedChannelsOnly) {
  for (std::uint32_t r = 0; r < 20; ++r) {
    const auto set = lost(Bench::physical(9), "dropout(f=1) on c2, c4", 1, r);
    EXPECT_EQ(set, (std::vector<bool>{0, 0, 1, 0, 1, 0, 0, 0, 0}));
  }
}

}  // namespace
}  // namespace edgeproof::faults
