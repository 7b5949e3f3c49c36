#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// The channel that couples into `channel`: the only one whose z-score it has gained k sd times.
int coupled(const Bench& bench, std::size_t channel, double k, const std::vector<float>& x,
            const std::vector<float>& y) {
  std::vector<int> matching;
  for (std::size_t j = 0; j < bench.channel_count(); ++j) {
    double rest = 0;
    for (std::size_t i = 0; i < x.size(); i += bench.channel_count()) {
      const double z = (x[i + j] - bench.mean[j]) / bench.sd[j];
      rest = std::max(rest, std::abs(x[i + channel] + k * bench.sd[channel] * z - y[i + channel]));
    }
    if (rest < 1e-5) matching.push_back(static_cast<int>(j));
  }
  EXPECT_EQ(matching.size(), 1);
  return matching.empty() ? -1 : matching[0];
}

TEST(Crosstalk, AddsKSdTimesTheZScoreOfOneOtherChannelChosenUniformly) {
  const Bench bench = Bench::physical(5);
  const auto x = noise(5 * 10);
  std::vector<double> counts(5);
  constexpr int kRecordings = 2000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    ++counts[coupled(bench, 2, 0.4, x, bench.broken("crosstalk", 4, x, r))];
  }
  EXPECT_EQ(counts[2], 0);
  double chi2 = 0;
  for (const std::size_t j : {0, 1, 3, 4}) {
    chi2 += std::pow(counts[j] - kRecordings / 4.0, 2) / (kRecordings / 4.0);
  }
  EXPECT_LT(chi2, 21.11);  // 3 degrees of freedom, 1e-4
}

TEST(Crosstalk, SeverityScalesTheSameCoupling) {
  const Bench bench = Bench::physical(5);
  const auto x = noise(5 * 10);
  for (std::size_t channel = 0; channel < 5; ++channel) {
    const int first = coupled(bench, channel, 0.05, x, bench.broken("crosstalk", 1, x));
    for (int severity = 2; severity <= 5; ++severity) {
      const double k = parameter("crosstalk", severity);
      EXPECT_EQ(coupled(bench, channel, k, x, bench.broken("crosstalk", severity, x)), first);
    }
  }
}

TEST(Crosstalk, TwoChannelsCoupleIntoEachOtherAsTheyWereBefore) {
  const Bench bench({0, 1});  // means 0 and 1, sds 1 and 1.5
  EXPECT_EQ(bench.broken("crosstalk(k=0.5)", 1, {2, 4}), (std::vector<float>{3, 5.5F}));
}

TEST(Crosstalk, AMissingSampleOfTheOtherChannelAddsNothing) {
  const auto y = Bench({0, 1}).broken("crosstalk(k=0.5)", 1, {2, kNan});
  EXPECT_TRUE(y[0] == 2 && std::isnan(y[1]));
}

TEST(Crosstalk, DerivedChannelsDoNotCouple) {
  const Bench bench({0, 0, 2});
  const auto x = noise(30);
  for (std::uint32_t r = 0; r < 20; ++r) {
    const auto y = bench.broken("crosstalk", 4, x, r);
    EXPECT_EQ(coupled(bench, 0, 0.4, x, y), 2);
    EXPECT_EQ(coupled(bench, 2, 0.4, x, y), 0);
  }
}

TEST(Crosstalk, AChannelThatNeverMovesAddsNothing) {
  Bench bench({0, 1});
  bench.sd[1] = 0;
  EXPECT_EQ(bench.broken("crosstalk", 4, {2, 5}), (std::vector<float>{2, 5}));
}

}  // namespace
}  // namespace edgeproof::faults
