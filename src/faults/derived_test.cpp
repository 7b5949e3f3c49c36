#include "faults/derived.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "faults/derived_golden_testing.h"
#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

constexpr std::size_t kChannels = 8;
const std::vector<std::string> kFilters = {
    "copy", "copy",          "copy", "high_pass(3, 0.3)", "high_pass(3, 0.3)", "high_pass(3, 0.3)",
    "copy", "low_pass(2, 5)"};

// Channels 0 to 2 are physical, 3 to 5 are high-passed from them, 6 is a copy of 1 and 7 a low-pass
// of 2.
Bench bench_of(std::uint64_t seed = 42) {
  Bench bench({0, 1, 2, 0, 1, 2, 1, 2}, seed);
  for (std::size_t c = 0; c < kChannels; ++c) {
    bench.channels[c].filter = signal::filter_from(kFilters[c]).value();
  }
  return bench;
}

// A channel of sd 1 and its high-pass.
Bench pair_of() {
  Bench bench({0, 0});
  bench.channels[1].filter = signal::kBodyFilter;
  return bench;
}

// Single precision of what SciPy has in double; noise and hum are within 2e-6 of exact ones.
TEST(Derived, IsWhatScipyMakesOfTheDraws) {
  ASSERT_EQ(kDerivedGolden.size(), 5U);
  const Bench bench = pair_of();
  for (const DerivedGolden& golden : kDerivedGolden) {
    const auto y = bench.added(golden.fault, 1, 128);
    const bool drawn = golden.fault.starts_with("gaussian") || golden.fault.starts_with("hum");
    for (std::size_t t = 0; t < golden.physical.size(); ++t) {
      EXPECT_NEAR(y[2 * t], golden.physical[t], drawn ? 2e-6 : 1e-7) << golden.fault << ' ' << t;
    }
    double largest = 0;
    for (std::size_t i = 0; i < golden.derived.size(); ++i) {
      EXPECT_NEAR(y[2 * 9 * i + 1], golden.derived[i], drawn ? 4e-6 : 4e-7)
          << golden.fault << ' ' << 9 * i;
      largest = std::max(largest, std::abs(golden.derived[i]));
    }
    if (!golden.fault.starts_with("bias")) {
      EXPECT_GT(largest, 0.05) << golden.fault;
    }
  }
}

// The injector's own d through SciPy's transfer function, butter(3, 0.3, 'highpass', fs=50), in
// direct form: to the last bit but one of single precision.
TEST(Derived, IsTheTransferFunctionOfWhatTheFaultAdds) {
  constexpr long double kB = 0.9630005027993442L;
  constexpr long double kA[] = {-2.9246062354506974L, 2.852027818593894L, -0.9273699683501638L};
  const Bench bench = pair_of();
  for (const char* fault : {"drift", "drift_walk", "hum", "bias"}) {
    const auto y = bench.added(fault, 5, 2000);
    const long double start = y[0];  // what is before the segment: d[0], and no output
    long double x1 = start, x2 = start, x3 = start, y1 = 0, y2 = 0, y3 = 0;
    for (std::size_t t = 0; t < 2000; ++t) {
      const long double x = y[2 * t];
      const long double out =
          kB * (x - 3 * x1 + 3 * x2 - x3) - kA[0] * y1 - kA[1] * y2 - kA[2] * y3;
      EXPECT_NEAR(y[2 * t + 1], static_cast<double>(out), 1e-6) << fault << ' ' << t;
      x3 = std::exchange(x2, std::exchange(x1, x));
      y3 = std::exchange(y2, std::exchange(y1, out));
    }
  }
}

RC_GTEST_PROP(Derived, AConstantBiasChangesNoBitOfAHighPassedChannel, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const auto x = noise(kChannels * 700, seed);
  const auto y = bench.broken("bias", *rc::gen::inRange(1, 6), x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t channel = i % kChannels;
    RC_ASSERT(same_bits(x[i], y[i]) == (channel >= 3 && channel <= 5));
    // A low-pass passes it, and a copy has it.
    if (channel == 7) RC_ASSERT(std::abs((y[i] - x[i]) - (y[i - 5] - x[i - 5])) < 1e-4F);
  }
}

TEST(Derived, ADriftStartsFromRest) {
  const Bench bench = pair_of();
  const auto y = bench.added("drift(sd=4)", 1, 3000);
  EXPECT_EQ(y[1], 0);
  const float sign = y[2 * 2999] > 0 ? 1.0F : -1.0F;
  EXPECT_GT(sign * y[2 * 1 + 1], 0);
  // Through a high-pass of third order a ramp comes to nothing.
  EXPECT_NEAR(sign * y[2 * 2999], 4, 1e-5);
  EXPECT_LT(std::abs(y[2 * 2999 + 1]), 1e-5);
}

