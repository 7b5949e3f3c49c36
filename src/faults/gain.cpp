// y = (1 ± k) x about physical zero: an amplifier or a bridge supply that is off. The sign is one
// bit for each channel of each recording.

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Factor {
  Factor(const Site& site, const Lane& lane) {
    const bool down = site.draws(lane.source).once()[0] >> 31;
    factor = static_cast<float>(1 + (down ? -site.value : site.value));
  }

  void operator()(std::int64_t, std::span<float> x) const {
    for (float& value : x) value *= factor;
  }

  float factor;
};

}  // namespace

Definition gain() {
  return {.name = "gain",
          .summary = "(1 ± k) x, random sign for each channel",
          .parameter = {"k", "share of the value", 0, 100},
          .severities = {0.05, 0.1, 0.2, 0.4, 0.8},
          .make = make<PerLane<Factor>>};
}

}  // namespace edgeproof::faults
