// Linear imputation by ep_push(): the host's levels, sample by sample.

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "formats/c/compiled_module_testing.h"
#include "formats/c/export.h"
#include "formats/c/prelude.h"
#include "formats/c/push_testing.h"
#include "formats/graphs_testing.h"

namespace edgeproof::formats {
namespace {

constexpr int kSamples = 2000;

// A network whose scores are its input.
Model identity(const std::vector<double>& units, const signal::Statistics& statistics,
               graph::Quantization quantization) {
  const int channels = static_cast<int>(units.size());
  Deployment deployment{.window_length = 1,
                        .hop = 1,
                        .rate_hz = 50,
                        .pipeline = {signal::Imputation::linear, statistics},
                        .provenance = {"ab", "", 1, "0.1.0"}};
  for (int c = 0; c < channels; ++c) {
    deployment.channels.push_back({fmt::format("c{}", c), "g", c});
    deployment.labels.push_back(fmt::format("l{}", c));
  }
  const auto count = static_cast<std::size_t>(channels);
  const graph::Conv1d conv{
      .out_channels = channels,
      .groups = channels,
      .weights = graph::Int8Weights{.values = std::vector<std::int8_t>(count, 64),
                                    .scales = std::vector<float>(count, 1.0F / 64),
                                    .bias = std::vector<std::int32_t>(count)}};
  const graph::Graph graph{"identity",
                           {{"input", graph::Input{{1, channels}}, {}, quantization},
                            {"same", conv, {0}, quantization}}};
  return {graph, to_metadata(deployment)};
}

// Walks of every pace, so that levels are seldom clamped, with gaps of up to 200 samples; the last
// channel is missing throughout, the others at both ends.
std::vector<std::int16_t> counts(std::size_t sensors, std::uint64_t seed) {
  RandomWeights random(seed);
  std::vector<std::int16_t> values(kSamples * sensors, kMissingCount);
  for (std::size_t c = 0; c + 1 < sensors; ++c) {
    int count = random.integer(-300, 300), gap = random.integer(0, 40);
    for (int t = 0; t < kSamples - 20; ++t) {
      const int pace = 1 << random.integer(0, 9);
      count = std::clamp(count + random.integer(-pace, pace), -900, 900);
      if (gap == 0 && random.integer(0, 4) == 0) {
        gap = random.integer(0, 9) == 0 ? random.integer(1, 200) : random.integer(1, 9);
      }
      if (gap > 0) {
        --gap;
      } else {
        values[static_cast<std::size_t>(t) * sensors + c] = static_cast<std::int16_t>(count);
      }
    }
  }
  values[100 * sensors] = 32767;
  values[130 * sensors] = -32767;
  return values;
}

TEST(CExportPushLinear, GivesTheHostsLevelsInEveryGap) {
  const std::vector<double> units = {0.00061, 1.0 / 3, 9.80665 / 2048, 1, 0.125, 1e-20, 7e20, 0.1};
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    RandomWeights random(seed);
    signal::Statistics statistics;
    for (const double unit : units) {
      statistics.mean.push_back(static_cast<float>(unit * random.real(-100, 100)));
      statistics.sd.push_back(static_cast<float>(unit * random.real(20, 400)));
    }
    const Model model = identity(units, statistics, random.quantization());
    const std::vector<std::int16_t> stream = counts(units.size(), seed);
    const int look_ahead = seed % 2 == 0 ? 30 : 0;
    const CompiledModule module(to_c(model, {units, look_ahead}), kPushMain);
    ASSERT_TRUE(module.compiled());
    EXPECT_EQ(module.run(as_bytes(stream)), host_push(model, stream, units, look_ahead));
    EXPECT_EQ(module.bytes_of("b"), c_costs(model, {units, look_ahead}).front().ram_bytes);
    const std::size_t labels = units.size() * (4 + 3);  // pointers and texts
    EXPECT_EQ(module.bytes_of("r") + labels,
              c_costs(model, {units, look_ahead}).front().table_bytes);
  }
}

// What the host gives for the whole recording.
TEST(CExportPushLinear, IsTheWholeRecordingsWhereItLooksFarEnough) {
  const std::vector<double> units = {0.01, 0.02, 0.03};
  const Model model = identity(units, {{1, 0, -1}, {2, 3, 4}}, {0.02F, 3});
  std::vector<std::int16_t> stream = counts(units.size(), 9);
  const int look_ahead = 250;
  const std::string expected = host_push(model, stream, units);
  stream.insert(stream.end(), look_ahead * units.size(), kMissingCount);
  const CompiledModule module(to_c(model, {units, look_ahead}), kPushMain);
  ASSERT_TRUE(module.compiled());
  EXPECT_EQ(module.run(as_bytes(stream)), expected);
}

constexpr const char* kArithmetic = R"(
static void put(ep_real real)
{
  fwrite(&real, sizeof real, 1, stdout);
}

int main(void)
{
  int32_t in[4];
  while (fread(in, sizeof in, 1, stdin) == 1) {
    const ep_real a = ep_rounded(in[0], in[1]), b = ep_rounded(in[2], in[3]);
    put(ep_real_sum(a, b, 1));
    put(ep_real_sum(a, b, -1));
    put(ep_real_product(a, b));
    put(ep_real_quotient(a, b));
  }
  return 0;
}
)";

// Short mantissas make ties, far exponents sticky bits.
TEST(CExportPushLinear, ComputesSinglePrecisionInIntegers) {
  RandomWeights random(5);
  std::vector<std::int32_t> in;
  std::vector<double> expected;
  for (int i = 0; i < 20000; ++i) {
    const auto mantissa = [&] { return random.integer(1, (1 << random.integer(1, 24)) - 1); };
    const std::int32_t a = random.integer(0, 1) == 0 ? mantissa() : -mantissa(), b = mantissa();
    const int ea = random.integer(-35, 35), eb = random.integer(-35, 35);
    const float fa = std::ldexp(static_cast<float>(a), ea);
    const float fb = std::ldexp(static_cast<float>(b), eb);
    in.insert(in.end(), {a, ea, b, eb});
    expected.insert(expected.end(), {fa + fb, fa - fb, fa * fb, fa / fb});
  }
  std::string bytes(in.size() * 4, 0);
  std::memcpy(bytes.data(), in.data(), bytes.size());
  const CompiledModule module(
      {{"model.c",
        fmt::format("#include <stdint.h>\n#include <stdio.h>\n{}{}", c::kPushReal, kArithmetic)}},
      "extern int ep_unused;\n");
  ASSERT_TRUE(module.compiled());
  const std::string out = module.run(bytes);
  ASSERT_EQ(out.size(), expected.size() * 8);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::int32_t real[2];
    std::memcpy(real, out.data() + i * 8, 8);
    ASSERT_EQ(std::ldexp(static_cast<double>(real[0]), real[1]), expected[i]) << i;
  }
}

std::string message_of(const std::vector<double>& units, int look_ahead) {
  try {
    to_c(identity({1, 1}, {{0, 0}, {1e-24F, 1e-24F}}, {0.1F, 0}), {units, look_ahead});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(CExportPushLinear, RefusesWhatItCannotCompute) {
  EXPECT_NE(message_of({1e-26}, 0).find("cannot be interpolated"), std::string::npos);
  EXPECT_NE(message_of({1e-25}, -1).find("expected 0 to"), std::string::npos);
  EXPECT_NE(message_of({1e-25}, 1 << 17).find("expected 0 to"), std::string::npos);
}

}  // namespace
}  // namespace edgeproof::formats
