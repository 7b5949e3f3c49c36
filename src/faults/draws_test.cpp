// Statistics at the significance that testing.h states; the transform against long double.

#include "faults/draws.h"

#include <gtest/gtest.h>

#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

using Words = std::array<std::uint32_t, 4>;

// Random123 itself, from the counter that draws.h states: floor(t / 4) modulo 2^62.
std::uint32_t expected_word(const CounterRng& rng, std::uint32_t recording, std::uint32_t channel,
                            std::int64_t sample) {
  const std::int64_t place = ((sample % 4) + 4) % 4;
  const auto number = (sample - place) / 4;
  const auto block =
      static_cast<std::uint64_t>(number < 0 ? number + (std::int64_t{1} << 62) : number);
  const r123::Philox4x32::ctr_type counter{{recording, channel, static_cast<std::uint32_t>(block),
                                            static_cast<std::uint32_t>(block >> 32)}};
  const r123::Philox4x32::key_type key{
      {static_cast<std::uint32_t>(rng.key()), static_cast<std::uint32_t>(rng.key() >> 32)}};
  return r123::Philox4x32{}(counter, key)[static_cast<std::size_t>(place)];
}

TEST(Draws, WordsAreRandom123sFromAnyStart) {
  const CounterRng rng(5, "words");
  const Draws draws(rng, 3, 8);
  for (const std::int64_t base :
       {std::int64_t{0}, std::int64_t{-5}, std::int64_t{-299}, std::int64_t{-4000},
        (std::int64_t{1} << 34) - 12, (std::int64_t{1} << 34) + 5, std::int64_t{1} << 62}) {
    for (std::int64_t first = base; first < base + 9; ++first) {
      for (const std::size_t count : {0, 1, 3, 4, 7, 300}) {
        std::vector<std::uint32_t> words(count);
        draws.words(first, words);
        for (std::size_t i = 0; i < count; ++i) {
          const std::int64_t sample = first + static_cast<std::int64_t>(i);
          ASSERT_EQ(words[i], expected_word(rng, 3, 8, sample));
          ASSERT_EQ(words[i], draws.word(sample));
        }
      }
    }
  }
}

TEST(Draws, NormalsGoOnOverTheRecordingsBeginning) {
  const Draws draws(CounterRng(5, "normals"), 1, 2);
  for (const std::int64_t first : {-1, -3, -8, -301}) {
    std::vector<float> n(700);
    draws.normals(first, n);
    for (std::size_t i = 0; i < n.size(); ++i) {
      ASSERT_EQ(n[i], draws.normal(first + static_cast<std::int64_t>(i)));
    }
  }
}

TEST(Draws, OnceIsTheFirstBlock) {
  const Draws draws(CounterRng(5, "once"), 3, 8);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(draws.once()[i], draws.word(i));
}

// Box-Muller in long double: what normal() approximates, from the words of its block.
long double box_muller(const Words& words, int i) {
  const long double u = (static_cast<long double>(words[i / 2 * 2]) + 0.5L) / 0x1p32L;
  const long double angle = 2 * std::numbers::pi_v<long double> * words[i / 2 * 2 + 1] / 0x1p32L;
  return std::sqrt(-2 * std::log(u)) * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
}

Words block(const Draws& draws, std::int64_t number) {
  return {draws.word(4 * number), draws.word(4 * number + 1), draws.word(4 * number + 2),
          draws.word(4 * number + 3)};
}

TEST(Draws, NormalsAreBoxMullersOfTheirWordsWithin2em6) {
  const Draws draws(CounterRng(5, "normals"), 1, 2);
  for (std::int64_t b = 0; b < 100000; ++b) {
    const Words words = block(draws, b);
    for (int i = 0; i < 4; ++i) {
      ASSERT_NEAR(draws.normal(4 * b + i), static_cast<double>(box_muller(words, i)), 2e-6);
    }
  }
}

std::vector<float> many_normals(std::size_t count, std::uint32_t channel = 0) {
  std::vector<float> n(count);
  Draws(CounterRng(9, "many"), 0, channel).normals(0, n);
  return n;
}

TEST(Draws, NormalsHaveTheMomentsOfANormal) {
  constexpr std::size_t kCount = 4000000;
  double sums[5] = {};
  for (const double n : many_normals(kCount)) {
    for (int k = 1; k <= 4; ++k) sums[k] += std::pow(n, k);
  }
  // E n^k, and its variance by E n^2k - (E n^k)^2.
  const double mean[] = {0, 0, 1, 0, 3}, variance[] = {0, 1, 2, 15, 96};
  for (int k = 1; k <= 4; ++k) {
    const double z = (sums[k] / kCount - mean[k]) / std::sqrt(variance[k] / kCount);
    EXPECT_LT(std::abs(z), kNormalQuantile) << k;
  }
}

TEST(Draws, NormalsFollowTheNormalDistribution) {
  for (const std::uint32_t channel : {0, 1, 2}) {
    const auto n = many_normals(300000, channel);
    EXPECT_LT(kolmogorov({n.begin(), n.end()}, normal_cdf), kKolmogorovQuantile);
  }
}

