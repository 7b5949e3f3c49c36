#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// How much of y is left, and the amplitude, after the best a sin + b cos of `hz` is taken out.
struct Fit {
  double amplitude, phase_turns, rest;
};

Fit fit(const std::vector<float>& y, double hz, double rate_hz) {
  double ss = 0, sc = 0, cc = 0, sy = 0, cy = 0;
  const double w = 2 * std::numbers::pi * hz / rate_hz;
  for (std::size_t t = 0; t < y.size(); ++t) {
    const double s = std::sin(w * static_cast<double>(t)), c = std::cos(w * static_cast<double>(t));
    ss += s * s, sc += s * c, cc += c * c, sy += s * y[t], cy += c * y[t];
  }
  const double det = ss * cc - sc * sc;
  const double a = (sy * cc - cy * sc) / det, b = (cy * ss - sy * sc) / det;
  double rest = 0;
  for (std::size_t t = 0; t < y.size(); ++t) {
    const double x = w * static_cast<double>(t);
    rest = std::max(rest, std::abs(y[t] - a * std::sin(x) - b * std::cos(x)));
  }
  const double phase = std::atan2(b, a) / (2 * std::numbers::pi);
  return {std::hypot(a, b), phase < 0 ? phase + 1 : phase, rest};
}

// The frequency of a pure sine: y[t+1] + y[t-1] = 2 cos(w) y[t].
double frequency(const std::vector<float>& y, double rate_hz) {
  double products = 0, squares = 0;
  for (std::size_t t = 1; t + 1 < y.size(); ++t) {
    products += y[t] * (double{y[t - 1]} + y[t + 1]);
    squares += double{y[t]} * y[t];
  }
  return std::acos(products / squares / 2) * rate_hz / (2 * std::numbers::pi);
}

TEST(Hum, IsASineOfKSdAt50Or60HzPlusMinusHalfAHz) {
  Bench bench({0});
  bench.rate_hz = 500;
  std::vector<double> offsets, phases;
  double fifties = 0;
  constexpr int kRecordings = 2000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    const auto y = bench.added("hum", 3, 200, r);
    const double hz = frequency(y, 500), mains = hz < 55 ? 50 : 60;
    const Fit sine = fit(y, hz, 500);
    ASSERT_NEAR(sine.amplitude, 0.5, 1e-4) << hz;
    ASSERT_LT(sine.rest, 1e-4) << hz;
    offsets.push_back(hz - mains + 0.5);
    phases.push_back(sine.phase_turns);
    fifties += mains == 50;
  }
  EXPECT_LT(std::abs(binomial_z(fifties, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(kolmogorov(offsets, uniform_cdf), kKolmogorovQuantile);
  EXPECT_LT(kolmogorov(phases, uniform_cdf), kKolmogorovQuantile);
}

TEST(Hum, IsTheSameOnAllChannels) {
  const Bench bench({0, 1, 2});
  const auto y = bench.added("hum", 4, 500);
  for (std::size_t i = 0; i < y.size(); ++i) {
    EXPECT_NEAR(y[i], y[i / 3 * 3] * bench.sd[i % 3], 1e-6);
  }
}

TEST(Hum, SamplingAliasesItAsOnADevice) {
  const Bench bench({0});  // 50 samples a second
  const auto y = bench.added("hum(sd=1, hz=50.25)", 1, 2000);
  const Fit mains = fit(y, 50.25, 50), alias = fit(y, 0.25, 50);
  EXPECT_NEAR(mains.amplitude, 1, 1e-5);
  EXPECT_LT(mains.rest, 1e-5);
  EXPECT_NEAR(alias.amplitude, 1, 1e-5);
}

TEST(Hum, SeverityScalesTheSameSine) {
  const Bench bench({0, 1});
  const auto mild = bench.added("hum", 1, 3000), severe = bench.added("hum", 5, 3000);
  for (std::size_t i = 0; i < mild.size(); ++i) EXPECT_FLOAT_EQ(severe[i], 20 * mild[i]);
}

TEST(Hum, KeepsItsPhaseOverALongStream) {
  const Bench bench({0});
  const auto y = bench.added("hum(sd=1, hz=50.3)", 1, 3000000);
  const Fit begin = fit({y.begin(), y.begin() + 1000}, 50.3, 50);
  const double turns = 50.3 / 50 * 2999000;  // before the last thousand
  const Fit end = fit({y.end() - 1000, y.end()}, 50.3, 50);
  EXPECT_NEAR(std::remainder(begin.phase_turns + turns - end.phase_turns, 1), 0, 1e-6);
}

}  // namespace
}  // namespace edgeproof::faults
