// y = x ± k sd: a zero point that has moved. The sign is one bit for each channel of each
// recording.

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Offset {
  Offset(const Site& site, const Lane& lane) {
    const bool down = site.draws(lane.source).once()[0] >> 31;
    offset = static_cast<float>((down ? -site.value : site.value) * site.sd(lane));
  }

  void operator()(std::int64_t, std::span<float> x) const {
    for (float& value : x) value += offset;
  }

  float offset;
};

}  // namespace

Definition bias() {
  return {.name = "bias",
          .summary = "x ± k sd, random sign for each channel",
          .parameter = {"sd", "standard deviations of the channel", 0, 100},
          .severities = {0.1, 0.25, 0.5, 1, 2},
          .make = make<PerLane<Offset>>,
          .additive = true,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