TEST(Draws, NormalsOfABlockAndItsNeighboursAreUncorrelated) {
  const auto n = many_normals(1000000);
  for (std::size_t lag = 1; lag <= 8; ++lag) {
    double sum = 0, squares = 0;
    for (std::size_t i = lag; i < n.size(); ++i) {
      sum += n[i] * n[i - lag];
      squares += (n[i] * n[i] - 1) * (n[i - lag] * n[i - lag] - 1);
    }
    const double root = std::sqrt(static_cast<double>(n.size() - lag));
    EXPECT_LT(std::abs(sum / root), kNormalQuantile) << lag;
    EXPECT_LT(std::abs(squares / root / 2), kNormalQuantile) << lag;
  }
}

// P(|n| > limit), exactly: the radius has one of 2^32 values, of which few are beyond the limit;
// the angle is as good as continuous.
TEST(Draws, TailsAreRightTo6Sd) {
  for (const double limit : {4.0, 5.0, 6.0}) {
    const double last = 0x1p32 * std::exp(-limit * limit / 2);  // words below have radius > limit
    double probability = 0;
    for (std::uint32_t w = 0; w + 0.5 < last; ++w) {
      const double radius = std::sqrt(-2 * std::log((w + 0.5) * 0x1p-32));
      probability += 2 / std::numbers::pi * std::acos(limit / radius) * 0x1p-32;
    }
    EXPECT_NEAR(probability / std::erfc(limit / std::numbers::sqrt2), 1, 0.01) << limit;
  }
}

// Blocks with a small first word are found by search; there the logarithm is steepest.
TEST(Draws, TheLargestNormalsAreBoxMullersToo) {
  const Draws draws(CounterRng(5, "extremes"), 0, 0);
  std::vector<std::uint32_t> words(1 << 16);
  int found = 0;
  for (std::int64_t first = 0; first < 1 << 26; first += 1 << 16) {
    draws.words(first, words);
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const bool extreme = words[i] < 3000 || words[i] > 0xFFFFFF00U;
      if (!extreme) continue;
      ++found;
      const auto sample = first + static_cast<std::int64_t>(i);
      const Words all = block(draws, sample / 4);
      for (int k = 0; k < 2; ++k) {
        const auto expected = static_cast<double>(box_muller(all, static_cast<int>(i % 4) + k));
        ASSERT_NEAR(draws.normal(sample + k), expected, 2e-6) << words[i];
      }
    }
  }
  EXPECT_GT(found, 5);  // 25 expected
}

// Two-sided counts beyond 3, 4 and 5 sd, each at 1e-4. About 115 of 2e8 are beyond 5 sd.
TEST(DrawsSlow, CountsBeyond3To5SdAreThoseOfANormal) {
  constexpr std::size_t kPiece = 1 << 20, kPieces = 191;
  const Draws draws(CounterRng(11, "tails"), 0, 0);
  std::vector<float> n(kPiece);
  double beyond[3] = {};
  for (std::size_t piece = 0; piece < kPieces; ++piece) {
    draws.normals(static_cast<std::int64_t>(piece * kPiece), n);
    for (const float x : n) {
      for (int k = 0; k < 3; ++k) beyond[k] += std::abs(x) > static_cast<float>(3 + k);
    }
  }
  for (int k = 0; k < 3; ++k) {
    const double p = std::erfc((3 + k) / std::numbers::sqrt2);
    EXPECT_LT(std::abs(binomial_z(beyond[k], kPiece * kPieces, p)), kNormalQuantile) << 3 + k;
  }
}

// Two units in the last place of what is just below 1.
TEST(Sine, IsASineInSinglePrecision) {
  const CounterRng rng(5, "phases");
  for (std::uint32_t i = 0; i < 300000; ++i) {
    const auto w = rng.words(i);
    std::uint64_t phase = static_cast<std::uint64_t>(w[0]) << 32 | w[1];
    if (i < 4096) phase = static_cast<std::uint64_t>(i) << 52;  // about quadrants and octants
    const long double turn = static_cast<long double>(phase) / 0x1p64L;
    const auto expected = static_cast<double>(std::sin(2 * std::numbers::pi_v<long double> * turn));
    ASSERT_NEAR(sine(phase), expected, 0x1p-23) << phase;
  }
}

TEST(Chance, HitsTheSameAndMoreAtAHigherProbability) {
  EXPECT_FALSE(Chance(0).hits(0));
  EXPECT_TRUE(Chance(1).hits(0xFFFFFFFFU));
  EXPECT_TRUE(Chance(0.5).hits(0x7FFFFFFFU));
  EXPECT_FALSE(Chance(0.5).hits(0x80000000U));
  EXPECT_TRUE(Chance(std::nextafter(1.0, 0.0)).hits(0xFFFFFFFEU));
}

}  // namespace
}  // namespace edgeproof::faults
