// y = x + k sd n with n ~ N(0, 1), independent: the noise of an amplifier.

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Noise {
  Noise(const Site& site, const Lane& lane)
      : scale(static_cast<float>(site.value * site.sd(lane))), draws(site.draws(lane.source)) {}

  void operator()(std::int64_t first, std::span<float> x) const {
    std::array<float, kBlock> n;
    draws.normals(first, std::span(n).first(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += scale * n[i];
  }

  float scale;
  Draws draws;
};

}  // namespace

Definition gaussian() {
  return {.name = "gaussian",
          .summary = "x + k sd n, n ~ N(0,1) independent",
          .parameter = {"sd", "standard deviations of the channel", 0, 100},
          .severities = {0.1, 0.25, 0.5, 1, 2},
          .make = make<PerLane<Noise>>,
          .additive = true,
          .has_past = true,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
