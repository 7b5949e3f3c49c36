// One interval of f T samples at a random place holds its first value: a frozen driver or a bus
// that repeats the last reading. The place is u (T - n + 1) with one u for each channel of each
// recording, so that the interval of a lower f lies within that of a higher one. Derived channels
// are held as well, each at its own value.

#include <algorithm>
#include <cmath>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Hold {
  Hold(const Site& site, const Lane& lane) {
    const auto words = site.draws(lane.source).once();
    const auto length = static_cast<double>(site.length);
    const double held_samples = std::round(site.value * length);
    start = site.begin + static_cast<std::int64_t>(CounterRng::unit(words[0], words[1]) *
                                                   (length - held_samples + 1));
    end = start + static_cast<std::int64_t>(held_samples);
  }

  void operator()(std::int64_t first, std::span<float> x) {
    const std::int64_t from = std::max(start, first);
    const std::int64_t to = std::min(end, first + static_cast<std::int64_t>(x.size()));
    if (from >= to) return;
    if (from == start) held = x[static_cast<std::size_t>(from - first)];
    std::fill(x.begin() + (from - first), x.begin() + (to - first), held);
  }

  std::int64_t start = 0, end = 0;
  float held = 0;
};

}  // namespace

Definition stuck() {
  return {.name = "stuck",
          .summary = "one interval of f T samples at a random place holds its first value",
          .parameter = {"f", "share of the segment", 0, 1},
          .severities = {0.1, 0.2, 0.4, 0.6, 0.9},
          .make = make<PerLane<Hold>>,
          .acts_on_derived = [](const Context&, int) { return true; },
          .needs_length = true};
}

}  // namespace edgeproof::faults
