// y = x + W(t), a Wiener path from 0 whose end has the standard deviation k sd: steps
// k sd n / sqrt(T-1), n ~ N(0, 1).

#include <algorithm>
#include <cmath>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Walk {
  Walk(const Site& site, const Lane& lane)
      : begin(site.begin),
        scale(site.value * site.sd(lane) /
              std::sqrt(static_cast<double>(std::max<std::int64_t>(site.length - 1, 1)))),
        draws(site.draws(lane.source)) {}

  void operator()(std::int64_t first, std::span<float> x) {
    std::array<float, kBlock> n;
    draws.normals(first, std::span(n).first(x.size()));
    if (first == begin) n[0] = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      sum += n[i];
      x[i] += static_cast<float>(scale * sum);
    }
  }

  std::int64_t begin;
  double scale;
  Draws draws;
  double sum = 0;
};

}  // namespace

Definition drift_walk() {
  return {.name = "drift_walk",
          .summary = "x + a Wiener path whose end has sd k sd",
          .parameter = {"sd", "standard deviations of the channel, at the segment's end", 0, 100},
          .severities = {0.25, 0.5, 1, 2, 4},
          .make = make<PerLane<Walk>>,
          .additive = true,
          .needs_length = true,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
