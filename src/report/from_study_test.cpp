#include "report/from_study.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/temp_folder.h"
#include "experiment/config_file.h"
#include "store/store_testing.h"

namespace edgeproof::report {
namespace {

TEST(FromStudy, EveryVariantFaultAndConditionArrives) {
  const TempFolder folder;
  {
    store::Store store = store::finished_study(folder / "study.db");
    store.set_facts({{"claims", experiment::to_toml(std::vector<experiment::Claim>{
                                    {.text = "better", .check = "RA(qat_int8) >= RA(fp32)"},
                                    {.check = "bytes(fp32) <= 100", .source = "me"}})}});
    const ReportData data = from_study(results::summarize(store, 1), store);
    EXPECT_EQ(data.study, "made up");
    EXPECT_EQ(data.variants.size(), 2U);
    EXPECT_EQ(data.faults.size(), 5U);
    EXPECT_EQ(data.results.size(), 2U * 26);
    EXPECT_EQ(data.fault_summaries.size(), 2U * 5);
    EXPECT_EQ(data.variants[1].layers.size(), 2U);  // int8: its clip rates
    EXPECT_TRUE(data.variants[0].layers.empty());
    const Result& worst = data.results.back();  // qat_int8, last fault, severity 5
    EXPECT_EQ(worst.severity, 5);
    EXPECT_EQ(worst.clip_rates, (std::vector<double>{0, 0.05}));
    EXPECT_EQ(worst.confusion, (std::vector<std::vector<std::int64_t>>{{12, 0}, {0, 12}}));
    ASSERT_EQ(data.agreements.size(), 1U);
    EXPECT_EQ(data.agreements[0].agreeing, 2 * 26 * 12);
    ASSERT_EQ(data.diagnoses.size(), 6U);  // qat_int8: clean and five faults
    EXPECT_EQ(data.diagnoses[0].fault, "");
    EXPECT_EQ(data.diagnoses[5].severity, 5);
    EXPECT_EQ(data.diagnoses[5].sqnr_db, (std::vector<double>{30, 25}));
    EXPECT_EQ(data.diagnoses[5].blamed, 1);
    EXPECT_EQ(data.diagnosis_windows, "8 validation windows");
    EXPECT_EQ(data.comparisons.size(), 2U);
    ASSERT_EQ(data.verdict.size(), 3U);
    EXPECT_EQ(data.verdict[0].substr(0, 14), "Ship qat_int8:");
    EXPECT_EQ(data.baseline.metrics.at("clean_accuracy"), 0.5);
    ASSERT_EQ(data.claims.size(), 2U);
    EXPECT_EQ(data.claims[0].text, "better");
    EXPECT_EQ(data.claims[0].verdict, "supported");
    EXPECT_EQ(data.claims[0].left, "100.0 %");
    EXPECT_EQ(data.claims[0].right, "75.0 %");
    EXPECT_LT(data.claims[0].p_value, 0.05);
    EXPECT_EQ(data.claims[1].source, "me");
    EXPECT_EQ(data.claims[1].verdict, "contradicted");
    EXPECT_EQ(data.claims[1].difference, "+300 bytes");
    EXPECT_NE(data.config_toml.find("bytes(fp32) <= 100"), std::string::npos);
  }
}

TEST(FromStudy, TrainingsHaveTheirCurvesAndWhatTheyLack) {
  const TempFolder folder;
  {
    store::Store store = store::finished_study(folder / "study.db");
    std::vector<store::Job> plan = store.plan();
    std::vector<store::Finished> trained;
    for (const char* name : {"train", "train > qat"}) {
      for (const std::int64_t seed : {1, 2}) {
        const store::JobId id{store::JobKind::training, name, seed};
        const double loss = name == std::string("train") ? 0.2 : 0.61;
        trained.push_back(
            {{id, id.text()},
             store::TrainedModel{
                 "model", 2, {{1, 0.123456, loss + 0.0001, 0.8}, {2, 0.1, loss, 0.9}}}});
        plan.push_back(trained.back().job);
      }
    }
    store.set_plan(plan);
    store.put(trained);
    const ReportData data = from_study(results::summarize(store, 1), store);
    ASSERT_EQ(data.trainings.size(), 2U);
    const Training& first = data.trainings[0];
    EXPECT_EQ(first.recipe, "train");
    EXPECT_EQ(first.variants, (std::vector<std::string>{"fp32", "qat_int8"}));
    EXPECT_TRUE(first.notes.empty());
    ASSERT_EQ(first.curves.size(), 2U);
    EXPECT_EQ(first.curves[1].seed, 2U);
    EXPECT_EQ(first.curves[1].kept_epoch, 2);
    EXPECT_EQ(first.curves[1].train_loss, (std::vector<double>{0.1235, 0.1}));
    EXPECT_EQ(first.curves[1].validation_loss, (std::vector<double>{0.2001, 0.2}));
    EXPECT_EQ(data.trainings[1].marks, (std::vector<std::string>{"worse than before"}));
    ASSERT_EQ(data.trainings[1].notes.size(), 1U);
    EXPECT_NE(data.trainings[1].notes[0].find("which it goes on from: validation loss 0.610"),
              std::string::npos);
    EXPECT_EQ(data.training_lengths.substr(0, 60),
              "100 windows in batches of 8: 13 optimizer steps an epoch. 90");
  }
}

TEST(FromStudy, SaysWhatAStudyIsAboutAndHowFarItIsBeforeThereAreResults) {
  const TempFolder folder;
  {
    const store::Store store = store::finished_study(folder / "study.db");
    const ReportData data = without_results(store);
    EXPECT_EQ(data.study, "made up");
    EXPECT_FALSE(data.seeds.empty());
    EXPECT_TRUE(data.variants.empty());
    EXPECT_FALSE(data.progress);
    const RunProgress progress = progress_of(store);
    EXPECT_GT(progress.as_of, 1.7e9);
    ASSERT_FALSE(progress.jobs.empty());
    for (const JobCount& jobs : progress.jobs) EXPECT_EQ(jobs.done, jobs.total) << jobs.kind;
    EXPECT_TRUE(progress.running.empty());
  }
}

}  // namespace
}  // namespace edgeproof::report
