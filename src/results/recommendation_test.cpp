#include "results/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "results/recommendation_text.h"
#include "results/results_testing.h"
#include "results/summary_text.h"

namespace edgeproof::results {
namespace {

using testing::Contains;
using testing::HasSubstr;

experiment::Costs costs(double bytes, double us = 10) {
  return {.weight_bytes = bytes, .latency_us = us};
}

// Clean and faulty accuracy of fp32 and others, by name.
struct Model {
  std::string name;
  double clean, robust;
  experiment::Costs costs;
};

Recommendation recommended(const std::vector<Model>& models,
                           const std::map<std::string, std::string>& recipes = {}) {
  std::vector<std::pair<double, double>> right;
  std::vector<experiment::Costs> all_costs;
  for (const Model& model : models) {
    right.emplace_back(model.clean, model.robust);
    all_costs.push_back(model.costs);
  }
  Predictions p = coin_flips(right, 3000, 3000);
  for (std::size_t v = 0; v < models.size(); ++v) p.variants[v] = models[v].name;
  return summary_of(p, recipes, all_costs).recommendation;
}

// In edgeproof 0.1.0 the page named fault_qat_int8 here, for the better one is a control arm.
TEST(Recommendation, AControlArmMayBeShipped) {
  const Recommendation r = recommended({{"fp32", 0.95, 0.6, costs(400)},
                                        {"fault_ptq_int8", 0.964, 0.9, costs(100)},
                                        {"fault_qat_int8", 0.95, 0.82, costs(100)}});
  EXPECT_EQ(r.ship, "fault_ptq_int8");
  EXPECT_FALSE(r.of("fault_qat_int8").ties);
  EXPECT_LT(r.of("fault_qat_int8").behind.hi, 0);
  ASSERT_EQ(r.against_fp32.size(), 2u);
  EXPECT_GT(r.against_fp32[1].difference.lo, 0);  // robust
}

TEST(Recommendation, OfThoseThatTieTheSmallestIsChosen) {
  const std::map<std::string, std::string> tiny{
      {"tiny", "train > prune(ratio=0.6) > finetune > ptq"},
      {"bad", "train > prune(ratio=0.9) > finetune > ptq"}};
  const Recommendation r = recommended({{"fp32", 0.95, 0.6, costs(400)},
                                        {"qat_int8", 0.95, 0.901, costs(100, 8)},
                                        {"ptq_int8", 0.95, 0.9, costs(100.5, 4)},
                                        {"tiny", 0.95, 0.9, costs(40, 6)},
                                        {"bad", 0.95, 0.7, costs(10, 2)}},
                                       tiny);
  EXPECT_EQ(r.ship, "tiny");
  EXPECT_EQ(r.fastest, "ptq_int8");
  const auto lines = recommendation_sentences(r);
  EXPECT_THAT(lines.front(), HasSubstr("Ship tiny: the smallest of 3 that tie under faults"));
  EXPECT_THAT(lines, Contains(HasSubstr("ptq_int8 ties too and is faster: 4.0 us instead of 6.0")));
  EXPECT_THAT(lines, Contains(HasSubstr("Not decided: whether tiny is better under faults than")));
  const auto json = nlohmann::json::parse(recommendation_json(r, {"a note"}));
  EXPECT_EQ(json["ship"], "tiny");
  EXPECT_EQ(json["ranked_by"], "robust_accuracy");
  EXPECT_EQ(json["candidates"].size(), 4u);
  EXPECT_EQ(json["notes"][0], "a note");
}

TEST(Recommendation, OfEquallySmallOnesTheMoreRobustIsChosen) {
  const Recommendation r = recommended({{"fp32", 0.95, 0.6, costs(400)},
                                        {"ptq_int8", 0.95, 0.895, costs(99)},
                                        {"qat_int8", 0.95, 0.9, costs(100)}});
  EXPECT_EQ(r.ship, r.best);
  EXPECT_TRUE(r.of("ptq_int8").ties);
  EXPECT_TRUE(r.fastest.empty());
}

TEST(Recommendation, NothingIsShippedThatIsNoBetterThanAConstantAnswer) {
  const Recommendation r =
      recommended({{"fp32", 0.95, 0.6, costs(400)}, {"ptq_int8", 0.9, 0.5, costs(100)}});
  EXPECT_EQ(r.ship, "");
  EXPECT_THAT(
      recommendation_sentences(r).front(),
      HasSubstr("Ship none: under faults ptq_int8, the best of 1, is no better than always"));
  EXPECT_TRUE(nlohmann::json::parse(recommendation_json(r, {}))["ship"].is_null());
}

TEST(Recommendation, WithoutIntegerVariantsFp32IsTheCandidate) {
  const Recommendation r = recommended({{"fp32", 0.95, 0.8, costs(400)}});
  EXPECT_EQ(r.ship, "fp32");
  EXPECT_TRUE(r.against_fp32.empty());
}

TEST(Recommendation, UnbalancedClassesAreRankedByBalancedAccuracy) {
  Predictions p = coin_flips({{1, 1}, {1, 1}, {1, 1}}, 400, 400);
  p.variants = {"fp32", "ptq_int8", "qat_int8"};
  for (std::size_t w = 0; w < 400; ++w) {
    p.test.labels[w] = static_cast<std::uint8_t>(w % 10 == 0);  // one in ten is of class b
    for (std::size_t s = 0; s < 3; ++s) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::uint8_t truth = p.test.labels[w];
        p.labels[0][s][c][w] = truth;
        p.labels[1][s][c][w] = 0;                       // right on nine tenths
        p.labels[2][s][c][w] = w % 4 == 1 ? 1 : truth;  // on fewer, but finds every b
      }
    }
  }
  const Summary summary = summary_of(p, {}, {costs(400), costs(100), costs(100)});
  EXPECT_EQ(summary.recommendation.ship, "qat_int8");
  EXPECT_EQ(summary.recommendation.ranking.robust, experiment::Metric::robust_balanced);
  EXPECT_THAT(recommendation_sentences(summary.recommendation).front(),
              HasSubstr("Classes are unbalanced"));
  const std::string table = render(summary, Format::table);
  EXPECT_THAT(table, HasSubstr("robust balanced accuracy"));
  EXPECT_THAT(table, HasSubstr("\nmajority_class"));
  EXPECT_THAT(table, HasSubstr("! no better than always answering 'a', the majority class"));
}

