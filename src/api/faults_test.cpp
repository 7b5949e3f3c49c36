#include "edgeproof/faults.h"

#include <cmath>

#include "api/api_testing.h"
#include "faults/injector.h"

namespace edgeproof::api {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kChannels = 6, kSamples = 700;

// Three axes with a triad, and three derived from them.
Sensors body() {
  Sensors sensors{.rate_hz = 50, .triads = {{0, 1, 2}}};
  for (int c = 0; c < 6; ++c) {
    sensors.channels.push_back({.name = fmt::format("c{}", c),
                                .unit = "g",
                                .source = c < 3 ? kPhysical : c - 3,
                                .statistics = Statistics{0.1F * static_cast<float>(c), 1.5F}});
  }
  return sensors;
}

// The same by the module.
std::vector<float> broken_inside(const std::string& fault, int severity, std::uint64_t seed,
                                 std::uint32_t recording) {
  std::vector<signal::Channel> channels;
  std::vector<float> mean, sd;
  for (int c = 0; c < 6; ++c) {
    channels.push_back({fmt::format("c{}", c), "g", c % 3});
    mean.push_back(0.1F * static_cast<float>(c));
    sd.push_back(1.5F);
  }
  const std::vector<std::array<int, 3>> triads = {{0, 1, 2}};
  std::vector<float> samples = noise(kSamples * kChannels);
  faults::inject(faults::parse_fault(fault), severity, {50, channels, triads, mean, sd, seed},
                 {samples, recording});
  return samples;
}

TEST(Inject, IsWhatTheInsideDoesBitForBit) {
  for (const FaultInfo& info : list_faults()) {
    for (const int severity : {0, 1, 5}) {
      std::vector<float> samples = noise(kSamples * kChannels);
      inject(samples, Fault(info.name), body(), {.severity = severity, .seed = 11, .recording = 4});
      EXPECT_TRUE(same_bits(samples, broken_inside(info.name, severity, 11, 4))) << info.name;
    }
  }
}

TEST(Inject, WhatAFaultChangesGoesThroughTheFilterOfADerivedChannel) {
  Sensors sensors = body();
  const std::vector<float> clean = noise(kSamples * kChannels);
  const auto changes_derived = [&] {
    std::vector<float> samples = clean;
    inject(samples, Fault("bias"), sensors);
    return samples[3] != clean[3];
  };
  EXPECT_TRUE(changes_derived());
  for (std::size_t c = 3; c < 6; ++c) sensors.channels[c].filter = {FilterKind::high_pass, 3, 0.3};
  EXPECT_FALSE(changes_derived());
  sensors.channels[3].filter.hz = sensors.rate_hz / 2;
  EXPECT_THAT(error(ErrorCode::bad_config, changes_derived), HasSubstr("the cut-off must be"));
}

TEST(InjectMarked, BreaksTheSameAndMarksWhatASingleFaultChanged) {
  for (const FaultInfo& info : list_faults()) {
    std::vector<float> samples = noise(kSamples * kChannels), marked = samples;
    inject(samples, Fault(info.name), body());
    const std::vector<std::uint8_t> marks = inject_marked(marked, Fault(info.name), body());
    ASSERT_TRUE(same_bits(marked, samples)) << info.name;
    ASSERT_EQ(marks.size(), samples.size());
    if (info.parameters.empty()) continue;  // parts may undo each other
    const std::vector<float> clean = noise(kSamples * kChannels);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < marks.size(); ++i) {
      const bool differs = std::memcmp(&clean[i], &samples[i], sizeof(float)) != 0;
      ASSERT_EQ(marks[i], differs ? 1 : 0) << info.name << ", value " << i;
      changed += differs;
    }
    EXPECT_GT(changed, 0U) << info.name;
  }
}

TEST(InjectMarked, MarksNothingAtSeverityZero) {
  std::vector<float> samples = noise(kSamples * kChannels);
  const auto marks = inject_marked(samples, Fault("gaussian"), body(), {.severity = 0});
  EXPECT_TRUE(same_bits(samples, noise(kSamples * kChannels)));
  EXPECT_EQ(std::ranges::count(marks, 0), std::ssize(marks));
}

TEST(ListFaults, HasTheParametersOfTheTable) {
  const std::vector<FaultInfo> list = list_faults();
  const auto hum = std::ranges::find(list, "hum", &FaultInfo::name);
  ASSERT_NE(hum, list.end());
  ASSERT_EQ(hum->parameters.size(), 2U);
  EXPECT_EQ(hum->parameters[0].values, (std::vector<double>{.1, .25, .5, 1, 2}));
  EXPECT_EQ(hum->parameters[1].name, "hz");
  EXPECT_EQ(hum->parameters[1].values.size(), 1U);
  EXPECT_TRUE(hum->needs_statistics);
  EXPECT_EQ(list.size(), faults::all_faults().size());
}

TEST(Fault, KnowsItsSeveritiesAndWhereItDoesNotApply) {
  EXPECT_EQ(Fault("drift").severities(), 5);
  EXPECT_EQ(Fault("winter: drift(sd=1) + missing(p=0.1|0.2)").severities(), 2);
  EXPECT_EQ(Fault("winter: drift(sd=1) + missing(p=0.1|0.2)").name(), "winter");
  EXPECT_EQ(Fault("rotation").not_applicable(body()), std::nullopt);
  Sensors flat = body();
  flat.triads.clear();
  EXPECT_NE(Fault("rotation").not_applicable(flat), std::nullopt);
  std::vector<float> samples = noise(kSamples * kChannels);
  error(ErrorCode::unsupported, [&] { inject(samples, Fault("rotation"), flat); });
}

TEST(Inject, ErrorsSayWhatIsWrongAndChangeNothing) {
  EXPECT_THAT(error(ErrorCode::bad_config, [] { Fault("drfit"); }), HasSubstr("'drift'"));
  std::vector<float> samples = noise(kSamples * kChannels);
  Sensors unknown = body();
  unknown.channels[5].statistics.reset();
  error(ErrorCode::bad_config, [&] { inject(samples, Fault("bias"), unknown); });
  error(ErrorCode::bad_config, [&] { inject(samples, Fault("bias"), body(), {.severity = 6}); });
  error(ErrorCode::bad_config, [&] { inject(samples, Fault("bias on nose"), body()); });
  error(ErrorCode::bad_input,
        [&] { inject(std::span(samples).first(kChannels + 1), Fault("missing"), body()); });
  Sensors circular = body();
  circular.channels[0].source = 3;
  error(ErrorCode::bad_input, [&] { inject(samples, Fault("missing"), circular); });
  EXPECT_TRUE(same_bits(samples, noise(kSamples * kChannels)));
}

}  // namespace
}  // namespace edgeproof::api
