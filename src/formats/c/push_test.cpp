// ep_push() against the host's pipeline and runtime on the same counts.

#include "formats/c/push.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/error.h"
#include "formats/c/compiled_module_test.h"
#include "formats/c/export.h"
#include "formats/test_graphs.h"
#include "runtime/test_graphs.h"
#include "runtime/workspace.h"

namespace edgeproof::formats {
namespace {

constexpr int kSensors = 3, kLength = 32, kSamples = 150;
constexpr std::int16_t kMissing = -32768;
const std::vector<double> kUnits = {0.001, 0.25, 1.0 / 3};

constexpr const char* kMain = R"(
#include <stdio.h>
#include "model.h"
int main(void)
{
  int16_t counts[EP_SENSORS];
  int8_t scores[EP_OUTPUT_SIZE];
  while (fread(counts, 1, sizeof counts, stdin) == sizeof counts) {
    const int label = ep_push(counts, scores);
    if (label < 0) continue;
    putchar(label);
    fwrite(scores, 1, sizeof scores, stdout);
  }
  return 0;
}
)";

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
      values.push_back(missing ? kMissing : static_cast<std::int16_t>(random.integer(-2500, 2500)));
    }
  }
  values[30] = 32767;
  values[31] = -32767;
  return values;
}

std::string host(const Model& model, const std::vector<std::int16_t>& counts) {
  const Deployment deployment = from_metadata(model.metadata, "model");
  std::vector<float> samples;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    samples.push_back(counts[i] == kMissing ? std::numeric_limits<float>::quiet_NaN()
                                            : static_cast<float>(counts[i] * kUnits[i % kSensors]));
  }
  const std::vector<float> prepared = signal::prepare_recording(deployment.pipeline, samples);
  const runtime::Plan plan(model.graph, {.keep_all = true});
  runtime::Workspace workspace(plan);
  std::vector<float> logits(plan.output_size());
  const auto row = static_cast<std::size_t>(deployment.pipeline.input_channels());
  std::string out;
  for (int start = 0; start + kLength <= kSamples; start += deployment.hop) {
    runtime::run(plan, workspace,
                 std::span(prepared).subspan(static_cast<std::size_t>(start) * row, kLength * row),
                 logits);
    const auto scores = runtime::node_output<std::int8_t>(
        plan, workspace, static_cast<int>(model.graph.nodes.size()) - 1);
    out.push_back(static_cast<char>(std::ranges::max_element(scores) - scores.begin()));
    out.append(scores.begin(), scores.end());
  }
  return out;
}

TEST(CExportPush, GivesTheHostsScoresForEveryImputationAndHop) {
  const std::vector<std::int16_t> stream = counts();
  std::string bytes(stream.size() * 2, 0);
  std::memcpy(bytes.data(), stream.data(), bytes.size());
  using signal::Imputation;
  for (const auto& [imputation, hop] : {std::pair{Imputation::hold, 16},
                                        {Imputation::mean, 32},
                                        {Imputation::mask, 45},
                                        {Imputation::hold, 1}}) {
    SCOPED_TRACE(fmt::format("{} hop {}", signal::imputation_name(imputation), hop));
    const Model m = model(imputation, hop);
    const CompiledModule module(to_c(m, {kUnits}), kMain);
    ASSERT_TRUE(module.compiled());
    EXPECT_EQ(module.run(bytes), host(m, stream));
    EXPECT_EQ(module.bytes_of("b"), c_costs(m, {kUnits}).front().ram_bytes);
  }
}

std::string message_of(const Model& model, const std::vector<double>& units) {
  try {
    to_c(model, {units});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(CExportPush, RefusesWhatADeviceCannotDo) {
  const auto expect = [](const std::string& message, const std::string& text) {
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  expect(message_of(model(signal::Imputation::linear, 16), {1}), "looks ahead");
  expect(message_of(model(signal::Imputation::hold, 16), {1, 2}), "3, one for each");
  expect(message_of(model(signal::Imputation::hold, 16), {-1}), "positive");
  expect(message_of(model(signal::Imputation::hold, 16), {1e9}), "units_per_count");
  expect(message_of({model(signal::Imputation::hold, 16).graph, {}}, {1}), "edgeproof.");
}

}  // namespace
}  // namespace edgeproof::formats
