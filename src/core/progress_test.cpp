#include "core/progress.h"

#include <gtest/gtest.h>

namespace edgeproof {
namespace {

TEST(Progress, DurationsReadAsPeopleSayThem) {
  EXPECT_EQ(duration_text(-1), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(185), "3 min 05 s");
  EXPECT_EQ(duration_text(7800), "2 h 10 min");
}

TEST(Progress, PlainOutputEndsWithTheLastStep) {
  testing::internal::CaptureStderr();
  {
    Progress progress("train", 3);
    for (const char* note : {"a", "b", "c"}) progress.step(note);
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("train: 3/3"), std::string::npos);
}

}  // namespace
}  // namespace edgeproof
