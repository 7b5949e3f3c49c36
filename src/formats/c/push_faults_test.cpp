// ep_push() on recordings with every fault, for every imputation: the host's labels and scores.

#include <gtest/gtest.h>

#include <cmath>

#include "faults/injector.h"
#include "formats/c/compiled_module_testing.h"
#include "formats/c/export.h"
#include "formats/c/push_testing.h"
#include "formats/graphs_testing.h"
#include "runtime/networks_testing.h"

namespace edgeproof::formats {
namespace {

constexpr int kSensors = 3, kHop = 24;
constexpr double kUnit = 1.0 / 300;

const std::vector<signal::Channel> kChannels = {{"x", "g", 0}, {"y", "g", 1}, {"z", "g", 2}};
const signal::Statistics kStatistics = {{0.3F, -1, 5}, {1, 2, 0.7F}};

int window(const std::string& architecture) {
  return architecture == "wdcnn" ? 512 : 32;
}

Model model(const std::string& architecture, signal::Imputation imputation, int hop = kHop) {
  const int length = window(architecture);
  const int channels = kSensors + (imputation == signal::Imputation::mask ? 1 : 0);
  const Deployment deployment{.window_length = length,
                              .hop = hop,
                              .rate_hz = 50,
                              .channels = kChannels,
                              .pipeline = {imputation, kStatistics},
                              .labels = {"a", "b", "c", "d"},
                              .provenance = {"ab", "", 1, "0.1.0"}};
  return {runtime::quantized(runtime::random_network(architecture, {length, channels}, 4, 1)),
          to_metadata(deployment)};
}

// What an ADC of 16 bits makes of a recording with a fault; clean without one.
std::vector<std::int16_t> recording(const faults::Fault* fault, std::uint32_t number, int length) {
  static const std::vector<std::array<int, 3>> triads = {{0, 1, 2}};
  const faults::Context context{50, kChannels, triads, kStatistics.mean, kStatistics.sd, 1};
  RandomWeights random(number);
  std::vector<float> samples;
  for (int t = 0; t < length; ++t) {
    for (int c = 0; c < kSensors; ++c) {
      const float wave = std::sin(0.1F * static_cast<float>((c + 1) * t)) + random.real(-1, 1);
      samples.push_back(kStatistics.mean[c] + kStatistics.sd[c] * wave);
    }
  }
  if (fault != nullptr) faults::inject(*fault, fault->severities(), context, {samples, number});
  std::vector<std::int16_t> counts;
  for (const float sample : samples) {
    const double count = std::clamp(std::round(sample / kUnit), -32767.0, 32767.0);
    counts.push_back(std::isnan(sample) ? kMissingCount : static_cast<std::int16_t>(count));
  }
  return counts;
}

std::vector<std::vector<std::int16_t>> recordings(int length) {
  std::vector<std::vector<std::int16_t>> all = {recording(nullptr, 0, length)};
  std::uint32_t number = 0;
  for (const faults::Fault& fault : faults::all_faults())
    all.push_back(recording(&fault, ++number, length));
  return all;
}

// A module hears of a recording's end by as many missing samples as it looks ahead.
void expect_the_hosts_scores(const std::string& architecture, signal::Imputation imputation) {
  SCOPED_TRACE(fmt::format("{} {}", architecture, signal::imputation_name(imputation)));
  const Model m = model(architecture, imputation);
  const int length = window(architecture) + 7 * kHop;
  const int look_ahead = imputation == signal::Imputation::linear ? length : 0;
  const CompiledModule module(to_c(m, {{kUnit}, look_ahead}), kPushMain);
  ASSERT_TRUE(module.compiled());
  const std::vector<double> units(kSensors, kUnit);
  for (std::vector<std::int16_t> counts : recordings(length)) {
    const std::string expected = host_push(m, counts, units);
    counts.insert(counts.end(), static_cast<std::size_t>(look_ahead) * kSensors, kMissingCount);
    EXPECT_EQ(module.run(as_bytes(counts)), expected);
  }
}

// One sample after the other from power-up, every hop the scores of the whole window.
void expect_the_streams_scores(const std::string& architecture, signal::Imputation imputation,
                               int hop) {
  SCOPED_TRACE(fmt::format("{} {}", architecture, signal::imputation_name(imputation)));
  const Model m = model(architecture, imputation, hop);
  const CompiledModule module(to_c(m, {.units_per_count = {kUnit}, .stream_hop = hop}), kPushMain);
  ASSERT_TRUE(module.compiled());
  for (const std::vector<std::int16_t>& counts : recordings(window(architecture) + 9 * hop)) {
    EXPECT_EQ(module.run(as_bytes(counts)),
              host_push(m, counts, std::vector<double>(kSensors, kUnit)));
  }
}

TEST(CExportPushFaultsSlow, StreamsTheHostsScoresForEveryFaultAndImputation) {
  using signal::Imputation;
  for (const auto imputation : {Imputation::hold, Imputation::mean, Imputation::mask}) {
    expect_the_streams_scores("cnn", imputation, 8);
  }
  expect_the_streams_scores("wdcnn", Imputation::hold, 64);
}

TEST(CExportPushFaultsSlow, GivesTheHostsScoresForEveryFaultAndImputation) {
  using signal::Imputation;
  for (const auto imputation :
       {Imputation::hold, Imputation::linear, Imputation::mean, Imputation::mask}) {
    expect_the_hosts_scores("cnn", imputation);
  }
}

TEST(CExportPushFaultsSlow, GivesTheHostsScoresForEveryFaultAndArchitecture) {
  for (const std::string& architecture : graph::architectures()) {
    expect_the_hosts_scores(architecture, signal::Imputation::linear);
  }
}

}  // namespace
}  // namespace edgeproof::formats
