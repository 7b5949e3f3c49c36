#include "results/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "experiment/metrics.h"
#include "results/results_testing.h"

namespace edgeproof::results {
namespace {

using experiment::Metric;

TEST(Statistics, PointEstimatesAreMeansOverSeedsAndConditions) {
  const Predictions p = coin_flips({{0.9, 0.6}}, 400, 4);
  const auto s = statistics_of(p, {}, 100, 1).variants.front();
  double clean = 0, robust = 0;
  for (const auto& of_seed : p.labels[0]) {
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t w = 0; w < 400; ++w) {
        const double right = of_seed[c][w] == p.test.labels[w] ? 1 : 0;
        (c == 0 ? clean : robust) += right / (c == 0 ? 1200 : 2400);
      }
    }
  }
  EXPECT_NEAR(s.metrics.at(Metric::clean).value, clean, 1e-12);
  EXPECT_NEAR(s.metrics.at(Metric::robust_accuracy).value, robust, 1e-12);
  EXPECT_NEAR(s.metrics.at(Metric::worst_fault).value, robust, 1e-12);  // there is one fault
  EXPECT_NEAR(s.metrics.at(Metric::mfe).value, 1, 1e-12);               // fp32 against itself
  EXPECT_NEAR(s.metrics.at(Metric::relative_mfe).value, 1, 1e-12);
}

// The first of two classes has three times the windows: a third of what is right under faults there
// counts as much as all of it elsewhere.
TEST(Statistics, BalancedAccuracyIsTheMeanOfTheClassesRecalls) {
  Predictions p;
  p.test.classes = {"common", "rare", "absent"};
  p.test.labels = {0, 0, 0, 1};
  p.test.groups = {0, 1, 2, 3};
  p.faults = {"gaussian"};
  p.severities = {1, 2};
  p.seeds = 1;
  p.variants = {"fp32"};
  p.labels = {{{{0, 0, 0, 1}, {0, 0, 0, 0}, {0, 1, 1, 1}}}};
  const auto s = statistics_of(p, {}, 100, 1).variants.front();
  EXPECT_NEAR(s.metrics.at(Metric::balanced).value, 1, 1e-12);
  EXPECT_NEAR(s.metrics.at(Metric::robust_balanced).value, (0.5 + (1 / 3.0 + 1) / 2) / 2, 1e-12);
  EXPECT_NEAR(s.metrics.at(Metric::robust_accuracy).value, (0.75 + 0.5) / 2, 1e-12);
}

TEST(Statistics, FlipRateIsOfTheVariantsOwnCleanLabels) {
  const Predictions p = coin_flips({{0.9, 0.6}, {0.7, 0.7}}, 400, 4);
  const auto all = statistics_of(p, {}, 100, 1).variants;
  for (std::size_t v = 0; v < 2; ++v) {
    double flips = 0;
    for (const auto& of_seed : p.labels[v]) {
      for (std::size_t c = 1; c < 3; ++c)
        flips += experiment::flip_rate(of_seed[c], of_seed[0]) / 6;
    }
    const Interval found = all[v].metrics.at(Metric::flip_rate);
    EXPECT_NEAR(found.value, flips, 1e-12);
    EXPECT_LT(found.lo, flips);
    EXPECT_GT(found.hi, flips);
  }
}

// A fault that costs FP32 nothing would make the ratio anything.
TEST(Statistics, RelativeErrorIsOverFaultsThatCostSomething) {
  const Predictions p = coin_flips({{0.9, 0.9}}, 4000, 4);
  EXPECT_TRUE(std::isnan(
      statistics_of(p, {}, 100, 1).variants.front().metrics.at(Metric::relative_mfe).value));
}

// Two faults, of which the second misleads no fp32: the first alone says what a variant's mean is.
// Seven seeds, because seven times a seventh is not 1.
TEST(Statistics, FaultErrorIsOverFaultsThatMisleadTheReference) {
  Predictions p;
  p.test.classes = {"a", "b"};
  for (int w = 0; w < 100; ++w) {
    p.test.labels.push_back(static_cast<std::uint8_t>(w % 2));
    p.test.groups.push_back(w);
  }
  p.faults = {"gaussian", "bias"};
  p.severities = {1, 5};
  p.seeds = 7;
  p.variants = {"fp32", "worse"};
  const auto wrong_on = [&](int windows) {
    std::vector<std::uint8_t> labels = p.test.labels;
    for (int w = 0; w < windows; ++w) labels[static_cast<std::size_t>(w)] ^= 1;
    return labels;
  };
  const auto study = [&](int gaussian) {
    p.labels = {{}, {}};
    for (int s = 0; s < p.seeds; ++s) {
      p.labels[0].push_back(
          {wrong_on(0), wrong_on(gaussian), wrong_on(gaussian), wrong_on(0), wrong_on(0)});
      p.labels[1].push_back(
          {wrong_on(0), wrong_on(2 * gaussian), wrong_on(2 * gaussian), wrong_on(7), wrong_on(7)});
    }
    return statistics_of(p, {}, 200, 2);
  };
  const Statistics some = study(20);
  EXPECT_EQ(some.error_free_faults, std::vector<std::string>{"bias"});
  const Interval of_some = some.variants[1].metrics.at(Metric::mfe);
  EXPECT_NEAR(of_some.value, 2, 1e-12);
  EXPECT_TRUE(std::isfinite(of_some.lo));
  EXPECT_TRUE(std::isfinite(of_some.hi));
  const Statistics none = study(0);
  EXPECT_EQ(none.error_free_faults, p.faults);
  for (const VariantStatistics& s : none.variants) {
    const Interval mfe = s.metrics.at(Metric::mfe);
    EXPECT_TRUE(std::isnan(mfe.value) && std::isnan(mfe.lo) && std::isnan(mfe.hi)) << s.variant;
  }
}

