#include "engine/diagnosis.h"

#include <gtest/gtest.h>

namespace edgeproof::engine {
namespace {

TEST(DiagnosisWindows, AreValidationWindowsEvenlySpread) {
  signal::Dataset dataset;
  for (int i = 0; i < 6; ++i) dataset.validation.push_back({0, i, 0});
  dataset.train = {{1, 0, 0}, {1, 1, 0}};
  dataset.test = {{2, 0, 0}};
  const DiagnosisWindows found = diagnosis_windows(dataset, 3);
  EXPECT_TRUE(found.validation);
  ASSERT_EQ(found.windows.size(), 3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(found.windows[static_cast<std::size_t>(i)].start, 2 * i);
  EXPECT_EQ(diagnosis_windows(dataset).windows.size(), 6);
}

TEST(DiagnosisWindows, AreTrainingWindowsWhereThereIsNoValidation) {
  signal::Dataset dataset;
  dataset.train = {{1, 0, 0}, {1, 1, 0}};
  dataset.test = {{2, 0, 0}};
  const DiagnosisWindows found = diagnosis_windows(dataset, 8);
  EXPECT_FALSE(found.validation);
  ASSERT_EQ(found.windows.size(), 2);
  EXPECT_EQ(found.windows[0].recording, 1);
}

TEST(DiagnosisConditions, AreCleanAndTheHighestSeverityOfEachFault) {
  const std::vector<experiment::Condition> expected = {{}, {"drift", 4, 0}, {"hum", 4, 0}};
  EXPECT_EQ(experiment::diagnosis_conditions({"drift", "hum"}, {2, 4, 3}), expected);
}

}  // namespace
}  // namespace edgeproof::engine
