// ep_push() against the host's pipeline and runtime on the same counts.

#include "formats/c/push.h"

#include <gtest/gtest.h>

#include <tuple>

#include "core/error.h"
#include "formats/c/compiled_module_testing.h"
#include "formats/c/export.h"
#include "formats/c/push_testing.h"
#include "formats/graphs_testing.h"
#include "runtime/networks_testing.h"

namespace edgeproof::formats {
namespace {

constexpr int kSensors = 3, kLength = 32, kSamples = 150;
const std::vector<double> kUnits = {0.001, 0.25, 1.0 / 3};

Model model(signal::Imputation imputation, int hop) {
  const int channels = kSensors + (imputation == signal::Imputation::mask ? 1 : 0);
  const Deployment deployment{
      .window_length = kLength,
      .hop = hop,
      .rate_hz = 50,
      .channels = {{"x", "g", 0}, {"y", "g", 1}, {"z", "g", 2}},
      .pipeline = {imputation, {{0.7F, -1000.0F / 3, 12}, {1.0F / 3, 77.7F, 900}}},
      .labels = {"walk", "\"); #error */", "a\?\?/\n", "ä"},
      .provenance = {"ab", "", 1, "0.1.0"}};
  return {runtime::quantized(runtime::random_network("cnn", {kLength, channels}, 4, 1)),
          to_metadata(deployment)};
}

// Noise, ramps to both ends, and gaps, one of them at the beginning.
std::vector<std::int16_t> counts() {
  RandomWeights random(3);
  std::vector<std::int16_t> values;
  for (int t = 0; t < kSamples; ++t) {
    for (int c = 0; c < kSensors; ++c) {
      const bool missing = (c == 1 && t < 5) || random.integer(0, 9) == 0;
      values.push_back(missing ? kMissingCount
                               : static_cast<std::int16_t>(random.integer(-2500, 2500)));
    }
  }
  values[30] = 32767;
  values[31] = -32767;
  return values;
}

TEST(CExportPush, GivesTheHostsScoresForEveryImputationAndHop) {
  const std::vector<std::int16_t> stream = counts();
  using signal::Imputation;
  for (const auto& [imputation, hop, look_ahead] : {std::tuple{Imputation::hold, 16, 0},
                                                    {Imputation::mean, 32, 0},
                                                    {Imputation::mask, 45, 0},
                                                    {Imputation::hold, 1, 0},
                                                    {Imputation::linear, 16, 0},
                                                    {Imputation::linear, 32, 7},
                                                    {Imputation::linear, 45, 40}}) {
    SCOPED_TRACE(
        fmt::format("{} hop {} + {}", signal::imputation_name(imputation), hop, look_ahead));
    const Model m = model(imputation, hop);
    const CompiledModule module(to_c(m, {kUnits, look_ahead}), kPushMain);
    ASSERT_TRUE(module.compiled());
    EXPECT_EQ(module.run(as_bytes(stream)), host_push(m, stream, kUnits, look_ahead));
    EXPECT_EQ(module.bytes_of("b"), c_costs(m, {kUnits, look_ahead}).front().ram_bytes);
  }
}

TEST(CExportPush, StreamsTheHostsScores) {
  const std::vector<std::int16_t> stream = counts();
  using signal::Imputation;
  for (const auto& [imputation, hop] : {std::pair{Imputation::hold, 8},
                                        {Imputation::mean, 4},
                                        {Imputation::mask, 16},
                                        {Imputation::hold, 2}}) {
    SCOPED_TRACE(fmt::format("{} hop {}", signal::imputation_name(imputation), hop));
    // The module's hop takes the place of the model's.
    const CExportOptions options{.units_per_count = kUnits, .stream_hop = hop};
    const CompiledModule module(to_c(model(imputation, 32), options), kPushMain);
    ASSERT_TRUE(module.compiled());
    EXPECT_EQ(module.run(as_bytes(stream)), host_push(model(imputation, hop), stream, kUnits));
    EXPECT_EQ(module.bytes_of("b"), c_costs(model(imputation, 32), options).front().ram_bytes);
  }
}

TEST(CExportPush, ForgetsTheStreamWhenItIsReset) {
  const std::vector<std::int16_t> stream = counts();
  const Model m = model(signal::Imputation::hold, 8);
  for (const int stream_hop : {0, 8}) {
    const auto files = to_c(m, {.units_per_count = kUnits, .stream_hop = stream_hop});
    const CompiledModule module(files, kPushMain, fmt::format("-O1 -DRESET_AT={}", kSamples));
    ASSERT_TRUE(module.compiled());
    const std::string once = host_push(m, stream, kUnits);
    EXPECT_EQ(module.run(as_bytes(stream) + as_bytes(stream)), once + once);
  }
}

std::string message_of(const Model& model, const std::vector<double>& units, int look_ahead = 0,
                       int stream_hop = 0) {
  try {
    to_c(model, {units, look_ahead, stream_hop});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(CExportPush, RefusesWhatADeviceCannotDo) {
  const auto expect = [](const std::string& message, const std::string& text) {
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  expect(message_of(model(signal::Imputation::hold, 16), {1}, 1), "expected 'linear'");
  expect(message_of(model(signal::Imputation::hold, 16), {1, 2}), "3, one for each");
  expect(message_of(model(signal::Imputation::hold, 16), {-1}), "positive");
  expect(message_of(model(signal::Imputation::hold, 16), {1e9}), "units_per_count");
  expect(message_of({model(signal::Imputation::hold, 16).graph, {}}, {1}), "edgeproof.");
  expect(message_of(model(signal::Imputation::linear, 16), {1}, 0, 16),
         "streaming: imputation 'linear' rewrites samples");
}

}  // namespace
}  // namespace edgeproof::formats
