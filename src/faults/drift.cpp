// y = x ± k sd t/(T-1): a sensor that warms up over the segment. The sign is one bit for each
// channel of each recording.

#include <algorithm>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Ramp {
  Ramp(const Site& site, const Lane& lane) : begin(site.begin) {
    const bool down = site.draws(lane.source).once()[0] >> 31;
    const double end = site.value * site.sd(lane);
    const auto steps = static_cast<double>(std::max<std::int64_t>(site.length - 1, 1));
    slope = (down ? -end : end) / steps;
  }

  void operator()(std::int64_t first, std::span<float> x) const {
    const auto t = static_cast<double>(first - begin);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] += static_cast<float>(slope * (t + static_cast<int>(i)));
    }
  }

  std::int64_t begin;
  double slope;
};

}  // namespace

Definition drift() {
  return {.name = "drift",
          .summary = "x ± k sd t/(T-1), random sign for each channel",
          .parameter = {"sd", "standard deviations of the channel, at the segment's end", 0, 100},
          .severities = {0.25, 0.5, 1, 2, 4},
          .make = make<PerLane<Ramp>>,
          .additive = true,
          .needs_length = true,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