// Windows that are drawn independently: the interval's half width must be near 1.96 binomial
// standard errors of the pooled windows, within what 2,000 resamples and three seeds leave open.
TEST(Statistics, IntervalOfIndependentWindowsIsTheBinomialOne) {
  const Predictions p = coin_flips({{0.8, 0.8}}, 900, 900);
  const auto s = statistics_of(p, {}, 2000, 2).variants.front();
  const double expected = 1.96 * std::sqrt(0.8 * 0.2 / (900 * 3));
  const double half_width = (s.metrics.at(Metric::clean).hi - s.metrics.at(Metric::clean).lo) / 2;
  EXPECT_GT(half_width, 0.8 * expected);
  EXPECT_LT(half_width, 2.2 * expected);  // seeds resampled too, and windows shared by seeds
}

TEST(Statistics, FewSubjectsWidenTheInterval) {
  // Each of four subjects is either always right or always wrong.
  Predictions p = coin_flips({{1, 1}}, 400, 4);
  for (auto& of_seed : p.labels[0]) {
    for (auto& labels : of_seed) {
      for (std::size_t w = 0; w < 100; ++w) labels[w] = static_cast<std::uint8_t>(1 - labels[w]);
    }
  }
  const auto s = statistics_of(p, {}, 2000, 2).variants.front();
  EXPECT_NEAR(s.metrics.at(Metric::clean).value, 0.75, 1e-12);
  EXPECT_LE(s.metrics.at(Metric::clean).lo, 0.25);
  EXPECT_EQ(s.metrics.at(Metric::clean).hi, 1);
}

TEST(Statistics, DifferencesArePairedAndTiesAreTies) {
  const auto s = statistics_of(
      coin_flips({{0.9, 0.6}, {0.9, 0.6}, {0.9, 0.8}}, 600, 6),
      {{"variant1", "fp32"}, {"variant2", "fp32"}, {"variant1", "variant2"}}, 1000, 2);
  ASSERT_EQ(s.comparisons.size(), 6U);
  EXPECT_TRUE(s.comparisons[3].tie);  // all are as good on clean data
  EXPECT_EQ(s.comparisons[3].metric, Metric::clean);
  EXPECT_NEAR(
      s.comparisons[5].difference.value,
      s.variants[1].metrics.at(Metric::clean).value - s.variants[2].metrics.at(Metric::clean).value,
      1e-12);
  EXPECT_TRUE(s.comparisons[0].tie);
  EXPECT_FALSE(s.comparisons[1].tie);
  EXPECT_GT(s.comparisons[1].difference.lo, 0);
  EXPECT_LT(s.comparisons[2].difference.hi, 0);
  EXPECT_LT(s.variants[2].metrics.at(Metric::mfe).hi, 1);
}

TEST(Statistics, ThreadsDoNotMatter) {
  const Predictions p = coin_flips({{0.9, 0.6}, {0.8, 0.7}}, 200, 5);
  const auto a = statistics_of(p, {}, 200, 1).variants[1],
             b = statistics_of(p, {}, 200, 2).variants[1];
  EXPECT_EQ(a.metrics.at(Metric::robust_accuracy).lo, b.metrics.at(Metric::robust_accuracy).lo);
  EXPECT_EQ(a.metrics.at(Metric::mfe).hi, b.metrics.at(Metric::mfe).hi);
}

// R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") gives 0.03 0.06 0.06 0.02
TEST(Statistics, HolmIsWhatRPrints) {
  const auto adjusted = holm({0.01, 0.04, 0.03, 0.005});
  const std::vector<double> expected = {0.03, 0.06, 0.06, 0.02};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12);
}

