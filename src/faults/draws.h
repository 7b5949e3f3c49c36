#pragma once

// The random numbers of faults, many at a time.
//
// A Philox block of four words serves four consecutive samples of one channel: sample t has word
// t mod 4 of the block whose counter is (recording, channel, t / 4 in two words). Words 0 and 1
// give one pair of normals by Box-Muller, words 2 and 3 the next. Samples before the recording have
// negative numbers, and t / 4, rounded down, is taken modulo 2^62: their blocks are those before
// 2^62, which no recording reaches.
//
// Single precision, of additions, multiplications and square roots only, and never contracted:
// every instruction set gives the same bits, which are those of word(), normal() and sine().
// Everything is a pure function; there is no state.

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/random.h"

namespace edgeproof::faults {

class Draws {
 public:
  Draws(const CounterRng& rng, std::uint32_t recording, std::uint32_t channel)
      : rng_(rng), recording_(recording), channel_(channel) {}

  // For the samples from `first` on: uniform 32-bit words; standard normals.
  void words(std::int64_t first, std::span<std::uint32_t> out) const;
  void normals(std::int64_t first, std::span<float> out) const;

  // The same, one at a time in plain C++.
  std::uint32_t word(std::int64_t sample) const;
  float normal(std::int64_t sample) const;

  // What is drawn once for the channel, or, with channel 0, for the recording.
  std::array<std::uint32_t, 4> once() const { return rng_.words(recording_, channel_); }

 private:
  CounterRng rng_;
  std::uint32_t recording_, channel_;
};

// sin(2 pi phase / 2^64) for phase, phase + step, ...: exact in phase however long it runs.
void sines(std::uint64_t phase, std::uint64_t step, std::span<float> out);
float sine(std::uint64_t phase);

// An event of probability p (to 2^-32) for each uniform word; p = 1 is always, 0 is never. What
// hits at a lower p hits at a higher one.
class Chance {
 public:
  Chance() = default;
  explicit Chance(double p)
      : below_(static_cast<std::uint32_t>(std::min(p * 0x1.0p32, 0x1.FFFFFFFEp31))),
        always_(p >= 1) {}
  bool hits(std::uint32_t word) const { return (word < below_) | always_; }

 private:
  std::uint32_t below_ = 0;
  bool always_ = false;
};

}  // namespace edgeproof::faults
