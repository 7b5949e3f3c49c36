// The laws that hold for every fault of the suite.

#include "faults/injector.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "faults/faults_testing.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

// Channels 0 to 2 are a triad, 3 to 5 one derived from it, 6 is derived from channel 1, 7 and 8 are
// physical.
const std::vector<int> kSources = {0, 1, 2, 0, 1, 2, 1, 7, 8};
constexpr std::size_t kChannels = 9;

Bench bench_of(std::uint64_t seed) {
  Bench bench(kSources, seed);
  bench.triads = {{0, 1, 2}, {3, 4, 5}};
  return bench;
}

// What floats have to offer: negative zero, missing and tiny samples among others.
std::vector<float> any_recording(int max_length) {
  const auto length = static_cast<std::size_t>(*rc::gen::inRange(1, max_length + 1));
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  auto x = noise(length * kChannels, seed);
  const CounterRng rng(seed, "special values");
  const std::vector<float> special = {0.0F, -0.0F, kNan, 1e-42F, 1e4F};
  for (std::uint32_t i = 0; i < x.size(); ++i) {
    const auto words = rng.words(i);
    if (words[0] % 8 == 0) x[i] = special[words[1] % special.size()];
  }
  return x;
}

const Fault& any_fault() {
  return all_faults()[*rc::gen::inRange<std::size_t>(0, all_faults().size())];
}

int any_severity() {
  return *rc::gen::inRange(1, kMaxSeverity + 1);
}

// Draws all channels (no names), or some that every fault can act on.
std::vector<std::string> any_channels() {
  if (*rc::gen::arbitrary<bool>()) return {};
  return {"c0", "c1", "c2"};
}

Fault any_placed_fault() {
  Fault fault = any_fault();
  fault.channels = any_channels();
  if (*rc::gen::arbitrary<bool>()) fault.from_s = *rc::gen::inRange(0, 40) / 10.0;
  if (*rc::gen::arbitrary<bool>()) fault.to_s = fault.from_s + *rc::gen::inRange(1, 40) / 10.0;
  return fault;
}

std::vector<float> run(const Bench& bench, std::span<const Step> steps, std::vector<float> x,
                       std::uint32_t recording = 7) {
  inject(steps, bench.context(), {x, recording});
  return x;
}

RC_GTEST_PROP(Injector, SeverityZeroIsTheIdentityInBits,
              (std::uint64_t seed, std::uint32_t recording)) {
  const Bench bench = bench_of(seed);
  const auto x = any_recording(40);
  RC_ASSERT(same_bits(bench.broken(any_fault().name, 0, x, recording), x));
  RC_ASSERT(same_bits(run(bench, {}, x), x));
}

// A composition of up to four faults, each on its channels and for its time.
RC_GTEST_PROP(Injector, ThePiecesOfAStreamDoNotMatter,
              (std::uint64_t seed, std::uint32_t recording)) {
  const Bench bench = bench_of(seed);
  const Context context = bench.context();
  std::vector<Step> all;
  for (int n = *rc::gen::inRange(1, 5); n > 0; --n) {
    const auto more = steps(any_placed_fault(), any_severity(), context);
    all.insert(all.end(), more.begin(), more.end());
  }
  const auto x = any_recording(*rc::gen::element(3, 300, 5000));
  const auto length = static_cast<std::int64_t>(x.size() / kChannels);
  Injector injector(all, context, recording, length);
  std::vector<float> y;
  for (std::size_t begin = 0; begin < x.size();) {
    const auto frames = *rc::gen::element<std::size_t>(0, 1, 7, 100, kBlock, 3000);
    const std::size_t count = std::min(x.size() - begin, frames * kChannels);
    const auto ready = injector.push(std::span(x).subspan(begin, count));
    y.insert(y.end(), ready.begin(), ready.end());
    begin += count;
    RC_ASSERT(y.size() <= begin);
  }
  const auto rest = injector.finish();
  y.insert(y.end(), rest.begin(), rest.end());
  RC_ASSERT(same_bits(y, run(bench, all, x, recording)));
}

