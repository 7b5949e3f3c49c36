#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

TEST(Field, IsTheFourTogetherEachOneSeverityLower) {
  const Bench bench({0, 1});
  const auto x = noise(2 * 500);
  for (int severity = 2; severity <= 5; ++severity) {
    auto expected = x;
    for (const char* fault : {"gaussian", "impulse", "drift", "missing_burst"}) {
      expected = bench.broken(fault, severity - 1, expected);
    }
    EXPECT_TRUE(same_bits(bench.broken("field", severity, x), expected)) << severity;
  }
}

TEST(Field, IsGaussianOfSeverity1AloneAtSeverity1) {
  const Bench bench({0, 1});
  const auto x = noise(2 * 500);
  EXPECT_TRUE(same_bits(bench.broken("field", 1, x), bench.broken("gaussian", 1, x)));
  EXPECT_TRUE(same_bits(bench.broken("field(severity=1)", 1, x), bench.broken("field", 1, x)));
}

TEST(Field, NeedsWhatItsPartsNeed) {
  Bench bench({0});
  bench.rate_hz = 0;
  EXPECT_EQ(not_applicable(parse_fault("field"), bench.context()),
            "missing_burst: the sampling rate is not known");
}

}  // namespace
}  // namespace edgeproof::faults