// What goes on before the segment is in the filter from its first sample: noise has at once the
// variance that it has later on, of 1 less what the high-pass takes. 4000 recordings of 2 samples.
TEST(Derived, NoiseGoesOnIntoThePast) {
  const Bench bench = pair_of();
  double first = 0, without = 0;
  constexpr int kRecordings = 4000;
  for (std::uint32_t r = 0; r < kRecordings; ++r) {
    const auto y = bench.added("gaussian(sd=1)", 1, 1, r);
    first += (y[1] - y[0]) * (y[1] - y[0]);
    // Begun at rest, the first output would be 0.963 of the first input.
    without += (0.9630005F * y[0] - y[0]) * (0.9630005F * y[0] - y[0]);
  }
  // sum of (h - delta)^2 over 245 samples: 0.0614, from SciPy's impulse response.
  EXPECT_NEAR(first / kRecordings, 0.0614, 0.0614 * kNormalQuantile * std::sqrt(2.0 / kRecordings));
  EXPECT_LT(without / kRecordings, 0.002);
}

TEST(Derived, ThePastOfASegmentWithinTheRecordingIsTheRecordingsOwn) {
  const Bench bench = pair_of();
  for (const char* fault : {"gaussian(sd=1)", "impulse(p=0.1)"}) {
    const auto whole = bench.added(fault, 1, 1000);
    const auto part = bench.added(std::string(fault) + " from 10 to 20", 1, 1000);
    for (std::size_t t = 500; t < 1000; ++t) {
      EXPECT_EQ(part[2 * t], whole[2 * t]);
      EXPECT_NEAR(part[2 * t + 1], whole[2 * t + 1], 0.03);  // settled to 1 %
    }
    EXPECT_EQ(part[2 * 499 + 1], 0);
  }
}

TEST(Derived, SeveritiesScaleTheSameNoiseInThePastToo) {
  const Bench bench = pair_of();
  const auto one = bench.added("gaussian(sd=1)", 1, 300),
             two = bench.added("gaussian(sd=2)", 1, 300);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(two[i], 2 * one[i], 1e-6);
}

RC_GTEST_PROP(Derived, ThePiecesOfAStreamDoNotMatter, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const Context context = bench.context();
  const Fault& fault = all_faults()[*rc::gen::inRange<std::size_t>(0, all_faults().size())];
  if (not_applicable(fault, context)) return;
  auto all = steps(fault, *rc::gen::inRange(1, 6), context);
  for (const Step& step : steps(parse_fault("drift + gaussian from 1 to 12"), 4, context)) {
    all.push_back(step);
  }
  auto x = noise(kChannels * 900, seed);
  for (std::size_t i = seed % 17; i < x.size(); i += 17) x[i] = kNan;
  auto expected = x;
  inject(all, context, {expected, 7});
  Injector injector(all, context, 7, 900);
  std::vector<float> y;
  for (std::size_t begin = 0; begin < x.size();) {
    const auto frames = *rc::gen::element<std::size_t>(1, 7, 100, kBlock, 600);
    const std::size_t count = std::min(x.size() - begin, frames * kChannels);
    const auto ready = injector.push(std::span(x).subspan(begin, count));
    y.insert(y.end(), ready.begin(), ready.end());
    begin += count;
  }
  const auto rest = injector.finish();
  y.insert(y.end(), rest.begin(), rest.end());
  RC_ASSERT(same_bits(y, expected));
}

TEST(Derived, ACopyGetsTheDifferenceWhateverTheOthersAre) {
  const Bench filtered = bench_of(), copies({0, 1, 2, 0, 1, 2, 1, 2});
  const auto x = noise(kChannels * 400);
  for (const Fault& fault : all_faults()) {
    if (not_applicable(fault, filtered.context())) continue;
    const auto y = filtered.broken(fault.name, 4, x), z = copies.broken(fault.name, 4, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t channel = i % kChannels;
      if (channel <= 2 || channel == 6) {
        ASSERT_TRUE(same_bits(y[i], z[i])) << fault.name;
      }
    }
  }
}

TEST(Derived, EachPartOfACompositionGoesThroughTheFilter) {
  const Bench bench = bench_of();
  const auto x = noise(kChannels * 400);
  const auto together = bench.broken("drift(sd=2) + gaussian(sd=1)", 1, x);
  const auto in_turn = bench.broken("gaussian(sd=1)", 1, bench.broken("drift(sd=2)", 1, x));
  EXPECT_TRUE(same_bits(together, in_turn));
}

