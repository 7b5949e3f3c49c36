#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// The packets in the order in which they arrive, told by a signal that counts samples; checks that
// each is whole. 0.16 s are 8 samples here.
std::vector<std::size_t> order(int severity, std::size_t length, std::uint32_t recording = 7) {
  std::vector<float> x;
  for (std::size_t t = 0; t < length; ++t) x.insert(x.end(), 3, static_cast<float>(t));
  const auto y = Bench({0, 1, 0}).broken("reorder", severity, x, recording);
  std::vector<std::size_t> packets;
  for (std::size_t t = 0; t < length; ++t) {
    const bool whole = t / 8 * 8 + 8 <= length;
    if (t % 8 == 0 && whole) packets.push_back(static_cast<std::size_t>(y[3 * t]) / 8);
    const std::size_t expected = whole ? 8 * packets.back() + t % 8 : t;
    for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(y[3 * t + c], static_cast<float>(expected));
  }
  return packets;
}

// Whether each packet but the last one was swapped with the next.
std::vector<bool> swaps(const std::vector<std::size_t>& packets) {
  std::vector<bool> swaps;
  std::size_t late = 0;
  for (std::size_t b = 0; b + 1 < packets.size(); ++b) {
    swaps.push_back(packets[b] != late);
    EXPECT_TRUE(packets[b] == late || packets[b] == b + 1);
    if (!swaps.back()) late = b + 1;
  }
  EXPECT_TRUE(packets.empty() || packets.back() == late);
  return swaps;
}

TEST(Reorder, SwapsEachBlockWithTheNextOneWithProbabilityP) {
  for (int severity = 1; severity <= 5; ++severity) {
    const double p = parameter("reorder", severity);
    double swapped = 0, pairs = 0, n = 0;
    bool before = false;
    for (const bool swap : swaps(order(severity, 8 * 10000))) {
      swapped += swap;
      pairs += swap && before;
      before = swap;
      ++n;
    }
    EXPECT_EQ(n, 9999);
    EXPECT_LT(std::abs(binomial_z(swapped, n, p)), kNormalQuantile) << p;
    const double sd = std::sqrt(n * p * p * (1 + 2 * p - 3 * p * p));  // as for impulse
    EXPECT_LT(std::abs(pairs - n * p * p), kNormalQuantile * sd) << p;
  }
}

TEST(Reorder, LosesNothing) {
  for (std::uint32_t r = 0; r < 20; ++r) {
    auto packets = order(4, 8 * 50 + 5, r);
    EXPECT_EQ(packets.size(), 50);
    std::ranges::sort(packets);
    for (std::size_t b = 0; b < packets.size(); ++b) EXPECT_EQ(packets[b], b);
  }
}

TEST(Reorder, AHigherSeveritySwapsTheSameAndMore) {
  auto milder = swaps(order(1, 8 * 500));
  for (int severity = 2; severity <= 5; ++severity) {
    const auto now = swaps(order(severity, 8 * 500));
    for (std::size_t b = 0; b < now.size(); ++b) EXPECT_TRUE(!milder[b] || now[b]);
    milder = now;
  }
}

TEST(Reorder, APacketCanBeLateByAllTheOthers) {
  std::vector<float> x = {0, 1, 2, 3, 4, 5, 6};
  EXPECT_EQ(Bench({0}).broken("reorder(p=1, block=0.04)", 1, x),
            (std::vector<float>{2, 3, 4, 5, 0, 1, 6}));
}

TEST(Reorder, MissingSamplesMoveWithTheirPacket) {
  const auto y = Bench({0}).broken("reorder(p=1, block=0.02)", 1, {kNan, 1});
  EXPECT_TRUE(y[0] == 1 && std::isnan(y[1]));
}

TEST(Reorder, LessThanTwoBlocksStay) {
  for (const std::size_t length : {1, 2, 7, 8, 15}) {
    for (const bool swap : swaps(order(5, length))) EXPECT_FALSE(swap);
  }
}

TEST(Reorder, ABlockIsAtLeastASample) {
  EXPECT_EQ(Bench({0}).broken("reorder(p=1, block=0.000001)", 1, {1, 2, 3}),
            (std::vector<float>{2, 3, 1}));
}

}  // namespace
}  // namespace edgeproof::faults
