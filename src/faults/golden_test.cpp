// Published results must not change in silence. These are samples of severity 4, seed 42, recording
// 7, of two physical channels with sd 1 and 1.5, from x[i] = (i mod 8) / 4 over 100 x 2 samples;
// made by this code at version 1 of the suite. Whoever has to change them changes every result:
// raise the version.

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "faults/testing.h"
#include "faults/training.h"

namespace edgeproof::faults {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Sample {
  size_t index;
  float value;
};

const std::map<std::string, std::vector<Sample>> kGolden = {
    {"gaussian",
     {{0, -0.639550745f},
      {1, 0.157958776f},
      {2, -0.753317952f},
      {3, -0.611738503f},
      {100, 1.47940981f},
      {101, 1.20468736f},
      {198, 1.0049206f},
      {199, 1.47275639f}}},
    {"impulse",
     {{0, 0.0f},
      {12, -3.43705535f},
      {41, -9.17596054f},
      {45, 13.2383194f},
      {54, 8.31201649f},
      {55, -5.31483269f},
      {64, 6.29987383f},
      {96, -6.75885439f},
      {123, 9.77081966f}}},
    {"drift",
     {{0, 0.0f},
      {1, 0.25f},
      {2, 0.520202041f},
      {3, 0.780303001f},
      {100, 2.01010108f},
      {101, 2.7651515f},
      {198, 3.5f},
      {199, 4.75f}}},
    {"missing",
     {{0, 0.0f},
      {1, 0.25f},
      {2, kNan},
      {3, kNan},
      {4, kNan},
      {5, 1.25f},
      {6, 1.5f},
      {7, kNan},
      {11, kNan},
      {13, kNan},
      {14, kNan},
      {18, kNan}}},
    {"bias",
     {{0, 1.0f},
      {1, -1.25f},
      {2, 1.5f},
      {3, -0.75f},
      {100, 2.0f},
      {101, -0.25f},
      {198, 2.5f},
      {199, 0.25f}}},
};

TEST(Golden, EveryFaultKeepsItsSamples) {
  const testing::Bench bench({0, 1}, 42);
  std::vector<float> x;
  for (int i = 0; i < 200; ++i) x.push_back(0.25f * static_cast<float>(i % 8));
  for (const Definition& fault : definitions()) {
    const auto y = bench.broken(fault.name, 4, x, 7);
    ASSERT_TRUE(kGolden.contains(fault.name)) << fault.name;
    for (const auto& [index, value] : kGolden.at(fault.name)) {
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(y[index])) << fault.name << " at " << index;
      } else {
        EXPECT_EQ(y[index], value) << fault.name << " at " << index;
      }
    }
  }
}

TEST(Golden, TrainingKeepsItsChoices) {
  const TrainingSampler sampler(suite("core"), 42);
  const std::vector<std::pair<std::string, int>> expected = {
      {"bias", 4}, {"impulse", 3}, {"bias", 1}, {"impulse", 1}};
  for (std::uint32_t recording = 0; recording < expected.size(); ++recording) {
    const auto fault = sampler.draw(3, recording);
    EXPECT_EQ(fault.definition->name, expected[recording].first);
    EXPECT_EQ(fault.severity, expected[recording].second);
    EXPECT_EQ(fault.seed, 0xc438e4ffed8ec67bULL);
  }
}

}  // namespace
}  // namespace edgeproof::faults
