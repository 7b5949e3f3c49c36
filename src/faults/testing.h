#pragma once

// What the tests of faults share: a small data set, and the critical values of their statistics.
// Every statistical test has a fixed seed, so that it either always passes or never does; a correct
// fault would fail one, under another seed, with probability 1e-4.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "faults/fault.h"

namespace edgeproof::faults::testing {

inline constexpr double kNormalQuantile = 3.8906;      // two-sided, 1e-4
inline constexpr double kKolmogorovQuantile = 2.2254;  // of sqrt(n) D, 1e-4

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
  Context context() const { return {50, channels, mean, sd, seed}; }
  int channel_count() const { return static_cast<int>(channels.size()); }

  // The recording after the fault.
  std::vector<float> broken(const std::string& fault, int severity, std::vector<float> samples,
                            std::uint32_t recording = 7) const {
    inject(definition(fault), severity, context(), segment(samples, recording));
    return samples;
  }
  // The same from a signal of zeros: what the fault adds.
  std::vector<float> added(const std::string& fault, int severity, int length,
                           std::uint32_t recording = 7) const {
    return broken(fault, severity,
                  std::vector<float>(static_cast<size_t>(length) * channels.size()), recording);
  }
  Segment segment(std::vector<float>& samples, std::uint32_t recording) const {
    return {samples, static_cast<int>(samples.size() / channels.size()), channel_count(),
            recording};
  }

  std::vector<signal::Channel> channels;
  std::vector<float> mean, sd;
  std::uint64_t seed;
};

inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Kolmogorov-Smirnov: sqrt(n) times the largest distance between the sample's distribution and
// `cdf`.
template <typename Cdf>
double kolmogorov(std::vector<double> sample, Cdf cdf) {
  std::sort(sample.begin(), sample.end());
  const double n = static_cast<double>(sample.size());
  double distance = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    const double f = cdf(sample[i]);
    distance =
        std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return std::sqrt(n) * distance;
}

// How many standard deviations a count is from the mean of Binomial(n, p).
inline double binomial_z(double count, double n, double p) {
  return (count - n * p) / std::sqrt(n * p * (1 - p));
}

}  // namespace edgeproof::faults::testing
