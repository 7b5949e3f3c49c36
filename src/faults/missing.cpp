// Each sample is NaN with probability p, independently of everything (missing completely at
// random). One uniform word of each sample against p, so that the mask of a lower p is part of that
// of a higher one.

#include <limits>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Holes {
  Holes(const Site& site, const Lane& lane) : chance(site.value), draws(site.draws(lane.source)) {}

  void operator()(std::int64_t first, std::span<float> x) const {
    std::array<std::uint32_t, kBlock> words;
    draws.words(first, std::span(words).first(x.size()));
    const Chance chance = this->chance;
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = chance.hits(words[i]) ? std::numeric_limits<float>::quiet_NaN() : x[i];
    }
  }

  Chance chance;
  Draws draws;
};

}  // namespace

Definition missing() {
  return {.name = "missing",
          .summary = "NaN with probability p, independent",
          .parameter = {"p", "probability of a sample", 0, 1},
          .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
          .make = make<PerLane<Holes>>};
}

}  // namespace edgeproof::faults
