#include "results/verdict.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/random.h"
#include "core/temp_folder.h"
#include "results/resampling.h"
#include "results/summary.h"
#include "store/store_testing.h"

namespace edgeproof::results {
namespace {

using testing::HasSubstr;

// A study of two variants in a file of the test's own (store_testing.h: fp32 is wrong on the first
// `severity` of twelve windows under every fault, qat_int8 never).
class Verdicts : public testing::Test {
 protected:
  Verdicts() {
    store_.emplace(store::finished_study(folder_ / "study.db"));
    config_ = stored_config(*store_);
    predictions_ = read_predictions(*store_, config_);
  }

  std::vector<JudgedClaim> judged(const std::vector<std::string>& checks, int threads = 1) const {
    std::vector<experiment::Claim> claims;
    for (const std::string& check : checks) claims.push_back({.check = check});
    return judge(claims, config_, predictions_, *store_, threads);
  }
  JudgedClaim judged_one(const std::string& check) const {
    return judged(std::vector{check}).front();
  }
  Verdict verdict(const std::string& check) const { return judged_one(check).verdict; }

  TempFolder folder_;
  std::optional<store::Store> store_;
  experiment::Config config_;
  Predictions predictions_;
};

TEST_F(Verdicts, MetricsAreThoseOfTheTable) {
  const auto left = [&](const std::string& term) {
    return judged_one(term + " - " + term + " + 1 * " + term + " >= 0").left;
  };
  EXPECT_NEAR(left("clean(fp32)"), 1, 1e-12);
  EXPECT_NEAR(left("accuracy(fp32, gaussian, 5)"), 7.0 / 12, 1e-12);
  EXPECT_NEAR(left("accuracy(fp32, gaussian)"), 9.0 / 12, 1e-12);
  EXPECT_NEAR(left("RA(fp32)"), 9.0 / 12, 1e-12);
  EXPECT_NEAR(left("RA(fp32, 1)"), 11.0 / 12, 1e-12);
  EXPECT_NEAR(left("worst_fault(fp32)"), 9.0 / 12, 1e-12);
  EXPECT_NEAR(left("recovery(qat_int8, fp32)"), 1, 1e-12);
  EXPECT_NEAR(left("mFE(fp32)"), 1, 1e-12);
  EXPECT_NEAR(left("mFE(qat_int8)"), 0, 1e-12);
  EXPECT_NEAR(left("relative_mFE(fp32)"), 1, 1e-12);
  EXPECT_NEAR(left("flip_rate(fp32)"), 3.0 / 12, 1e-12);
  EXPECT_NEAR(left("flip_rate(fp32, gaussian)"), 3.0 / 12, 1e-12);
  EXPECT_NEAR(left("flip_rate(fp32, gaussian, 5)"), 5.0 / 12, 1e-12);
  EXPECT_NEAR(left("flip_rate(qat_int8)"), 0, 1e-12);
  EXPECT_NEAR(left("ece(fp32, bias, 3)"), 0.1, 1e-12);
  EXPECT_NEAR(left("f1(fp32)"), 1, 1e-12);
  // Windows 0 1 2 wrong of a b a b ...: of a 4 of 6 are right, and 4 of the 5 called so; of b 5
  // of 6, and 5 of 7. F1 is 8/11 and 10/13.
  EXPECT_NEAR(left("f1(fp32, drift, 3)"), (8.0 / 11 + 10.0 / 13) / 2, 1e-12);
  EXPECT_EQ(left("bytes(qat_int8)"), 100);
  EXPECT_EQ(left("ram(fp32)"), 64);
  EXPECT_EQ(left("macs(fp32)"), 1000);
  EXPECT_EQ(left("latency(fp32)"), 4);
}

TEST_F(Verdicts, ExactQuantitiesAreDecidedWithoutATest) {
  const JudgedClaim smaller = judged_one("bytes(qat_int8) <= 0.25 * bytes(fp32)");
  EXPECT_EQ(smaller.verdict, Verdict::supported);
  EXPECT_FALSE(smaller.p_adjusted);
  EXPECT_EQ(smaller.difference.lo, 0);
  EXPECT_EQ(smaller.difference.hi, 0);
  EXPECT_EQ(verdict("bytes(qat_int8) < 0.25 * bytes(fp32)"), Verdict::contradicted);
  EXPECT_EQ(verdict("macs(qat_int8) >= 1000"), Verdict::supported);
}

// 4 and 2 us, each with a margin of 10 %: 2 x 2.2 against 3.6 overlap, 1.5 x 2.2 does not.
TEST_F(Verdicts, LatenciesThatAMarginCouldSwapAreUndecided) {
  const JudgedClaim close = judged_one("latency(fp32) >= 2 * latency(qat_int8)");
  EXPECT_EQ(close.verdict, Verdict::undecided);
  EXPECT_NEAR(close.difference.lo, -0.8, 1e-12);
  EXPECT_NEAR(close.difference.hi, 0.8, 1e-12);
  EXPECT_EQ(verdict("latency(fp32) >= 1.5 * latency(qat_int8)"), Verdict::supported);
  EXPECT_EQ(verdict("latency(fp32) <= 3"), Verdict::contradicted);
}

TEST_F(Verdicts, EqualOnEveryResampleIsAtLeastAndNotGreater) {
  EXPECT_EQ(verdict("clean(qat_int8) >= clean(fp32)"), Verdict::supported);
  EXPECT_EQ(verdict("clean(qat_int8) > clean(fp32)"), Verdict::contradicted);
}

TEST_F(Verdicts, WhatTheDataSetCannotHaveDoesNotApply) {
  predictions_.faults.pop_back();
  const auto all = judged({"accuracy(fp32, bias) > 0.5", "RA(fp32) > 0.5"});
  EXPECT_EQ(all[0].verdict, Verdict::not_applicable);
  EXPECT_THAT(all[0].reason, HasSubstr("'bias'"));
  EXPECT_FALSE(all[0].p_adjusted);
  EXPECT_NE(all[1].verdict, Verdict::not_applicable);
}

TEST_F(Verdicts, ARatioToNothingDoesNotApply) {
  for (auto& of_seed : predictions_.labels[0]) {
    for (auto& labels : of_seed) labels = predictions_.test.labels;
  }
  EXPECT_EQ(verdict("relative_mFE(qat_int8) < 1"), Verdict::not_applicable);
  EXPECT_EQ(verdict("recovery(qat_int8, fp32) > 0.5"), Verdict::not_applicable);
}

// Predictions that are right with some chance, so that intervals have a width.
void randomize(Predictions& p, double right_fp32, double right_other) {
  const CounterRng rng(1, "verdicts");
  for (std::uint32_t v = 0; v < p.labels.size(); ++v) {
    for (std::uint32_t s = 0; s < p.labels[v].size(); ++s) {
      for (std::uint32_t c = 0; c < p.labels[v][s].size(); ++c) {
        for (std::uint32_t w = 0; w < p.labels[v][s][c].size(); ++w) {
          const bool right = rng.uniform(v, s, c, w) < (v == 0 ? right_fp32 : right_other);
          p.labels[v][s][c][w] = static_cast<std::uint8_t>(p.test.labels[w] ^ (right ? 0 : 1));
        }
      }
    }
  }
}

// The difference, window by window, on each resample, from its definition.
std::vector<double> oracle_differences(const Predictions& p, int resamples, double claimed) {
  const Resampler resampler(p);
  std::vector<double> all;
  for (int r = 0; r < resamples; ++r) {
    const Weights weights = resampler.draw(static_cast<std::uint32_t>(r));
    double right[2] = {0, 0}, count = 0;
    for (std::size_t s = 0; s < weights.seeds.size(); ++s) {
      for (std::size_t c = 1; c < p.labels[0][s].size(); ++c) {
        for (std::size_t w = 0; w < p.test.labels.size(); ++w) {
          const double weight = weights.seeds[s] * weights.windows[w];
          count += weight;
          for (std::size_t v = 0; v < 2; ++v) {
            right[v] += weight * (p.labels[v][s][c][w] == p.test.labels[w] ? 1 : 0);
          }
        }
      }
    }
    all.push_back((right[1] - right[0]) / count - claimed);
  }
  std::ranges::sort(all);
  return all;
}

TEST_F(Verdicts, DifferencesAndTestsAreThoseOfAPlainBootstrap) {
  randomize(predictions_, 0.7, 0.8);
  for (const double claimed : {-0.1, 0.02, 0.05, 0.08, 0.1, 0.3}) {
    const auto drawn = oracle_differences(predictions_, config_.resamples, claimed);
    const auto judged_claim = judged_one(fmt::format("RA(qat_int8) - RA(fp32) >= {}", claimed));
    const auto n = static_cast<double>(drawn.size());
    EXPECT_NEAR(judged_claim.difference.lo,
                drawn[static_cast<std::size_t>(std::lround(0.025 * (n - 1)))], 1e-12);
    EXPECT_NEAR(judged_claim.difference.hi,
                drawn[static_cast<std::size_t>(std::lround(0.975 * (n - 1)))], 1e-12);
    const auto against =
        static_cast<double>(std::ranges::count_if(drawn, [](double d) { return d < 0; }));
    const double p = std::min(1.0, 2 * (1 + std::min(against, n - against)) / (n + 1));
    ASSERT_TRUE(judged_claim.p_adjusted);
    EXPECT_NEAR(*judged_claim.p_adjusted, p, 1e-12);
    const Verdict expected = p > 0.05          ? Verdict::undecided
                             : against < n / 2 ? Verdict::supported
                                               : Verdict::contradicted;
    EXPECT_EQ(judged_claim.verdict, expected) << claimed;
  }
}

TEST_F(Verdicts, HolmCorrectsOverTheClaimsThatAreTested) {
  config_.resamples = 1000;
  randomize(predictions_, 0.7, 0.8);
  const std::vector<std::string> checks{"RA(qat_int8) - RA(fp32) >= 0.055", "RA(fp32) >= 0.6",
                                        "clean(fp32) <= clean(qat_int8)",
                                        "bytes(fp32) >= bytes(qat_int8)"};
  const auto together = judged(checks);
  std::vector<double> alone;
  for (const std::string& check : checks) {
    const auto one = judged_one(check);
    if (one.p_adjusted) alone.push_back(*one.p_adjusted);
  }
  ASSERT_EQ(alone.size(), 3U);
  const std::vector<double> expected = holm(alone);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(together[i].p_adjusted, expected[i]);
  EXPECT_FALSE(together[3].p_adjusted);
}

TEST_F(Verdicts, ManyClaimsAreDrawnOftenEnoughToBeDecided) {
  const auto all = judged(std::vector<std::string>(30, "clean(fp32) >= clean(qat_int8)"));
  for (const JudgedClaim& claim : all) EXPECT_EQ(claim.verdict, Verdict::supported);
}

TEST_F(Verdicts, ThreadsDoNotMatter) {
  randomize(predictions_, 0.7, 0.8);
  const std::vector<std::string> checks{"f1(fp32, gaussian) >= 0.5", "ece(fp32) < 0.5",
                                        "RA(qat_int8, 3) > RA(fp32, 3)"};
  const auto one = judged(checks, 1), two = judged(checks, 2);
  for (std::size_t i = 0; i < checks.size(); ++i) {
    EXPECT_EQ(one[i].difference.lo, two[i].difference.lo);
    EXPECT_EQ(one[i].p_adjusted, two[i].p_adjusted);
  }
}

}  // namespace
}  // namespace edgeproof::results
