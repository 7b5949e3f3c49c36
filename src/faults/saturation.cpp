// x clamped to mean ± k sd: a sensor or an amplifier at the end of its range. Nothing is drawn.

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Clamp {
  Clamp(const Site& site, const Lane& lane)
      : low(static_cast<float>(site.mean(lane) - site.value * site.sd(lane))),
        high(static_cast<float>(site.mean(lane) + site.value * site.sd(lane))) {}

  void operator()(std::int64_t, std::span<float> x) const {
    for (float& value : x) {  // NaN is neither below nor above
      value = value < low ? low : value;
      value = value > high ? high : value;
    }
  }

  float low, high;
};

}  // namespace

Definition saturation() {
  return {.name = "saturation",
          .summary = "x clamped to mean ± k sd",
          .parameter = {"sd", "standard deviations of the channel", 0, 100},
          .severities = {3, 2, 1.5, 1, 0.5},
          .make = make<PerLane<Clamp>>,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
