#include "cli/gate_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgeproof::cli {
namespace {

using experiment::Quantity;
using testing::HasSubstr;

TEST(GateText, NumbersHaveTheirUnits) {
  const Checks checks{{.variant = "qat_int8",
                       .what = "clean accuracy",
                       .quantity = Quantity::share,
                       .found = {0.934, 0.91, 0.95},
                       .has_interval = true,
                       .at_least = true,
                       .wanted = 0.9,
                       .ok = true},
                      {.variant = "qat_int8",
                       .what = "weights",
                       .quantity = Quantity::bytes,
                       .found = {400, 400, 400},
                       .wanted = 100,
                       .ok = false}};
  const std::string table = gate_table(checks);
  EXPECT_THAT(table, HasSubstr("93.4 [91.0, 95.0] %"));
  EXPECT_THAT(table, HasSubstr("at least 90.0 %"));
  EXPECT_THAT(table, HasSubstr("400 bytes"));
  EXPECT_THAT(table, HasSubstr("at most 100 bytes"));
  EXPECT_THAT(table, HasSubstr("1 of 2 checks hold"));
}

TEST(GateText, AFailedCheckIsWrittenSoThatItLooksFailed) {
  const Checks checks{{.variant = "qat_int8",
                       .what = "clean accuracy",
                       .quantity = Quantity::share,
                       .found = {0.92, 0.89996, 0.95},
                       .has_interval = true,
                       .at_least = true,
                       .wanted = 0.9,
                       .ok = false}};
  const std::string table = gate_table(checks);
  EXPECT_THAT(table, HasSubstr("92.000 [89.996, 95.000] %"));
  EXPECT_THAT(table, HasSubstr("at least 90.000 %"));
}

}  // namespace
}  // namespace edgeproof::cli
