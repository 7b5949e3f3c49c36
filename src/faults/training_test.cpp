#include "faults/training.h"

#include <map>
#include <set>

#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr int kEpochs = 40, kRecordings = 1000;

TrainingSampler sampler(Sampling sampling, std::uint64_t seed = 1) {
  const auto core = suite("core");
  return {{core.begin(), core.end()}, sampling, kEpochs, seed};
}

TEST(TrainingSampler, IsAPureFunctionOfSeedEpochAndRecording) {
  for (const Sampling sampling : {Sampling::uniform, Sampling::curriculum, Sampling::worst}) {
    const auto a = sampler(sampling), b = sampler(sampling), c = sampler(sampling, 2);
    int equal = 0;
    for (std::uint32_t recording = 200; recording-- > 0;) {
      const auto fault = a.draw(30, recording), again = b.draw(30, recording);
      EXPECT_EQ(fault.fault, again.fault);
      EXPECT_EQ(fault.severity, again.severity);
      EXPECT_EQ(fault.seed, again.seed);
      const auto other = c.draw(30, recording);
      equal += other.fault == fault.fault && other.severity == fault.severity;
    }
    EXPECT_LT(equal, 30);  // 8 expected of 200
  }
}

// Chi-squared over the 25 cells, 24 degrees of freedom: 58.6 at 1e-4.
void expect_uniform(const TrainingSampler& sampler, std::uint32_t first_epoch) {
  std::map<std::pair<std::size_t, int>, int> counts;
  for (std::uint32_t epoch = first_epoch; epoch < first_epoch + 20; ++epoch) {
    for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
      const auto fault = sampler.draw(epoch, recording);
      ++counts[{fault.fault, fault.severity}];
    }
  }
  EXPECT_EQ(counts.size(), 25);
  EXPECT_EQ(counts.begin()->first.second, 1);
  const double expected = 20 * kRecordings / 25.0;
  double chi2 = 0;
  for (const auto& [cell, n] : counts) chi2 += (n - expected) * (n - expected) / expected;
  EXPECT_LT(chi2, 58.6);
}

TEST(TrainingSampler, UniformIsUniformOverFaultsAndSeverities) {
  expect_uniform(sampler(Sampling::uniform), 0);
}

TEST(TrainingSampler, WorstIsUniformUntilAnythingIsLearnt) {
  auto worst = sampler(Sampling::worst);
  expect_uniform(worst, 0);
  worst.learn(std::vector<double>(5, 0.0));  // nothing to follow
  expect_uniform(worst, 0);
}

TEST(TrainingSampler, CurriculumIsUniformFromTheMiddleOn) {
  expect_uniform(sampler(Sampling::curriculum), kEpochs / 2);
}

TEST(TrainingSampler, CurriculumBeginsMildAndHarderSeveritiesJoinInTurn) {
  const auto curriculum = sampler(Sampling::curriculum);
  int before = 1;
  for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    std::set<int> severities;
    for (std::uint32_t r = 0; r < kRecordings; ++r) {
      severities.insert(curriculum.draw(epoch, r).severity);
    }
    const int hardest = *severities.rbegin();
    EXPECT_EQ(severities.size(), hardest) << "all that have joined";
    EXPECT_EQ(hardest, std::min<int>(5, 1 + 4 * static_cast<int>(epoch) / (kEpochs / 2)));
    EXPECT_TRUE(hardest == before || hardest == before + 1);
    before = hardest;
  }
}

TEST(TrainingSampler, WorstFollowsTheErrorsAndKeepsAQuarterUniform) {
  auto worst = sampler(Sampling::worst);
  worst.learn(std::vector<double>{0, 0.3, 0, 0.1, 0});
  std::vector<double> counts(5), severities(6);
  constexpr double kDraws = 20 * kRecordings;
  for (std::uint32_t epoch = 0; epoch < 20; ++epoch) {
    for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
      const auto fault = worst.draw(epoch, recording);
      ++counts[fault.fault];
      ++severities[fault.severity];
    }
  }
  const double shares[] = {0.05, 0.05 + 0.5625, 0.05, 0.05 + 0.1875, 0.05};
  for (std::size_t f = 0; f < 5; ++f) {
    EXPECT_LT(std::abs(binomial_z(counts[f], kDraws, shares[f])), kNormalQuantile) << f;
  }
  for (std::size_t s = 1; s <= 5; ++s) {
    EXPECT_LT(std::abs(binomial_z(severities[s], kDraws, 0.2)), kNormalQuantile) << s;
  }
}

TEST(TrainingSampler, AFaultAtAFixedValueHasSeverity1Only) {
  const TrainingSampler fixed({parse_fault("bias(sd=1)")}, Sampling::uniform, 10, 1);
  for (std::uint32_t r = 0; r < 50; ++r) EXPECT_EQ(fixed.draw(0, r).severity, 1);
}

TEST(TrainingSampler, NoNoiseComesTwice) {
  const auto uniform = sampler(Sampling::uniform);
  std::set<std::uint64_t> seeds = {1};  // the seed itself is for evaluation
  for (std::uint32_t epoch = 0; epoch < 100; ++epoch) seeds.insert(uniform.draw(epoch, 0).seed);
  EXPECT_EQ(seeds.size(), 101);
  EXPECT_EQ(uniform.draw(5, 0).seed, uniform.draw(5, 1).seed);
}

TEST(TrainingSampler, RefusesAnEmptySuite) {
  EXPECT_EQ(error(ErrorCode::bad_config, [] { TrainingSampler({}, Sampling::uniform, 10, 1); }),
            "fault-aware training: expected at least one fault that the data set can have");
}

}  // namespace
}  // namespace edgeproof::faults
