#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Jitter, TimesAreOffByANormalOfKSamplesOnAllChannelsAlike) {
  const Bench bench({0, 1});
  constexpr int kLength = 1000;
  std::vector<float> ramp;
  for (int t = 0; t < kLength; ++t) ramp.insert(ramp.end(), 2, static_cast<float>(t));
  for (int severity = 1; severity <= 5; ++severity) {
    std::vector<double> errors;
    double squares = 0;
    for (std::uint32_t r = 0; r < 10; ++r) {
      const auto y = bench.broken("jitter", severity, ramp, r);
      for (int t = 10; t < kLength - 10; ++t) {  // away from where the ends are held
        EXPECT_EQ(y[2 * t], y[2 * t + 1]);
        errors.push_back((y[2 * t] - static_cast<float>(t)) / parameter("jitter", severity));
        squares += errors.back() * errors.back();
      }
    }
    const auto n = static_cast<double>(errors.size());
    EXPECT_LT(kolmogorov(errors, normal_cdf), kKolmogorovQuantile) << severity;
    EXPECT_LT(std::abs(squares / n - 1) / std::sqrt(2 / n), kNormalQuantile) << severity;
  }
}

TEST(Jitter, InterpolatesAndHoldsTheEnds) {
  const Bench bench({0});
  const auto x = noise(3000);
  const auto y = bench.broken("jitter(sd=3)", 1, x);
  const Draws draws(CounterRng(bench.seed, "jitter"), 7, 0);
  int held = 0;
  for (int t = 0; t < 3000; ++t) {
    const double time = std::clamp(t + 3.0 * draws.normal(t), 0.0, 2999.0);
    held += time == 0 || time == 2999;
    const auto before = static_cast<std::size_t>(time);
    const double share = time - static_cast<double>(before);
    EXPECT_NEAR(y[t], (1 - share) * x[before] + share * x[std::min<std::size_t>(before + 1, 2999)],
                1e-5);
  }
  EXPECT_GT(held, 0);
}

TEST(Jitter, SeverityScalesTheSameErrors) {
  const Bench bench({0});
  std::vector<float> ramp;
  for (int t = 0; t < 200; ++t) ramp.push_back(static_cast<float>(t));
  const auto mild = bench.broken("jitter", 1, ramp), severe = bench.broken("jitter", 5, ramp);
  for (std::size_t i = 10; i < 190; ++i) {
    const auto t = static_cast<float>(i);
    EXPECT_NEAR(severe[i] - t, 20 * (mild[i] - t), 5e-4);
  }
}

TEST(Jitter, AMissingNeighbourThatCountsMakesASampleMissing) {
  for (std::uint32_t r = 0; r < 20; ++r) {
    const auto y = Bench({0}).broken("jitter(sd=0.01)", 1, {1, 2, kNan, 4, 5}, r);
    const Draws draws(CounterRng(42, "jitter"), r, 0);
    EXPECT_TRUE(!std::isnan(y[0]) && std::isnan(y[2]) && !std::isnan(y[4]));
    EXPECT_EQ(std::isnan(y[1]), draws.normal(1) > 0);
    EXPECT_EQ(std::isnan(y[3]), draws.normal(3) < 0);
  }
}

TEST(Jitter, OneOrTwoSamplesAreEnough) {
  EXPECT_EQ(Bench({0}).broken("jitter", 5, {2.5F}), std::vector<float>{2.5F});
  for (const float y : Bench({0}).broken("jitter(sd=1000)", 1, {1, 2})) {
    EXPECT_TRUE(y >= 1 && y <= 2);
  }
}

}  // namespace
}  // namespace edgeproof::faults
