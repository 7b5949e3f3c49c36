#pragma once

// Counter-based random numbers (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011; Random123's implementation).
//
// A draw is a pure function of a key and a counter. There is no state, so that results do not
// depend on threads, on order, or on what else was drawn: the key says which sequence (a seed and a
// stream, for instance a fault), the counter says which element (recording, channel, sample).

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

namespace edgeproof {

class CounterRng {
 public:
  CounterRng(std::uint64_t seed, std::uint64_t stream)
      : key_(mix(seed ^ mix(stream + 0x9e3779b97f4a7c15ULL))) {}
  // A stream with a name: the same name is the same stream in every version.
  CounterRng(std::uint64_t seed, std::string_view stream) : CounterRng(seed, hash(stream)) {}

  // Four independent uniform 32-bit words for one counter.
  std::array<std::uint32_t, 4> words(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0,
                                     std::uint32_t d = 0) const {
    const r123::Philox4x32::ctr_type counter{{a, b, c, d}};
    const r123::Philox4x32::key_type key{
        {static_cast<std::uint32_t>(key_), static_cast<std::uint32_t>(key_ >> 32)}};
    const auto out = r123::Philox4x32{}(counter, key);
    return {out[0], out[1], out[2], out[3]};
  }

  std::uint64_t key() const { return key_; }

  // Uniform in (0, 1), 53 bits, never 0 or 1.
  double uniform(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0,
                 std::uint32_t d = 0) const {
    const auto w = words(a, b, c, d);
    return unit(w[0], w[1]);
  }

  // Standard normal, Box-Muller in double precision: its tails are right beyond 8 sd.
  double normal(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0,
                std::uint32_t d = 0) const {
    const auto w = words(a, b, c, d);
    return std::sqrt(-2.0 * std::log(unit(w[0], w[1]))) *
           std::cos(2.0 * std::numbers::pi * unit(w[2], w[3]));
  }

  // Two 32-bit words as a double in (0, 1).
  static double unit(std::uint32_t high, std::uint32_t low) {
    const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32 | low) >> 12;
    return (static_cast<double>(bits) + 0.5) * 0x1.0p-52;
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t x) {  // splitmix64's finalizer
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
  static constexpr std::uint64_t hash(std::string_view text) {  // FNV-1a
    std::uint64_t h = 0xcbf29ce484222325ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return h;
  }

  std::uint64_t key_;
};

}  // namespace edgeproof