// statsmodels 0.15: multipletests([0.02, 0.001, 0.04, 0.04, 0.8, 0.0004], method="holm")[1], with
// ties and a value that an earlier one raises.
TEST(Statistics, HolmIsWhatStatsmodelsPrints) {
  const auto adjusted = holm({0.02, 0.001, 0.04, 0.04, 0.8, 0.0004});
  const std::vector<double> expected = {0.08, 0.005, 0.12, 0.12, 0.8, 0.0024};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12);
  EXPECT_EQ(holm({0.6, 0.7}), (std::vector<double>{1, 1}));
  EXPECT_TRUE(holm({}).empty());
}

// NumPy 2.4: numpy.quantile(numpy.sin(numpy.arange(1, 202)), [0.025, 0.975], method="nearest")
TEST(Statistics, IntervalIsWhatNumpyPrints) {
  std::vector<double> resampled;
  for (int i = 1; i <= 201; ++i) resampled.push_back(std::sin(i));
  const Interval found = interval(0.5, resampled);
  EXPECT_EQ(found.value, 0.5);
  EXPECT_NEAR(found.lo, -0.99717102339214903, 1e-15);
  EXPECT_NEAR(found.hi, 0.99646917312177374, 1e-15);
}

// Of 99 resamples, k on the other side of zero: 2 (k + 1) / 100. One at zero is on both sides.
TEST(Statistics, PValueCountsTheRarerSide) {
  std::vector<double> differences(99, 1.0);
  EXPECT_NEAR(p_value(differences), 0.02, 1e-12);
  differences[0] = differences[1] = differences[2] = -1;
  EXPECT_NEAR(p_value(differences), 0.08, 1e-12);
  differences[3] = 0;
  EXPECT_NEAR(p_value(differences), 0.10, 1e-12);
  for (double& d : differences) d = -d;
  EXPECT_NEAR(p_value(differences), 0.10, 1e-12);
  EXPECT_EQ(p_value(std::vector<double>(99, 0.0)), 1);
}

TEST(Statistics, BreakingPointInterpolates) {
  const std::vector<std::int64_t> severities = {1, 2, 3};
  EXPECT_NEAR(breaking_point(0.9, severities, {0.9, 0.8, 0.5}), 1.5, 1e-9);
  EXPECT_NEAR(breaking_point(0.9, severities, {0.8, 0.7, 0.5}), 0.5, 1e-9);
  EXPECT_TRUE(std::isinf(breaking_point(0.9, severities, {0.9, 0.89, 0.88})));
}

TEST(Metrics, MacroF1CountsAClassNeverPredictedAsZero) {
  // Truth: 2 a, 2 b, 1 c. Predicted: all a.
  const std::vector<std::uint8_t> truth = {0, 0, 1, 1, 2}, predicted = {0, 0, 0, 0, 0};
  const auto confusion = experiment::confusion_matrix(truth, predicted, 3);
  EXPECT_NEAR(experiment::accuracy(confusion, 3), 0.4, 1e-12);
  EXPECT_NEAR(experiment::macro_f1(confusion, 3), (2 * 2.0 / (2 + 5)) / 3, 1e-12);
}

// scikit-learn 1.9, i = numpy.arange(60), truth = i * i % 5,
// predicted = (i * i + (i % 7 == 3) + 2 * (i % 11 == 5)) % 5, in which classes 2 and 3 are only
// predicted: f1_score(truth, predicted, average="macro", labels=numpy.unique(truth))
TEST(Metrics, MacroF1IsWhatScikitLearnPrints) {
  std::vector<std::uint8_t> truth, predicted;
  for (int i = 0; i < 60; ++i) {
    truth.push_back(static_cast<std::uint8_t>(i * i % 5));
    predicted.push_back(
        static_cast<std::uint8_t>((i * i + (i % 7 == 3 ? 1 : 0) + (i % 11 == 5 ? 2 : 0)) % 5));
  }
  EXPECT_NEAR(experiment::macro_f1(experiment::confusion_matrix(truth, predicted, 5), 5),
              0.819935962251432, 1e-14);
}

TEST(Metrics, CalibrationErrorOfAnHonestAndAnOverconfidentModel) {
  const std::vector<std::uint8_t> truth = {0, 1};
  const float sure = 20;
  EXPECT_NEAR(
      experiment::expected_calibration_error(std::vector<float>{sure, 0, 0, sure}, truth, 2), 0,
      1e-6);
  EXPECT_NEAR(
      experiment::expected_calibration_error(std::vector<float>{0, sure, sure, 0}, truth, 2), 1,
      1e-6);
  // Two windows at probability 1/2, one right: perfectly calibrated.
  EXPECT_NEAR(experiment::expected_calibration_error(std::vector<float>{0, 0, 0, 0}, truth, 2), 0,
              1e-6);
}

TEST(Metrics, FlipRateIsTheShareThatDiffers) {
  EXPECT_EQ(experiment::flip_rate(std::vector<std::uint8_t>{0, 1, 2, 1},
                                  std::vector<std::uint8_t>{0, 1, 1, 0}),
            0.5);
}

}  // namespace
}  // namespace edgeproof::results
