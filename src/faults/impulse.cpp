// With probability p a sample becomes x ± a sd, a ~ U(3, 8): spikes of electrical interference. A
// sample's word says whether it is hit; how hard and with which sign is a hash of the same word, so
// that a higher p adds spikes and leaves the others as they are.

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

// Every bit of the result depends on every bit of the word, one to one: rounds of a multiplication
// by an odd number and a shift.
std::uint32_t scramble(std::uint32_t word) {
  word = (word ^ (word >> 16)) * 0x9E3779B1U;
  word = (word ^ (word >> 15)) * 0xC2B2AE3DU;
  return word ^ (word >> 16);
}

struct Spikes {
  Spikes(const Site& site, const Lane& lane)
      : chance(site.value),
        sd(site.sd(lane)),
        low(site.constants[0]),
        span(site.constants[1] - site.constants[0]),
        draws(site.draws(lane.source)) {}

  void operator()(std::int64_t first, std::span<float> x) const {
    std::array<std::uint32_t, kBlock> words;
    draws.words(first, std::span(words).first(x.size()));
    std::array<std::uint16_t, kBlock> hit;  // found first: what is rare need not be guessed
    std::size_t hits = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      hit[hits] = static_cast<std::uint16_t>(i);
      hits += chance.hits(words[i]);
    }
    for (const std::uint16_t i : std::span(hit).first(hits)) {
      const std::uint32_t hash = scramble(words[i]);
      const double a = low + span * (hash >> 8) * 0x1.0p-24;
      x[i] += static_cast<float>((hash & 1) != 0 ? -a * sd : a * sd);
    }
  }

  Chance chance;
  double sd, low, span;
  Draws draws;
};

}  // namespace

Definition impulse() {
  return {.name = "impulse",
          .summary = "with probability p: x ± a sd, a ~ U(3,8), random sign",
          .parameter = {"p", "probability of a sample", 0, 1},
          .severities = {0.005, 0.01, 0.02, 0.05, 0.1},
          .constants = {{{"low", "standard deviations, the smallest a", 0, 100}, 3},
                        {{"high", "standard deviations, the largest a", 0, 100}, 8}},
          .make = make<PerLane<Spikes>>,
          .additive = true,
          .has_past = true,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
