// Published results must not change in silence. These are samples of severity 4, seed 42, recording
// 7, of a triad of three physical channels with sd 1, 1.5 and 2, from x[i] = (7 i mod 16) / 4 over
// 100 x 3 samples at 50 a second; made by this code at version 1 of the suite, and the same
// in version 2, which changed derived channels only. Whoever has to change them changes every
// result: raise the version.

#include <map>

#include "faults/faults_testing.h"
#include "faults/training.h"

namespace edgeproof::faults {
namespace {

using namespace testing;

struct Sample {
  std::size_t index;
  float value;
};

const std::map<std::string, std::vector<Sample>> kGolden = {
    {"gaussian",
     {{0, -0.8810829F},
      {1, 1.6802841F},
      {2, 3.4351122F},
      {100, 3.8518455F},
      {101, 2.1030445F},
      {102, 1.9761722F},
      {298, 3.258223F},
      {299, 0.92588186F}}},
    {"impulse",
     {{3, -2.4575968F},
      {4, 3.0F},
      {33, -4.2657332F},
      {34, 3.5F},
      {42, -5.6481214F},
      {43, 3.25F},
      {46, -7.301338F},
      {47, 2.25F}}},
    {"drift",
     {{0, 0.0F},
      {1, 1.75F},
      {2, 3.5F},
      {100, 4.0F},
      {101, -0.5833334F},
      {102, 3.1868687F},
      {298, 4.5F},
      {299, -0.75F}}},
    {"missing",
     {{2, kNan},
      {3, 1.25F},
      {4, kNan},
      {6, 2.5F},
      {9, kNan},
      {15, 2.25F},
      {16, kNan},
      {17, 1.75F}}},
    {"bias",
     {{0, 1.0F},
      {1, 0.25F},
      {2, 1.5F},
      {100, 1.5F},
      {101, -1.25F},
      {102, 3.5F},
      {298, 0.0F},
      {299, 1.25F}}},
    {"drift_walk",
     {{0, 0.0F},
      {1, 1.75F},
      {2, 3.5F},
      {100, 4.515952F},
      {101, -1.0784208F},
      {102, 2.6912098F},
      {298, 6.2918835F},
      {299, 7.6215124F}}},
    {"gain",
     {{0, 0.0F},
      {1, 2.45F},
      {2, 2.1000001F},
      {100, 4.2F},
      {101, 0.45000002F},
      {102, 1.5F},
      {298, 2.1F},
      {299, 1.95F}}},
    {"hum",
     {{0, -0.61263955F},
      {1, 0.8310407F},
      {2, 2.274721F},
      {100, 3.0496612F},
      {101, 0.81621504F},
      {102, 1.5423582F},
      {298, 2.9825544F},
      {299, 5.226739F}}},
    {"saturation",
     {{0, 0.0F},
      {1, 1.75F},
      {2, 3.5F},
      {100, 2.5F},
      {101, 0.75F},
      {102, 1.0F},
      {298, 1.5F},
      {299, 3.25F}}},
    {"adc",
     {{0, 0.25F},
      {1, 2.125F},
      {2, 3.5F},
      {100, 2.875F},
      {101, 0.5F},
      {102, 2.75F},
      {298, 1.375F},
      {299, 3.5F}}},
    {"stuck",
     {{24, 0.75F},
      {25, 3.75F},
      {27, 0.75F},
      {28, 1.0F},
      {30, 0.75F},
      {31, 2.25F},
      {33, 0.75F},
      {34, 3.5F}}},
    {"missing_burst",
     {{147, kNan}, {177, 1.75F}, {213, kNan}, {216, 2.0F}, {282, kNan}, {297, 3.75F}}},
    {"dropout", {{0, kNan}, {1, 1.75F}, {2, kNan}, {297, kNan}, {298, 1.5F}, {299, kNan}}},
    {"jitter",
     {{0, 0.10258834F},
      {1, 1.8525883F},
      {2, 3.2743056F},
      {100, 2.6313899F},
      {101, 1.5609422F},
      {102, 1.9988322F},
      {298, 1.5F},
      {299, 3.25F}}},
    {"clock_skew",
     {{0, 3.09375F},
      {1, 1.75F},
      {2, 3.5F},
      {100, 1.96875F},
      {101, 3.01875F},
      {102, 3.46875F},
      {298, 1.5F},
      {299, 3.25F}}},
    {"rotation",
     {{0, -1.506908F},
      {1, 0.9527617F},
      {2, 3.4833853F},
      {100, 1.8811815F},
      {101, 2.3602982F},
      {102, 0.7917422F},
      {298, -1.0054082F},
      {299, 4.893365F}}},
    {"crosstalk",
     {{0, 0.3F},
      {1, 1.75F},
      {2, 3.9F},
      {100, 3.75F},
      {101, 1.8166667F},
      {102, 2.5F},
      {298, 3.75F},
      {299, 3.5166667F}}},
    {"bandwidth",
     {{0, 0.0F},
      {1, 1.75F},
      {2, 3.5F},
      {100, 1.9647189F},
      {101, 2.1785374F},
      {102, 1.5038252F},
      {298, 1.5992332F},
      {299, 2.1409621F}}},
    {"reorder",
     {{0, 0.0F},
      {47, 2.25F},
      {48, 2.0F},
      {49, 3.75F},
      {71, 2.25F},
      {72, 0.0F},
      {239, 0.25F},
      {240, 0.0F}}},
    {"field",
     {{0, -0.44054145F},
      {1, 1.7151421F},
      {2, 3.4675562F},
      {100, 3.9259226F},
      {101, 0.75985557F},
      {102, 2.5815206F},
      {298, 3.8791115F},
      {299, 0.08794093F}}},
};

TEST(Golden, EveryFaultKeepsItsSamples) {
  Bench bench = Bench::physical(3);
  bench.triads = {{0, 1, 2}};
  std::vector<float> x;
  for (int i = 0; i < 300; ++i) x.push_back(0.25F * static_cast<float>(7 * i % 16));
  for (const Fault& fault : all_faults()) {
    const auto y = bench.broken(fault.name, 4, x);
    ASSERT_TRUE(kGolden.contains(fault.name)) << fault.name;
    for (const auto& [index, value] : kGolden.at(fault.name)) {
      EXPECT_TRUE(same(y[index], value)) << fault.name << " at " << index << ": " << y[index];
    }
  }
}

TEST(Golden, TrainingKeepsItsChoices) {
  const auto full = suite("full");
  std::vector<double> errors;
  for (int fault = 0; fault < 20; ++fault) errors.push_back(fault);
  const std::map<Sampling, std::vector<std::pair<std::size_t, int>>> expected = {
      {Sampling::uniform, {{18, 4}, {5, 3}, {17, 1}, {6, 1}}},
      {Sampling::curriculum, {{18, 3}, {5, 2}, {17, 1}, {6, 1}}},
      {Sampling::worst, {{18, 4}, {9, 3}, {18, 1}, {10, 1}}},
  };
  for (const auto& [sampling, choices] : expected) {
    TrainingSampler sampler({full.begin(), full.end()}, sampling, 10, 42);
    sampler.learn(errors);
    for (std::uint32_t recording = 0; recording < choices.size(); ++recording) {
      const auto fault = sampler.draw(3, recording);
      EXPECT_EQ(fault.fault, choices[recording].first);
      EXPECT_EQ(fault.severity, choices[recording].second);
      EXPECT_EQ(fault.seed, 0xc438e4ffed8ec67bULL);
    }
  }
}

}  // namespace
}  // namespace edgeproof::faults
