#include "results/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/temp_folder.h"
#include "experiment/config_file.h"
#include "results/study_files.h"
#include "results/summary_text.h"
#include "store/store_testing.h"

namespace edgeproof::results {
namespace {

using testing::HasSubstr;
using testing::Not;

class SummaryTest : public testing::Test {
 protected:
  TempFolder folder_;
};

TEST_F(SummaryTest, JsonHasTheKeysThatScriptsRead) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const auto rows = nlohmann::json::parse(render(summarize(store, 1), Format::json));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2]["variant"], "majority_class");
  EXPECT_EQ(rows[2]["clean_accuracy"], 0.5);
  for (const experiment::MetricInfo& metric : experiment::sampled_metrics()) {
    for (const char* end : {"", "_lo", "_hi"})
      EXPECT_TRUE(rows[0].contains(std::string(metric.key) + end)) << metric.key;
  }
  EXPECT_EQ(rows[0]["variant"], "fp32");
  EXPECT_EQ(rows[0]["clean_accuracy"], 1.0);
  EXPECT_NEAR(rows[0]["robust_accuracy"], 1 - 3.0 / 12, 1e-9);  // mean severity 3 of 12 windows
  EXPECT_EQ(rows[1]["robust_accuracy"], 1.0);
  EXPECT_EQ(rows[1]["mfe"], 0.0);
  EXPECT_NEAR(rows[0]["flip_rate"], 3.0 / 12, 1e-9);
  EXPECT_EQ(rows[1]["flip_rate"], 0.0);
  EXPECT_EQ(rows[1]["latency_us"], 2.0);
  EXPECT_EQ(rows[1]["weight_bytes"], 100);
  EXPECT_EQ(rows[1]["coded_weight_bytes"], 80);
  EXPECT_EQ(rows[1]["arena_bytes"], 64);
  // Only two of the three subjects differ: drawing the third alone is likely enough to call it a
  // tie.
  EXPECT_EQ(rows[1]["robust_ties_with_fp32"], true);
}

TEST_F(SummaryTest, TablesOfResultsHoldNothingThatIsMeasured) {
  const store::Store store = store::finished_study(folder_ / "study.db");
  const Summary summary = summarize(store, 1);
  EXPECT_THAT(render(summary, Format::csv), HasSubstr("latency_us"));
  EXPECT_THAT(render(summary, Format::csv),
              HasSubstr(",weight_bytes,coded_weight_bytes,arena_bytes,macs,"
                        "beats_majority_class\n"));
  EXPECT_THAT(render(summary, Format::csv), HasSubstr(",100,80,64,1000,true\n"));
  EXPECT_THAT(render(summary, Format::table), HasSubstr(" weights   coded   arena"));
  EXPECT_THAT(render(summary, Format::table), HasSubstr(" 100      80      64"));
  EXPECT_THAT(render(summary, Format::csv), HasSubstr(",flip_rate,flip_rate_lo,flip_rate_hi,"));
  EXPECT_THAT(render(summary, Format::table), HasSubstr("flip rate %"));
  EXPECT_THAT(render(summary, Format::csv, false), Not(HasSubstr("latency")));
  const std::string results = results_csv(summary, store);
  EXPECT_EQ(std::count(results.begin(), results.end(), '\n'), 1 + 2 * 2 * 26);
  EXPECT_THAT(results, HasSubstr("\nfp32,2,drift,3,0,0.750000,"));
}

TEST_F(SummaryTest, ALatencyOfABusyMachineIsMarkedUntilItIsTimedAgain) {
  store::Store store = store::finished_study(folder_ / "study.db");
  EXPECT_THAT(render(summarize(store, 1), Format::table), Not(HasSubstr("busy")));
  std::vector<store::Job> plan = store.plan();
  store::Job timed;
  for (store::Job& job : plan) {
    if (job.id.kind != store::JobKind::latency || job.id.name != "fp32") continue;
    job.key = "busy";
    timed = job;
  }
  store.set_plan(plan);
  store.put(std::vector<store::Finished>{{timed, store::Latency{9.4, 12, 1000, true}}});
  const Summary busy = summarize(store, 1);
  EXPECT_THAT(render(busy, Format::table), HasSubstr(" 9.4? "));
  EXPECT_THAT(render(busy, Format::table), HasSubstr("\n? timed while the machine was busy"));
  EXPECT_THAT(render(busy, Format::table), Not(HasSubstr("2.0?")));
  EXPECT_THAT(render(busy, Format::csv), HasSubstr(",9.400,12.000,1,"));
  EXPECT_THAT(render(busy, Format::csv), HasSubstr(",2.000,5.000,0,"));
  const auto rows = nlohmann::json::parse(render(busy, Format::json));
  EXPECT_EQ(rows[0]["latency_disturbed"], true);
  EXPECT_EQ(rows[1]["latency_disturbed"], false);
  EXPECT_EQ(store.forget_disturbed(), 1);
  EXPECT_EQ(store.forget_disturbed(), 0);
  EXPECT_FALSE(store.has(timed));
  EXPECT_EQ(store.latency("qat_int8")->median_us, 2);
}