TEST(Injector, EveryFaultIsTheSameOverTheEdgesOfBlocks) {
  const Bench bench = bench_of(42);
  const Context context = bench.context();
  const auto x = noise(kChannels * 3500);
  for (const Fault& fault : all_faults()) {
    const auto all = steps(fault, 4, context);
    const auto expected = run(bench, all, x);
    for (const std::size_t frames : {1, kBlock - 1, kBlock, kBlock + 1}) {
      Injector injector(all, context, 7, 3500);
      std::vector<float> y;
      for (std::size_t begin = 0; begin < x.size(); begin += frames * kChannels) {
        const std::size_t count = std::min(x.size() - begin, frames * kChannels);
        const auto ready = injector.push(std::span(x).subspan(begin, count));
        y.insert(y.end(), ready.begin(), ready.end());
      }
      const auto rest = injector.finish();
      y.insert(y.end(), rest.begin(), rest.end());
      EXPECT_TRUE(same_bits(y, expected)) << fault.name << ' ' << frames;
    }
  }
}

TEST(Injector, AFaultThatLooksAheadGivesWhatIsReady) {
  const Bench bench({0});
  const auto all = steps(parse_fault("reorder(p=0.5)"), 1, bench.context());
  Injector injector(all, bench.context(), 7);
  EXPECT_EQ(injector.push(std::vector<float>(16)).size(), 0);
  EXPECT_EQ(injector.push(std::vector<float>(10)).size(), 10);
  EXPECT_EQ(injector.finish().size(), 16);
}

RC_GTEST_PROP(Injector, TheOrderOfRecordingsDoesNotMatter, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const auto all = steps(any_fault(), any_severity(), bench.context());
  const auto x = any_recording(40);
  std::vector<std::vector<float>> forward(5), backward(5);
  for (std::uint32_t r = 0; r < 5; ++r) forward[r] = run(bench, all, x, r);
  for (std::uint32_t r = 5; r-- > 0;) backward[r] = run(bench, all, x, r);
  for (std::size_t r = 0; r < 5; ++r) RC_ASSERT(same_bits(forward[r], backward[r]));
}

RC_GTEST_PROP(Injector, ChannelsThatAreNotNamedAreUntouchedInBits, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  Fault fault = any_fault();
  fault.channels = {"c2", "c0", "c1"};
  const auto x = any_recording(100);
  const auto y = run(bench, steps(fault, any_severity(), bench.context()), x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i % kChannels >= 7) RC_ASSERT(same_bits(x[i], y[i]));
  }
}

TEST(Injector, ANamedChannelTakesItsDerivedOnesAndNoOther) {
  const Bench bench = bench_of(42);
  const std::vector<float> x(kChannels * 10, 1);
  const auto y = bench.broken("bias on c1", 3, x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(y[i] != x[i], kSources[i % kChannels] == 1) << i;
  }
}

RC_GTEST_PROP(Injector, OutsideOfFromToNothingIsTouched, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  Fault fault = any_fault();
  fault.from_s = *rc::gen::inRange(0, 40) / 10.0;
  fault.to_s = fault.from_s + *rc::gen::inRange(1, 40) / 10.0;
  const auto x = any_recording(400);
  const auto y = run(bench, steps(fault, any_severity(), bench.context()), x);
  const auto from = static_cast<std::size_t>(std::round(fault.from_s * 50));
  const auto to = static_cast<std::size_t>(std::round(fault.to_s * 50));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t t = i / kChannels;
    if (t < from || t >= to) RC_ASSERT(same_bits(x[i], y[i]));
  }
}

RC_GTEST_PROP(Injector, WithinFromToAFaultWithoutMemoryIsTheSame, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const auto* name = *rc::gen::element("gaussian", "impulse", "missing", "bias", "gain", "hum",
                                       "saturation", "adc", "dropout", "rotation", "crosstalk");
  Fault fault = parse_fault(name);
  const int severity = any_severity();
  const auto x = any_recording(400);
  const auto whole = run(bench, steps(fault, severity, bench.context()), x);
  fault.from_s = *rc::gen::inRange(0, 40) / 10.0;
  fault.to_s = fault.from_s + *rc::gen::inRange(1, 40) / 10.0;
  const auto y = run(bench, steps(fault, severity, bench.context()), x);
  const auto from = static_cast<std::size_t>(std::round(fault.from_s * 50));
  const auto to = static_cast<std::size_t>(std::round(fault.to_s * 50));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t t = i / kChannels;
    if (t >= from && t < to) RC_ASSERT(same_bits(whole[i], y[i]));
  }
}

