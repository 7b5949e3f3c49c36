#include "core/random.h"

#include <gtest/gtest.h>

namespace edgeproof {
namespace {

TEST(CounterRng, DrawsArePureFunctionsOfKeyAndCounter) {
  const CounterRng rng(7, "gaussian");
  EXPECT_EQ(rng.words(1, 2, 3), CounterRng(7, "gaussian").words(1, 2, 3));
  EXPECT_NE(rng.words(1, 2, 3), rng.words(1, 2, 4));
  EXPECT_NE(rng.words(1, 2, 3), CounterRng(8, "gaussian").words(1, 2, 3));
  EXPECT_NE(rng.words(1, 2, 3), CounterRng(7, "impulse").words(1, 2, 3));
}

// Golden words, so that a change of library, compiler or mixing cannot change published results.
TEST(CounterRng, GoldenWordsStay) {
  const auto w = CounterRng(1, "golden").words(2, 3, 4, 5);
  EXPECT_EQ(w, (std::array<std::uint32_t, 4>{4132894117U, 2311605407U, 3915945488U, 3561232062U}));
}

// With n = 200,000 draws: mean within 5 standard errors, and so the variance and the 4th moment.
TEST(CounterRng, NormalHasTheMomentsOfANormal) {
  const CounterRng rng(1, "moments");
  constexpr int kCount = 200000;
  double m1 = 0, m2 = 0, m4 = 0;
  for (int i = 0; i < kCount; ++i) {
    const double x = rng.normal(i);
    m1 += x / kCount;
    m2 += x * x / kCount;
    m4 += x * x * x * x / kCount;
  }
  const double n = kCount;
  EXPECT_NEAR(m1, 0, 5 * std::sqrt(1 / n));
  EXPECT_NEAR(m2, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(m4, 3, 5 * std::sqrt(96 / n));
}

TEST(CounterRng, UniformIsOpenAndEven) {
  EXPECT_GT(CounterRng::unit(0, 0), 0.0);
  EXPECT_LT(CounterRng::unit(0xffffffff, 0xffffffff), 1.0);
  const CounterRng rng(1, "uniform");
  std::array<int, 10> bins{};
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) ++bins[static_cast<std::size_t>(rng.uniform(0, i) * 10)];
  double chi2 = 0;
  for (const int b : bins) chi2 += (b - kCount / 10.0) * (b - kCount / 10.0) / (kCount / 10.0);
  EXPECT_LT(chi2, 33.7);  // 9 degrees of freedom, p = 1e-4
}

}  // namespace
}  // namespace edgeproof