// fp32 is right wherever it is asked: there is nothing to divide by.
TEST_F(SummaryTest, AnUndefinedMetricIsADashAnEmptyFieldOrNull) {
  store::Store store = store::finished_study(folder_ / "study.db");
  std::vector<store::Finished> evaluations;
  for (const store::Job& job : store.plan()) {
    if (job.id.kind != store::JobKind::evaluation || job.id.name != "fp32") continue;
    store::Evaluation right = store.evaluation("fp32", job.id.seed, job.id.condition());
    right.labels = store.test_set().labels;
    evaluations.push_back({{job.id, job.key + " right"}, right});
  }
  std::vector<store::Job> plan = store.plan();
  for (store::Job& job : plan) {
    if (job.id.kind == store::JobKind::evaluation && job.id.name == "fp32") job.key += " right";
  }
  store.set_plan(plan);
  store.put(evaluations);
  const Summary summary = summarize(store, 1);
  EXPECT_EQ(summary.error_free_faults, summary.predictions.faults);
  const auto rows = nlohmann::json::parse(render(summary, Format::json));
  EXPECT_TRUE(rows[1]["mfe"].is_null());
  EXPECT_EQ(rows[1]["mfe_leaves_out"], nlohmann::json(summary.predictions.faults));
  const std::string csv = render(summary, Format::csv);
  EXPECT_THAT(csv, Not(HasSubstr("nan")));
  EXPECT_THAT(csv, Not(HasSubstr("inf")));
  EXPECT_THAT(csv, HasSubstr(",,,,,,,"));  // mFE and relative mFE, with their intervals
  const std::string table = render(summary, Format::table);
  EXPECT_THAT(table, Not(HasSubstr("nan")));
  EXPECT_THAT(table, HasSubstr("mFE leaves out gaussian, "));
}

TEST_F(SummaryTest, OfAnUnfinishedStudyWhatIsThereIsTold) {
  store::Store store = store::finished_study(folder_ / "study.db");
  EXPECT_TRUE(summarize_unfinished(store, 1).missing.empty());
  std::vector<store::Job> plan = store.plan();
  for (store::Job& job : plan) {
    const bool drift = job.id.kind == store::JobKind::evaluation &&
                       job.id.condition() == experiment::Condition{"drift", 5, 0};
    const bool timed = job.id.kind == store::JobKind::latency && job.id.name == "fp32";
    if (drift || timed) job.key = "not there";
  }
  store.set_plan(plan);
  EXPECT_THROW(summarize(store, 1), Error);
  const Summary some = summarize_unfinished(store, 1);
  EXPECT_THAT(some.missing, testing::ElementsAre("faults drift", "latencies"));
  EXPECT_THAT(some.predictions.faults, testing::Not(testing::Contains("drift")));
  EXPECT_EQ(some.predictions.faults.size(), 4U);
  EXPECT_EQ(some.rows.size(), 2U);
  EXPECT_TRUE(std::isnan(some.rows[0].latency.median_us));
  for (store::Job& job : plan) {
    if (job.id.name == "qat_int8" && job.id.condition().severity == 0) job.key = "not there";
  }
  store.set_plan(plan);
  EXPECT_THAT(summarize_unfinished(store, 1).missing,
              testing::ElementsAre("variants qat_int8", "faults drift", "latencies"));
  store.set_plan({});
  EXPECT_THROW(summarize_unfinished(store, 1), Error);
}

TEST_F(SummaryTest, ATrainingThatHasNotConvergedIsNamedBelowTheTable) {
  store::Store store = store::finished_study(folder_ / "study.db");
  const std::string before = render(summarize(store, 1), Format::table);
  EXPECT_THAT(before, Not(HasSubstr("Training: ")));
  std::vector<store::Job> plan = store.plan();
  const store::JobId id{store::JobKind::training, "train", 1};
  plan.push_back({id, id.text()});
  store.set_plan(plan);
  store.put(std::vector<store::Finished>{
      {plan.back(), store::TrainedModel{"model", 2, {{1, 0.9, 0.9, 0.5}, {2, 0.5, 0.5, 0.9}}}}});
  EXPECT_THAT(render(summarize(store, 1), Format::table),
              HasSubstr("\nTraining: 'train' (fp32, qat_int8) has not converged: its validation "
                        "loss still fell by 0.40 in the second half of 2 epochs, with 1 of 1 "
                        "seeds; longer training ('steps' or 'epochs' in [train]) may help.\n"));
}

TEST_F(SummaryTest, AStudyThatIsNotFinishedSaysSo) {
  store::Store store(folder_ / "study.db");
  EXPECT_THROW(summarize(store, 1), Error);
  store.set_facts({{"config", experiment::to_toml(experiment::Config())}});
  try {
    summarize(store, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("not finished"));
  }
}

}  // namespace
}  // namespace edgeproof::results
