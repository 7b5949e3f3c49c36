#include "engine/model_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "engine/scored_windows.h"
#include "experiment/data.h"
#include "graph/graph_testing.h"
#include "graph/zoo.h"

namespace edgeproof::engine {
namespace {

using testing::ElementsAre;

class ModelEvaluationTest : public testing::Test {
 protected:
  ModelEvaluationTest() {
    config_.window.hop = 512;
    dataset_ = experiment::load_dataset(config_, {});
    deployment_.pipeline = {config_.imputation, signal::training_statistics(dataset_)};
    deployment_.labels = dataset_.source.classes;
    network_ = graph::with_random_parameters(
        graph::cnn({{dataset_.window_length, deployment_.pipeline.input_channels()},
                    static_cast<int>(deployment_.labels.size())}),
        1);
  }
  ModelEvaluation evaluate(const ModelEvaluationOptions& options,
                           const OutputsObserver& observer = {}) const {
    return evaluate_model(network_, deployment_, dataset_, options, observer);
  }

  experiment::Config config_;
  signal::Dataset dataset_;
  formats::Deployment deployment_;
  graph::Graph network_;
};

std::vector<std::pair<std::string, int>> conditions_of(const ModelEvaluation& evaluation) {
  std::vector<std::pair<std::string, int>> conditions;
  for (const EvaluatedCondition& c : evaluation.conditions) {
    conditions.emplace_back(c.fault, c.severity);
  }
  return conditions;
}

TEST_F(ModelEvaluationTest, WithoutFaultsIsCleanAlone) {
  const ModelEvaluation found = evaluate({.model = "net.onnx", .data = "imu"});
  EXPECT_EQ(found.model, "net.onnx");
  EXPECT_EQ(found.data, "imu");
  EXPECT_EQ(found.type, "fp32");
  EXPECT_EQ(found.part, "test");
  EXPECT_EQ(found.windows, static_cast<int>(dataset_.test.size()));
  EXPECT_EQ(found.labels, dataset_.source.classes);
  EXPECT_THAT(conditions_of(found), ElementsAre(std::pair("clean", 0)));
}

TEST_F(ModelEvaluationTest, AFaultWithAValueOfItsOwnHasOneSeverity) {
  const ModelEvaluation found =
      evaluate({.faults = {"none", {"bias", "gaussian(sd=1)"}}, .severities = {2, 4}});
  EXPECT_THAT(conditions_of(found),
              ElementsAre(std::pair("clean", 0), std::pair("bias", 2), std::pair("bias", 4),
                          std::pair(found.conditions.back().fault, 1)));
  const ModelEvaluation all = evaluate({.faults = {"none", {"bias"}}});
  EXPECT_EQ(all.conditions.size(), 6);
}

TEST_F(ModelEvaluationTest, CountsWhatTheObserverSees) {
  std::vector<EvaluatedCondition> seen;
  std::vector<std::vector<float>> outputs;
  const OutputsObserver observer = [&](const EvaluatedCondition& condition,
                                       std::span<const std::uint8_t> predicted,
                                       std::span<const float> logits) {
    ASSERT_EQ(predicted.size(), dataset_.test.size());
    const std::size_t classes = deployment_.labels.size();
    ASSERT_EQ(logits.size(), predicted.size() * classes);
    double right = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      const float* row = logits.data() + i * classes;
      EXPECT_EQ(std::max_element(row, row + classes) - row, predicted[i]);
      right += predicted[i] == dataset_.test[i].label;
    }
    EXPECT_EQ(condition.accuracy, right / static_cast<double>(predicted.size()));
    EXPECT_EQ(condition.macro_f1,
              experiment::macro_f1(condition.confusion, static_cast<int>(classes)));
    seen.push_back(condition);
    outputs.emplace_back(logits.begin(), logits.end());
  };
  const ModelEvaluation found =
      evaluate({.faults = {"none", {"gaussian"}}, .severities = {5}}, observer);
  ASSERT_EQ(seen.size(), found.conditions.size());
  EXPECT_EQ(seen.back().confusion, found.conditions.back().confusion);
  EXPECT_NE(outputs.front(), outputs.back());
}

TEST_F(ModelEvaluationTest, DoesNotDependOnTheNumberOfThreads) {
  const experiment::FaultChoice faults{"none", {"drift"}};
  const auto one = evaluate({.faults = faults, .severities = {3}, .seed = 7, .threads = 1});
  const auto three = evaluate({.faults = faults, .severities = {3}, .seed = 7, .threads = 3});
  ASSERT_EQ(one.conditions.size(), three.conditions.size());
  for (std::size_t i = 0; i < one.conditions.size(); ++i) {
    EXPECT_EQ(one.conditions[i].confusion, three.conditions[i].confusion);
  }
}

TEST_F(ModelEvaluationTest, TellsWindowsThatTheModelWasTrainedOnFromTheOthers) {
  EXPECT_FALSE(evaluate({}).trained_on_windows);
  deployment_.trained_on = formats::trained_on(dataset_);
  const ModelEvaluation apart = evaluate({});
  EXPECT_EQ(apart.trained_on_windows, 0);
  EXPECT_TRUE(std::isnan(apart.conditions[0].accuracy_trained_on));
  EXPECT_EQ(apart.conditions[0].accuracy_others, apart.conditions[0].accuracy);

  const auto others = static_cast<double>(dataset_.test.size());
  const auto known = static_cast<double>(dataset_.train.size());
  dataset_.test.insert(dataset_.test.begin(), dataset_.train.begin(), dataset_.train.end());
  const ModelEvaluation mixed = evaluate({.faults = {"none", {"gaussian"}}, .severities = {3}});
  EXPECT_EQ(mixed.trained_on_windows, known);
  EXPECT_EQ(mixed.conditions[0].accuracy_others, apart.conditions[0].accuracy);
  for (const EvaluatedCondition& c : mixed.conditions) {
    EXPECT_NEAR(c.accuracy * (known + others),
                c.accuracy_trained_on * known + c.accuracy_others * others, 1e-6);
  }
}

TEST_F(ModelEvaluationTest, DataWithoutATestPartIsTakenAsAWhole) {
  dataset_.test.clear();
  const ModelEvaluation found = evaluate({});
  EXPECT_EQ(found.part, "all");
  EXPECT_EQ(found.windows, static_cast<int>(dataset_.train.size()));
  dataset_.train.clear();
  try {
    evaluate({.model = "net.onnx", .data = "imu"});
    FAIL() << "there is no window";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "imu has no window to evaluate net.onnx on");
  }
}

}  // namespace
}  // namespace edgeproof::engine
