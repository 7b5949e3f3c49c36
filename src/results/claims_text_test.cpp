#include "results/claims_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace edgeproof::results {
namespace {

using testing::HasSubstr;

const JudgedClaim kDrawn{.claim = {"QAT | \"best\"", "RA(a) > RA(b)", "someone", ""},
                         .quantity = experiment::Quantity::share,
                         .left = 0.734,
                         .right = 0.72,
                         .difference = {0.014, -0.001, 0.03},
                         .p_adjusted = 0.2,
                         .verdict = Verdict::undecided,
                         .reason = ""};
const JudgedClaim kExact{.claim = {"", "bytes(a) < 9", "", ""},
                         .quantity = experiment::Quantity::bytes,
                         .left = 4,
                         .right = 9,
                         .difference = {-5, -5, -5},
                         .p_adjusted = {},
                         .verdict = Verdict::supported,
                         .reason = ""};
const JudgedClaim kNothing{.claim = {"", "accuracy(a, hum) > 0.5", "", ""},
                           .quantity = experiment::Quantity::share,
                           .verdict = Verdict::not_applicable,
                           .reason = "no hum"};

TEST(ClaimsText, ADifferenceHasAnIntervalUnlessItIsExact) {
  EXPECT_EQ(difference_text(kDrawn), "+1.4 [-0.1, +3.0] points");
  EXPECT_EQ(difference_text(kExact), "-5 bytes");
}

TEST(ClaimsText, TheTableHasVerdictCheckAndFinding) {
  const std::string table = claims_table({kDrawn, kExact, kNothing});
  EXPECT_THAT(table, HasSubstr("undecided       QAT | \"best\" (someone)\n"));
  EXPECT_THAT(table,
              HasSubstr("73.4 % against 72.0 %, difference +1.4 [-0.1, +3.0] points, p = 0.200"));
  EXPECT_THAT(table, HasSubstr("supported       bytes(a) < 9\n"));
  EXPECT_THAT(table, HasSubstr("not applicable  accuracy(a, hum) > 0.5\n                no hum\n"));
}

TEST(ClaimsText, AMarkdownRowHasTheSameCheckOfAllStudies) {
  const std::string text =
      claims_markdown({{"one", {kDrawn, kNothing}}, {"t|wo", {kExact, kDrawn}}});
  EXPECT_THAT(text, HasSubstr("| claim | check | one | t\\|wo |\n|---|---|---|---|\n"));
  EXPECT_THAT(text, HasSubstr("| QAT \\| \"best\" | `RA(a) > RA(b)` | **undecided** 73.4 % against "
                              "72.0 %: +1.4 [-0.1, +3.0] points |"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "| bytes(a) < 9 | `bytes(a) < 9` | | **supported** 4 bytes against 9 bytes: -5 bytes |"));
  EXPECT_THAT(text, HasSubstr("not applicable: no hum | |"));
}

TEST(ClaimsText, MarkdownSaysWhatItIsAbout) {
  experiment::Config config;
  Predictions p;
  p.test.labels = {0, 1, 0};
  p.test.groups = {4, 4, 7};
  p.faults = {"drift", "bias"};
  p.severities = {2, 4};
  p.seeds = 3;
  const std::string about = about_study(config, p, {.train_epochs = 20, .finetune_epochs = 8});
  EXPECT_THAT(about,
              HasSubstr("3 seeds; 3 test windows of 2 groups; drift, bias at severities 2, 4"));
  EXPECT_THAT(about, HasSubstr("network cnn, 20 epochs of FP32 training, 8 of each further one"));
  EXPECT_THAT(claims_markdown({{"one", {kDrawn}, about}}), HasSubstr("\n- one: 3 seeds; "));
}

TEST(ClaimsText, JsonAndCsvHaveEveryNumber) {
  const auto json = nlohmann::json::parse(claims_json({{"one", {kDrawn, kExact, kNothing}}}));
  ASSERT_EQ(json.size(), 3U);
  EXPECT_EQ(json[0]["study"], "one");
  EXPECT_EQ(json[0]["difference_hi"], 0.03);
  EXPECT_EQ(json[0]["p_adjusted"], 0.2);
  EXPECT_TRUE(json[1]["p_adjusted"].is_null());
  EXPECT_EQ(json[2]["reason"], "no hum");
  const std::string csv = claims_csv({{"one", {kDrawn, kExact, kNothing}}});
  EXPECT_THAT(csv, HasSubstr("\"one\",\"RA(a) > RA(b)\",undecided,0.734000,0.720000,0.014000,"
                             "-0.001000,0.030000,0.200000,\"QAT | \"\"best\"\"\"\n"));
  EXPECT_THAT(csv, HasSubstr("supported,4.000000,9.000000,-5.000000,-5.000000,-5.000000,,\"\"\n"));
  EXPECT_THAT(csv, HasSubstr("not applicable,,,,,,,\"\"\n"));
}

}  // namespace
}  // namespace edgeproof::results
