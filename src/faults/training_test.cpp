#include "faults/training.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/error.h"
#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

TEST(TrainingSampler, IsAPureFunctionOfSeedEpochAndRecording) {
  const TrainingSampler a(suite("core"), 1), b(suite("core"), 1), c(suite("core"), 2);
  int equal = 0;
  for (std::uint32_t recording = 200; recording-- > 0;) {
    const auto fault = a.draw(3, recording);
    const auto again = b.draw(3, recording);
    EXPECT_EQ(fault.definition, again.definition);
    EXPECT_EQ(fault.severity, again.severity);
    EXPECT_EQ(fault.seed, again.seed);
    const auto other = c.draw(3, recording);
    equal += other.definition == fault.definition && other.severity == fault.severity;
  }
  EXPECT_LT(equal, 30);  // 8 expected of 200
}

// Chi-squared over the 25 cells, 24 degrees of freedom: 58.6 at 1e-4.
TEST(TrainingSampler, IsUniformOverFaultsAndSeverities) {
  const TrainingSampler sampler(suite("core"), 1);
  std::map<std::pair<std::string, int>, int> counts;
  constexpr int kEpochs = 20, kRecordings = 1000;
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
      const auto fault = sampler.draw(epoch, recording);
      ++counts[{fault.definition->name, fault.severity}];
    }
  }
  EXPECT_EQ(counts.size(), 25);
  EXPECT_EQ(counts.begin()->first.second, 1);
  const double expected = kEpochs * kRecordings / 25.0;
  double chi2 = 0;
  for (const auto& [cell, n] : counts) chi2 += (n - expected) * (n - expected) / expected;
  EXPECT_LT(chi2, 58.6);
}

TEST(TrainingSampler, NoNoiseComesTwice) {
  const TrainingSampler sampler(suite("core"), 1);
  std::set<std::uint64_t> seeds = {1};  // the seed itself is for evaluation
  for (std::uint32_t epoch = 0; epoch < 100; ++epoch) seeds.insert(sampler.draw(epoch, 0).seed);
  EXPECT_EQ(seeds.size(), 101);
  EXPECT_EQ(sampler.draw(5, 0).seed, sampler.draw(5, 1).seed);
}

TEST(TrainingSampler, RefusesAnEmptySuite) {
  EXPECT_THROW(TrainingSampler({}, 1), Error);
}

}  // namespace
}  // namespace edgeproof::faults
