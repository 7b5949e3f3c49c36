#include "results/quantity_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace edgeproof::results {
namespace {

using experiment::Quantity;

TEST(QuantityText, NumbersHaveTheirUnits) {
  EXPECT_EQ(value_text(0.5, Quantity::share), "50.0 %");
  EXPECT_EQ(value_text(0.5, Quantity::ratio), "0.500");
  EXPECT_EQ(value_text(12.34, Quantity::microseconds), "12.3 us");
  EXPECT_EQ(value_text(25680, Quantity::bytes), "25680 bytes");
  EXPECT_EQ(value_text(1000, Quantity::macs), "1000 MACs");
  EXPECT_EQ(difference_text(-0.012, Quantity::share), "-1.2 points");
  EXPECT_EQ(difference_text({0.012, -0.004, 0.02}, Quantity::share), "+1.2 [-0.4, +2.0] points");
}

TEST(QuantityText, AColumnHasTheUnitInItsHead) {
  EXPECT_EQ(estimate_text({0.734, 0.701, 0.75}, Quantity::share), "73.4 [70.1, 75.0] %");
  EXPECT_EQ(estimate_numbers({0.734, 0.701, 0.75}, Quantity::share), "73.4 [70.1, 75.0]");
  EXPECT_EQ(estimate_numbers({0.97, 0.9, 1.03}, Quantity::ratio, 1), "0.9700 [0.9000, 1.0300]");
}

TEST(QuantityText, WhatIsUndefinedIsADash) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(value_text(kNone, Quantity::share), "-");
  EXPECT_EQ(estimate_text({}, Quantity::share), "-");
  EXPECT_EQ(estimate_numbers({}, Quantity::ratio), "-");
}

}  // namespace
}  // namespace edgeproof::results