// The resampling, held and moved samples of a part know nothing of what is outside of it.
TEST(Injector, APartIsASegmentOfItsOwn) {
  const Bench bench({0, 1});
  const auto x = noise(2 * 300);
  for (const char* fault : {"jitter", "clock_skew", "stuck", "reorder", "bandwidth", "drift"}) {
    auto other = x;
    for (std::size_t i = 0; i < 100; ++i) other[i] = 9;
    for (std::size_t i = 400; i < 600; ++i) other[i] = 9;
    const std::string placed = std::string(fault) + " from 1 to 4";
    const auto y = bench.broken(placed, 4, x), z = bench.broken(placed, 4, other);
    for (std::size_t i = 100; i < 400; ++i) ASSERT_TRUE(same_bits(y[i], z[i])) << fault << ' ' << i;
    EXPECT_FALSE(same_bits(y, x)) << fault;
  }
}

RC_GTEST_PROP(Injector, WhatIsMissingStaysMissingUnlessHeldOrMoved, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const Fault& fault = any_fault();
  const auto x = any_recording(100);
  const auto y = run(bench, steps(fault, any_severity(), bench.context()), x);
  if (fault.name == "stuck" || fault.name == "reorder") return;  // their own tests say what holds
  for (std::size_t i = 0; i < x.size(); ++i) RC_ASSERT(!std::isnan(x[i]) || std::isnan(y[i]));
}

RC_GTEST_PROP(Injector, DerivedChannelsGetWhatTheirSourceGot, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const Definition& fault = definitions()[*rc::gen::inRange<std::size_t>(0, definitions().size())];
  const auto x = any_recording(100);
  const auto y = run(bench, steps(make_fault(fault), any_severity(), bench.context()), x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto channel = static_cast<int>(i % kChannels);
    const std::size_t source = i - i % kChannels + static_cast<std::size_t>(kSources[channel]);
    const bool acts =
        fault.acts_on_derived != nullptr && fault.acts_on_derived(bench.context(), channel);
    if (source == i || acts) continue;
    RC_ASSERT(same(y[i], x[i] + (y[source] - x[source])));
  }
}

// Every sample of a composition is missing in a derived channel where it is in its source.
RC_GTEST_PROP(Injector, WhatAFaultMakesMissingIsMissingInDerivedChannels, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const auto* name = *rc::gen::element("missing", "missing_burst", "dropout", "field");
  const auto y = bench.added(name, any_severity(), 200);
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t source =
        i - i % kChannels + static_cast<std::size_t>(kSources[i % kChannels]);
    RC_ASSERT(std::isnan(y[i]) == std::isnan(y[source]));
  }
}

RC_GTEST_PROP(Injector, PhysicalChannelsDoNotDependOnDerivedOnes, (std::uint64_t seed)) {
  const Bench bench = bench_of(seed);
  const auto all = steps(any_fault(), any_severity(), bench.context());
  const auto x = any_recording(100);
  auto other = x;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (kSources[i % kChannels] != static_cast<int>(i % kChannels)) other[i] = 3;
  }
  const auto y = run(bench, all, x), z = run(bench, all, other);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool physical = kSources[i % kChannels] == static_cast<int>(i % kChannels);
    if (physical) RC_ASSERT(same(y[i], z[i]));
  }
}

// 33 channels of signal: a bit for each differs somewhere, as does all that has more randomness.
struct Draw {
  Bench bench = Bench::physical(33);
  std::vector<float> x = noise(33 * 500);
  Draw() { bench.triads = {{0, 1, 2}}; }
};

bool is_random(const Fault& fault) {
  return fault.name != "saturation" && fault.name != "adc" && fault.name != "bandwidth";
}

