#pragma once

// What the tests of faults share: a small data set, and the critical values of their statistics.
// Every statistical test has a fixed seed, so that it either always passes or never does; a correct
// fault would fail one, under another seed, with probability 1e-4.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "core/error.h"
#include "faults/injector.h"

namespace edgeproof::faults::testing {

inline constexpr double kNormalQuantile = 3.8906;      // two-sided, 1e-4
inline constexpr double kKolmogorovQuantile = 2.2254;  // of sqrt(n) D, 1e-4
inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// A data set of as many channels as there are sources, channel i with sd 1 + i/2 and mean i.
struct Bench {
  explicit Bench(std::vector<int> sources, std::uint64_t seed = 42) : seed(seed) {
    for (const int source : sources) {
      const int i = static_cast<int>(channels.size());
      channels.push_back({"c" + std::to_string(i), "g", source});
      mean.push_back(static_cast<float>(i));
      sd.push_back(1 + static_cast<float>(i) / 2);
    }
  }
  // A data set of `count` physical channels.
  static Bench physical(int count, std::uint64_t seed = 42) {
    std::vector<int> sources;
    for (int c = 0; c < count; ++c) sources.push_back(c);
    return Bench(sources, seed);
  }

  Context context() const { return {rate_hz, channels, triads, mean, sd, seed}; }
  std::size_t channel_count() const { return channels.size(); }

  // The recording [length, channels] after the fault, which is written as for parse_fault().
  std::vector<float> broken(const std::string& fault, int severity, std::vector<float> samples,
                            std::uint32_t recording = 7) const {
    inject(parse_fault(fault), severity, context(), {samples, recording});
    return samples;
  }
  // The same from a signal of zeros: what the fault adds.
  std::vector<float> added(const std::string& fault, int severity, int length,
                           std::uint32_t recording = 7) const {
    return broken(fault, severity,
                  std::vector<float>(static_cast<std::size_t>(length) * channels.size()),
                  recording);
  }
  // One channel of a recording.
  std::vector<float> column(const std::vector<float>& samples, std::size_t channel) const {
    std::vector<float> column;
    for (std::size_t i = channel; i < samples.size(); i += channels.size())
      column.push_back(samples[i]);
    return column;
  }

  std::vector<signal::Channel> channels;
  std::vector<std::array<int, 3>> triads;
  std::vector<float> mean, sd;
  std::uint64_t seed;
  double rate_hz = 50;
};

// The parameter of an elementary fault at a severity of the table.
inline double parameter(const std::string& fault, int severity) {
  return definition(fault).severities[static_cast<std::size_t>(severity - 1)];
}

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}
inline bool same_bits(float a, float b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

// Equal, or both missing.
inline bool same(float a, float b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// A noise-like signal of values up to about 4.
inline std::vector<float> noise(std::size_t count, std::uint64_t seed = 1) {
  const CounterRng rng(seed, "test signal");
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i) {
    x[i] = static_cast<float>(rng.normal(static_cast<std::uint32_t>(i)));
  }
  return x;
}

// Kolmogorov-Smirnov: sqrt(n) times the largest distance between the sample's distribution and
// `cdf`.
template <typename Cdf>
double kolmogorov(std::vector<double> sample, Cdf cdf) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(sample[i]);
    distance =
        std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return std::sqrt(n) * distance;
}

inline double normal_cdf(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}
inline double uniform_cdf(double x) {
  return std::clamp(x, 0.0, 1.0);
}

// How many standard deviations a count is from the mean of Binomial(n, p).
inline double binomial_z(double count, double n, double p) {
  return (count - n * p) / std::sqrt(n * p * (1 - p));
}

// The message of the Error that `action` throws; fails the test if its code is another.
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

// The sign that a fault draws for each channel of each recording: even, and independent between
// channels and between this fault and `other`. `negative(fault, recording, channel)` says it.
template <typename Negative>
void expect_fair_signs(const std::string& fault, const std::string& other, Negative negative) {
  constexpr int kRecordings = 4000;
  double first = 0, equal = 0, as_other = 0;
  for (std::uint32_t recording = 0; recording < kRecordings; ++recording) {
    const bool sign = negative(fault, recording, 0);
    first += sign;
    equal += sign == negative(fault, recording, 1);
    as_other += sign == negative(other, recording, 0);
  }
  EXPECT_LT(std::abs(binomial_z(first, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(std::abs(binomial_z(equal, kRecordings, 0.5)), kNormalQuantile);
  EXPECT_LT(std::abs(binomial_z(as_other, kRecordings, 0.5)), kNormalQuantile);
}

}  // namespace edgeproof::faults::testing
