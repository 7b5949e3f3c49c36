#include "experiment/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"

namespace edgeproof::experiment {
namespace {

TEST(Argmax, TakesTheFirstOfEqualLogits) {
  const std::vector<float> logits{0, 2, 2, 1, 1, 0};
  EXPECT_EQ(argmax(logits, 3), (std::vector<std::uint8_t>{1, 0}));
}

TEST(Argmax, LabelsAreBytesSoThatMoreClassesAreRefused) {
  std::vector<float> logits(256);
  logits.back() = 1;
  EXPECT_EQ(argmax(logits, 256), std::vector<std::uint8_t>{255});
  logits.push_back(2);
  EXPECT_THAT([&] { argmax(logits, 257); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("257 classes, at most 256")));
}

}  // namespace
}  // namespace edgeproof::experiment
