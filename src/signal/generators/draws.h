#pragma once

// A short-hand for generators: draws in sequence from one counter-based stream.
//
// What a Draws gives is a pure function of (seed, stream, a, b, c) and of how many draws came
// before, so that one person's or one recording's draws do not depend on any other's. Not
// thread-safe; make one for each piece of work.

#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/random.h"

namespace edgeproof::signal {

class Draws {
 public:
  Draws(std::uint64_t seed, std::string_view stream, int a = 0, int b = 0, int c = 0)
      : rng_(seed, stream),
        a_(static_cast<std::uint32_t>(a)),
        b_(static_cast<std::uint32_t>(b)),
        c_(static_cast<std::uint32_t>(c)) {}

  double uniform(double low, double high) {
    return low + (high - low) * rng_.uniform(next_++, a_, b_, c_);
  }
  double normal(double mean = 0, double sd = 1) {
    return mean + sd * rng_.normal(next_++, a_, b_, c_);
  }
  // A factor around 1 whose logarithm is normal.
  double factor(double log_sd) { return std::exp(normal(0, log_sd)); }

 private:
  CounterRng rng_;
  std::uint32_t a_, b_, c_;
  std::uint32_t next_ = 0;
};

}  // namespace edgeproof::signal