// Whatever models answer, no text of the results has a number that is none.
RC_GTEST_PROP(Recommendation, NoTableHasNanOrInf, ()) {
  const auto windows = *rc::gen::inRange<std::size_t>(2, 12);
  const auto classes = *rc::gen::inRange<std::uint8_t>(1, 4);
  Predictions p;
  for (int c = 0; c < classes; ++c) p.test.classes.push_back(std::string(1, "pqrs"[c]));
  const auto label = rc::gen::inRange<std::uint8_t>(0, classes);
  p.test.labels = *rc::gen::container<std::vector<std::uint8_t>>(windows, label);
  for (std::size_t w = 0; w < windows; ++w) p.test.groups.push_back(*rc::gen::inRange(0, 3));
  p.faults = {"gaussian", "bias"};
  p.severities = {1, 5};
  p.seeds = 2;
  p.variants = {"fp32", "ptq_int8", "qat_int8"};
  for (std::size_t v = 0; v < p.variants.size(); ++v) {
    auto& of_variant = p.labels.emplace_back();
    const int kind = *rc::gen::inRange(0, 3);  // always right, constant, anything
    for (int s = 0; s < p.seeds; ++s) {
      auto& of_seed = of_variant.emplace_back();
      for (int c = 0; c < 5; ++c) {
        of_seed.push_back(kind == 0 ? p.test.labels
                          : kind == 1
                              ? std::vector<std::uint8_t>(windows, 0)
                              : *rc::gen::container<std::vector<std::uint8_t>>(windows, label));
      }
    }
  }
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const double latency = *rc::gen::element(4.0, kNone);
  const Summary summary = summary_of(p, {}, {costs(4), costs(1, latency), costs(1)});
  const auto expect_numbers = [](const std::string& text) {
    for (const char* none : {"nan", "inf", "NaN", "Inf"}) {
      if (text.find(none) != std::string::npos) RC_FAIL(text);
    }
  };
  for (const Format format : {Format::table, Format::csv, Format::json}) {
    expect_numbers(render(summary, format));
  }
  expect_numbers(recommendation_json(summary.recommendation, {}));
}

}  // namespace
}  // namespace edgeproof::results
