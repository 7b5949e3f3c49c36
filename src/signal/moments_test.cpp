#include "signal/moments.h"

#include <gtest/gtest.h>

#include <cmath>

namespace edgeproof::signal {
namespace {

TEST(Moments, AreTheMeanAndThePopulationStandardDeviation) {
  Moments moments;
  for (const double value : {2, 4, 4, 4, 5, 5, 7, 9}) moments.add(value);
  EXPECT_EQ(moments.count(), 8);
  EXPECT_DOUBLE_EQ(moments.mean(), 5);
  EXPECT_DOUBLE_EQ(moments.sd(), 2);
}

TEST(Moments, KeepASmallDeviationOnALargeMean) {
  Moments moments;
  for (int i = 0; i < 1000; ++i) moments.add(1e9 + (i % 2 == 0 ? 0.25 : -0.25));
  EXPECT_NEAR(moments.sd(), 0.25, 1e-6);
}

TEST(Moments, OfNothingHaveNoDeviation) {
  EXPECT_EQ(Moments().count(), 0);
  EXPECT_TRUE(std::isnan(Moments().sd()));
}

}  // namespace
}  // namespace edgeproof::signal
