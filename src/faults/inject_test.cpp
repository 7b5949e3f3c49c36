// The laws that hold for every fault of the suite.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <numeric>

#include "core/error.h"
#include "faults/testing.h"

namespace edgeproof::faults {
namespace {

using testing::Bench;
using ::testing::HasSubstr;
using testing::same_bits;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Channels 0 and 1 are physical, 2 and 3 derived from them in the other order, 4 is physical.
const std::vector<int> kSources = {0, 1, 1, 0, 4};

const Definition& any_fault() {
  return definitions()[*rc::gen::inRange<size_t>(0, definitions().size())];
}

// A recording with what floats have to offer: negative zero, missing and tiny samples among others.
std::vector<float> any_recording(int channels) {
  const int length = *rc::gen::inRange(1, 40);
  return *rc::gen::container<std::vector<float>>(
      static_cast<size_t>(length * channels),
      rc::gen::weightedOneOf<float>(
          {{6, rc::gen::map(rc::gen::inRange(-4000, 4000),
                            [](int i) { return static_cast<float>(i) / 7; })},
           {1, rc::gen::elementOf(std::vector<float>{0.0f, -0.0f, kNan, 1e-42f, 1e30f})}}));
}

RC_GTEST_PROP(Inject, SeverityZeroIsTheIdentityInBits,
              (std::uint64_t seed, std::uint32_t recording)) {
  const Bench bench(kSources, seed);
  const auto clean = any_recording(bench.channel_count());
  RC_ASSERT(same_bits(bench.broken(any_fault().name, 0, clean, recording), clean));
}

RC_GTEST_PROP(Inject, WhatIsMissingStaysMissing, (std::uint64_t seed)) {
  const Bench bench(kSources, seed);
  const auto clean = any_recording(bench.channel_count());
  const auto y = bench.broken(any_fault().name, *rc::gen::inRange(1, 6), clean);
  for (size_t i = 0; i < clean.size(); ++i) RC_ASSERT(!std::isnan(clean[i]) || std::isnan(y[i]));
}

RC_GTEST_PROP(Inject, DerivedChannelsGetWhatTheirSourceGot, (std::uint64_t seed)) {
  const Bench bench(kSources, seed);
  const auto x = any_recording(bench.channel_count());
  const auto y = bench.broken(any_fault().name, *rc::gen::inRange(1, 6), x);
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t channel = i % kSources.size();
    const size_t source = i - channel + static_cast<size_t>(kSources[channel]);
    if (source == i) continue;
    const float expected = x[i] + (y[source] - x[source]);
    RC_ASSERT(y[i] == expected || (std::isnan(y[i]) && std::isnan(expected)));
  }
}

RC_GTEST_PROP(Inject, PhysicalChannelsDoNotDependOnDerivedOnes, (std::uint64_t seed)) {
  Bench bench(kSources, seed);
  const auto& fault = any_fault();
  const int severity = *rc::gen::inRange(1, 6);
  const auto x = any_recording(bench.channel_count());
  const auto with = bench.broken(fault.name, severity, x);
  for (int c = 0; c < bench.channel_count(); ++c) bench.channels[c].source = c;
  const auto without = bench.broken(fault.name, severity, x);
  for (size_t i = 0; i < x.size(); ++i) {
    if (kSources[i % 5] != static_cast<int>(i % 5)) continue;
    RC_ASSERT(with[i] == without[i] || (std::isnan(with[i]) && std::isnan(without[i])));
  }
}

RC_GTEST_PROP(Inject, TheOrderOfRecordingsDoesNotMatter, (std::uint64_t seed)) {
  const Bench bench(kSources, seed);
  const auto& fault = any_fault();
  const int severity = *rc::gen::inRange(1, 6);
  const auto x = any_recording(bench.channel_count());
  std::vector<std::vector<float>> forward(5), backward(5);
  for (std::uint32_t r = 0; r < 5; ++r) forward[r] = bench.broken(fault.name, severity, x, r);
  for (std::uint32_t r = 5; r-- > 0;) backward[r] = bench.broken(fault.name, severity, x, r);
  for (size_t r = 0; r < 5; ++r) RC_ASSERT(same_bits(forward[r], backward[r]));
}

// 64 signs differ somewhere; so does everything that has more than a bit of randomness.
TEST(Inject, SeedAndRecordingChooseTheDraws) {
  const Bench bench(std::vector<int>{0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                     11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31});
  Bench other = bench;
  other.seed = 43;
  for (const Definition& fault : definitions()) {
    const auto y = bench.added(fault.name, 5, 64);
    EXPECT_FALSE(same_bits(y, other.added(fault.name, 5, 64))) << fault.name;
    EXPECT_FALSE(same_bits(y, bench.added(fault.name, 5, 64, 8))) << fault.name;
    EXPECT_TRUE(same_bits(y, bench.added(fault.name, 5, 64))) << fault.name;
  }
}

TEST(Inject, ASegmentFaultActsOnceAndIsCarriedToDerivedChannels) {
  const Definition packet{
      .name = "packet",
      .summary = "adds value to all physical channels of the last sample",
      .parameter = {.name = "value", .unit = "g", .min = 0, .max = 10},
      .apply = [](double value, const Context& context, const Segment& segment) {
        for (int c = 0; c < segment.channels; ++c) {
          if (!context.physical(c)) continue;
          segment.at(segment.length - 1, c) += static_cast<float>(value);
        }
      }};
  const Bench bench({0, 0, 2});
  std::vector<float> samples = {1, 2, 3, 4, 5, 6};
  inject_value(packet, 10, bench.context(), bench.segment(samples, 0));
  EXPECT_EQ(samples, (std::vector<float>{1, 2, 3, 14, 15, 16}));
}

// The message of the Error that `action` throws; fails the test if the code is another.
template <typename Action>
std::string error(ErrorCode code, Action action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  return "no error";
}

TEST(Inject, AFaultThatDoesNotApplySaysWhy) {
  Definition fault = definition("bias");
  EXPECT_EQ(not_applicable(fault, Bench({0}).context()), std::nullopt);
  fault.obstacle = [](const Context& context) -> std::optional<std::string> {
    if (context.channels.size() >= 2) return std::nullopt;
    return "it needs two channels";
  };
  const Bench one({0}), two({0, 1});
  std::vector<float> samples = {1, 2};
  EXPECT_EQ(not_applicable(fault, two.context()), std::nullopt);
  inject(fault, 1, two.context(), two.segment(samples, 0));
  EXPECT_EQ(error(ErrorCode::unsupported,
                  [&] { inject(fault, 1, one.context(), one.segment(samples, 0)); }),
            "fault 'bias' does not apply: it needs two channels");
}

TEST(Inject, RefusesWhatIsOutOfRange) {
  const Bench bench({0});
  std::vector<float> samples(4);
  const auto segment = bench.segment(samples, 0);
  for (const int severity : {-1, 6}) {
    EXPECT_EQ(error(ErrorCode::bad_config,
                    [&] { inject(definition("drift"), severity, bench.context(), segment); }),
              fmt::format("fault 'drift': severity is {}, expected 0 to 5", severity));
  }
  for (const double p : {-0.1, 1.1, std::nan("")}) {
    EXPECT_EQ(
        error(ErrorCode::bad_config,
              [&] { inject_value(definition("missing"), p, bench.context(), segment); }),
        fmt::format("fault 'missing': p is {}, expected 0 to 1 (probability of a sample)", p));
  }
}

TEST(Inject, RefusesASegmentThatDoesNotFitTheDataSet) {
  Bench bench({0, 0});
  std::vector<float> samples(4);
  const auto run = [&](const Segment& segment) {
    return error(ErrorCode::bad_input,
                 [&] { inject(definition("bias"), 1, bench.context(), segment); });
  };
  EXPECT_THAT(run({samples, 3, 2, 9}),
              HasSubstr("recording 9: 4 samples, expected 3 x 2 channels"));
  EXPECT_THAT(run({samples, 4, 1, 9}), HasSubstr("1 channels, but the data set has 2"));
  for (const int source : {-1, 2}) {
    bench.channels[1].source = source;
    EXPECT_THAT(run({samples, 2, 2, 9}), HasSubstr("channel 'c1': derived from channel"));
  }
  bench.channels[0].source = 1;  // and 1 is derived itself
  bench.channels[1].source = 0;
  EXPECT_THAT(run({samples, 2, 2, 9}), HasSubstr("channel 'c0': derived from channel 1"));
}

}  // namespace
}  // namespace edgeproof::faults