TEST(Derived, WhatIsMissingOrHeldIsSoInAllChannels) {
  const Bench bench = bench_of();
  const auto x = noise(kChannels * 400);
  for (const char* fault : {"missing", "missing_burst", "dropout", "gaussian + missing"}) {
    const auto y = bench.broken(fault, 3, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto source = static_cast<std::size_t>(bench.channels[i % kChannels].source);
      ASSERT_EQ(std::isnan(y[i]), std::isnan(y[i - i % kChannels + source])) << fault;
    }
  }
  // Where nothing is missing or held, nothing happens.
  for (const char* fault : {"missing", "missing_burst", "dropout"}) {
    const auto y = bench.broken(fault, 3, x);
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!std::isnan(y[i])) {
        ASSERT_TRUE(same_bits(y[i], x[i])) << fault;
      }
    }
  }
  const auto held = bench.broken("stuck(f=1)", 1, x);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(held[i], x[i % kChannels]);
}

// A gap in what a fault changes by the same value everywhere is no step.
TEST(Derived, AGapDoesNotShakeTheFilter) {
  const Bench bench = bench_of();
  auto x = std::vector<float>(kChannels * 400, 2.0F);
  for (std::size_t t = 100; t < 150; ++t) x[kChannels * t] = kNan;
  for (std::size_t t = 0; t < 20; ++t) x[kChannels * t + 1] = kNan;
  for (const char* fault : {"bias", "gain"}) {
    const auto y = bench.broken(fault, 3, x);
    for (std::size_t t = 0; t < 400; ++t) {
      for (std::size_t c = 3; c < 6; ++c) {
        const bool missing = std::isnan(x[kChannels * t + c - 3]);
        const float expected = missing ? kNan : x[kChannels * t + c];
        ASSERT_TRUE(same(y[kChannels * t + c], expected)) << fault << ' ' << t << ' ' << c;
      }
    }
  }
}

// body = D(total), with its history: to turn both by one matrix is to put what the turn changed
// through the filter, once the filter has forgotten how the segment began.
TEST(Derived, TurningBothTriadsIsToFilterWhatTheTurnChanged) {
  Bench turned({0, 1, 2, 0, 1, 2});
  for (std::size_t c = 3; c < 6; ++c) turned.channels[c].filter = signal::kBodyFilter;
  Bench filtered = turned;
  turned.triads = {{0, 1, 2}, {3, 4, 5}};
  filtered.triads = {{0, 1, 2}};
  auto x = noise(6 * 2000);
  for (std::size_t c = 0; c < 3; ++c) {
    signal::FilterState filter(signal::kBodyFilter, 50);
    for (std::size_t t = 0; t < 2000; ++t) {
      x[6 * t + c] += 3;  // as gravity
      if (t == 0) filter.settle(x[c]);
      x[6 * t + 3 + c] = static_cast<float>(filter.step(x[6 * t + c]));
    }
  }
  const auto y = turned.broken("rotation", 5, x), z = filtered.broken("rotation", 5, x);
  double apart = 0;
  for (std::size_t i = 6 * 1000; i < x.size(); ++i) {
    EXPECT_NEAR(y[i], z[i], 1e-4);
    apart = std::max<double>(apart, std::abs(y[i] - x[i]));
  }
  EXPECT_GT(apart, 1);
}

TEST(Derived, ATriadOfSeveralFiltersIsNotTurnedByTheMatrix) {
  Bench bench({0, 1, 2, 0, 1, 2});
  bench.triads = {{0, 1, 2}, {3, 4, 5}};
  const auto acts = [&] { return definition("rotation").acts_on_derived(bench.context(), 3); };
  for (std::size_t c = 3; c < 6; ++c) bench.channels[c].filter = signal::kBodyFilter;
  EXPECT_TRUE(acts());
  bench.channels[4].filter.hz = 0.5;
  EXPECT_FALSE(acts());
}

TEST(Derived, AFilterThatCannotRunIsAnErrorThatNamesTheChannel) {
  Bench bench = pair_of();
  bench.rate_hz = 0.5;
  EXPECT_THAT(error(ErrorCode::bad_config, [&] { bench.added("bias", 1, 10); }),
              ::testing::HasSubstr("channel 'c1': high_pass(3, 0.3): the cut-off must be"));
}

}  // namespace
}  // namespace edgeproof::faults