TEST(Injector, SeedAndRecordingChooseTheDraws) {
  const Draw draw;
  Bench other = draw.bench;
  other.seed = 43;
  for (const Fault& fault : all_faults()) {
    const auto y = draw.bench.broken(fault.name, 3, draw.x);
    EXPECT_TRUE(same_bits(y, draw.bench.broken(fault.name, 3, draw.x))) << fault.name;
    EXPECT_NE(same_bits(y, other.broken(fault.name, 3, draw.x)), is_random(fault)) << fault.name;
    EXPECT_NE(same_bits(y, draw.bench.broken(fault.name, 3, draw.x, 8)), is_random(fault))
        << fault.name;
  }
}

TEST(Injector, TwoStepsOfAFaultHaveDrawsOfTheirOwn) {
  const Draw draw;
  for (const Fault& fault : all_faults()) {
    const auto once = draw.bench.broken(fault.name, 3, draw.x);
    const auto twice = draw.bench.broken(fault.name + " + " + fault.name, 3, draw.x);
    const auto repeated = draw.bench.broken(fault.name, 3, once);
    EXPECT_NE(same_bits(twice, repeated), is_random(fault)) << fault.name;
  }
}

TEST(Injector, DifferentFaultsHaveDrawsOfTheirOwn) {
  const Bench bench = Bench::physical(40);
  const std::vector<float> x(40, 1);
  const auto bias = bench.broken("bias", 5, x), gain = bench.broken("gain", 5, x);
  int equal = 0;
  for (std::size_t c = 0; c < 40; ++c) equal += (bias[c] > 1) == (gain[c] > 1);
  EXPECT_TRUE(equal > 5 && equal < 35);
}

TEST(Injector, AllFaultsTakeAllMissingOneSampleAndNone) {
  const Bench bench = bench_of(42);
  for (const Fault& fault : all_faults()) {
    for (int severity = 1; severity <= 5; ++severity) {
      for (const std::size_t length : {0, 1, 2, 50}) {
        for (const float y :
             bench.broken(fault.name, severity, std::vector<float>(length * kChannels, kNan))) {
          EXPECT_TRUE(std::isnan(y)) << fault.name;
        }
        const auto y = bench.broken(fault.name, severity, noise(length * kChannels));
        EXPECT_EQ(y.size(), length * kChannels);
        for (const float v : y) EXPECT_FALSE(std::isinf(v)) << fault.name;
      }
    }
  }
}

TEST(Injector, ObserverSeesEachStepBeforeAndAfterInOrder) {
  const Bench bench({0, 1});
  const auto all = steps(parse_fault("jitter + bias from 10 to 40"), 3, bench.context());
  const auto x = noise(2 * 3000);
  std::vector<std::vector<float>> before(2, std::vector<float>(x)), after = before;
  std::vector<std::int64_t> next = {500, 500};
  Injector injector(all, bench.context(), 7, 3000);
  injector.observe([&](std::size_t step, const Frames& clean, const Frames& broken) {
    EXPECT_EQ(clean.first, next[step]);
    EXPECT_EQ(broken.first, clean.first);
    EXPECT_EQ(broken.count, clean.count);
    next[step] = clean.end();
    for (std::int64_t t = clean.first; t < clean.end(); ++t) {
      for (int c = 0; c < 2; ++c) {
        before[step][static_cast<std::size_t>(2 * t + c)] = clean.at(c, t);
        after[step][static_cast<std::size_t>(2 * t + c)] = broken.at(c, t);
      }
    }
  });
  injector.push(x);
  injector.finish();
  EXPECT_EQ(next, (std::vector<std::int64_t>{2000, 2000}));
  EXPECT_TRUE(same_bits(before[0], x));
  EXPECT_TRUE(same_bits(after[0], bench.broken("jitter from 10 to 40", 3, x)));
  EXPECT_TRUE(same_bits(before[1], after[0]));
  EXPECT_TRUE(same_bits(after[1], run(bench, all, x)));
}

}  // namespace
}  // namespace edgeproof::faults
