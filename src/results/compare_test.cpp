#include "results/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/temp_folder.h"
#include "experiment/config_file.h"
#include "results/gate.h"
#include "store/store_testing.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;
using testing::HasSubstr;

class CompareTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(CompareTest, AStudyIsTheSameAsItself) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const StudyComparison same = compare_studies(store, store, 2);
  ASSERT_EQ(same.changes.size(), 2U * experiment::compared_metrics().size());
  for (const Change& c : same.changes) {
    EXPECT_TRUE(c.tie);
    EXPECT_EQ(c.difference.value, 0);
    EXPECT_EQ(c.difference.lo, 0);
    EXPECT_EQ(c.difference.hi, 0);
  }
}

// The summary's paired comparison of the two variants has the very same interval.
TEST_F(CompareTest, IntervalsAreTheSummarys) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const Summary summary = summarize(store, 1);
  const Predictions& p = summary.predictions;
  const auto changes =
      paired_changes(p, p, {{"fp32", "qat_int8"}}, SeedDraws::shared, summary.config.resamples, 2);
  for (const Comparison& c : summary.comparisons) {
    const auto change = std::ranges::find(changes, c.metric, &Change::metric);
    ASSERT_NE(change, changes.end()) << experiment::info(c.metric).title;
    EXPECT_EQ(change->difference.value, c.difference.value);
    EXPECT_EQ(change->difference.lo, c.difference.lo);
    EXPECT_EQ(change->difference.hi, c.difference.hi);
    EXPECT_EQ(change->tie, c.tie);
  }
  EXPECT_THROW(paired_changes(p, p, {{"fp32", "qat"}}, SeedDraws::shared, 100, 1), Error);
}

// fp32 flips and qat_int8 does not: fewer flips are better.
TEST_F(CompareTest, LessOfWhatIsBetterLowerIsBetter) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const Predictions p = read_predicted(store).predictions;
  auto changes = paired_changes(p, p, {{"fp32", "qat_int8"}}, SeedDraws::shared, 100, 1);
  std::erase_if(changes, [](const Change& c) { return c.metric != Metric::flip_rate; });
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_NEAR(changes[0].difference.value, -3.0 / 12, 1e-9);
  changes[0].tie = false;
  const std::string table = render(StudyComparison{changes, {}, {}}, Format::table);
  EXPECT_THAT(table, HasSubstr("flip rate"));
  EXPECT_THAT(table, HasSubstr("better\n"));
}

TEST_F(CompareTest, OtherTestsAreRefusedByName) {
  const store::Store a = store::finished_study(folder_ / "a.db");
  store::Store b = store::finished_study(folder_ / "b.db");
  const auto message = [&] {
    try {
      compare_studies(a, b, 1);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message(), "");
  b.set_facts({{"data_checksum", "4567"}});
  EXPECT_THAT(message(), HasSubstr("checksums 0123 and 4567"));
  experiment::Config other = stored_config(b);
  other.faults.seed = 2;
  b.set_facts({{"config", experiment::to_toml(other)}});
  EXPECT_THAT(message(), HasSubstr("'[faults] seed = 1' and '[faults] seed = 2'"));
}

TEST_F(CompareTest, GateJudgesByTheUnfavourableEnd) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const Summary summary = summarize(store, 1);
  const Interval robust = summary.rows[0].statistics.metrics.at(Metric::robust_accuracy);
  ASSERT_LT(robust.lo, robust.value);
  Thresholds wanted;
  wanted.metrics = {
      {Metric::robust_accuracy, robust.value}, {Metric::clean, 1}, {Metric::bytes, 399}};
  wanted.drop = 0;
  const auto changes = paired_changes(summary.predictions, summary.predictions,
                                      {{"qat_int8", "fp32"}}, SeedDraws::shared, 100, 1);
  const auto checks = gate(summary, store, {"fp32"}, wanted, changes);
  ASSERT_EQ(checks.size(), 5U);
  EXPECT_TRUE(checks[0].ok);   // clean accuracy is 1
  EXPECT_FALSE(checks[1].ok);  // robust accuracy is, but its lower end is not
  EXPECT_TRUE(checks[2].ok);   // no drop on clean windows
  EXPECT_FALSE(checks[3].ok);
  EXPECT_NEAR(checks[3].found.value, 3.0 / 12, 1e-9);
  EXPECT_LE(checks[3].found.lo, checks[3].found.value);
  EXPECT_GE(checks[3].found.hi, checks[3].found.value);
  EXPECT_FALSE(checks[4].ok);  // 400 bytes
  EXPECT_EQ(checks[4].quantity, experiment::Quantity::bytes);
}

// fp32's mFE is 1 on every resample; qat_int8's is 0.
TEST_F(CompareTest, GateHoldsWhatIsBetterLowerBelowItsThreshold) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  Summary summary = summarize(store, 1);
  Thresholds wanted;
  wanted.metrics = {{Metric::mfe, 0.5}};
  const auto checks = gate(summary, store, {"fp32", "qat_int8"}, wanted, {});
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_FALSE(checks[0].at_least);
  EXPECT_FALSE(checks[0].ok);
  EXPECT_TRUE(checks[1].ok);
  summary.rows[1].statistics.metrics[Metric::mfe] = {};
  EXPECT_FALSE(gate(summary, store, {"qat_int8"}, wanted, {})[0].ok);  // undefined
}

TEST_F(CompareTest, GateTakesTheWorstLayersClipRateOfIntegers) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const Summary summary = summarize(store, 1);
  EXPECT_EQ(deployable_variants(summary.config), std::vector<std::string>{"qat_int8"});
  Thresholds wanted;
  wanted.clip_rate = 0;
  EXPECT_TRUE(gate(summary, store, {"qat_int8"}, wanted, {})[0].ok);
  EXPECT_THROW(gate(summary, store, {"fp32"}, wanted, {}), Error);
  EXPECT_THROW(gate(summary, store, {"qat"}, wanted, {}), Error);
}

}  // namespace
}  // namespace edgeproof::results
