// A uniform quantizer of b bits over mean ± 4 sd that clamps: 2^b steps, each replaced by its
// middle. Nothing is drawn.

#include <cmath>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct Quantizer {
  Quantizer(const Site& site, const Lane& lane) {
    const double range = 2 * site.constants[0] * site.sd(lane);
    const double steps = std::exp2(site.value);
    low = static_cast<float>(site.mean(lane) - range / 2);
    step = static_cast<float>(range / steps);
    per_unit = static_cast<float>(steps / range);
    last = static_cast<float>(steps - 1);
  }

  void operator()(std::int64_t, std::span<float> x) const {
    for (float& value : x) {
      const bool missing = value != value;
      float code = ((missing ? low : value) - low) * per_unit;
      code = code > 0 ? code : 0;  // and where sd is 0, 0 for NaN
      code = code > last ? last : code;
      const float middle = low + (static_cast<float>(static_cast<int>(code)) + 0.5F) * step;
      value = missing ? value : middle;
    }
  }

  float low, step, per_unit, last;
};

}  // namespace

Definition adc() {
  return {.name = "adc",
          .summary = "uniform quantizer of b bits over mean ± 4 sd, clamping",
          .parameter = {"bits", "bits", 1, 16, true},
          .severities = {8, 6, 5, 4, 3},
          .constants = {{{"range", "standard deviations either side of the mean", 0.1, 100}, 4}},
          .make = make<PerLane<Quantizer>>,
          .needs_statistics = true};
}

}  // namespace edgeproof::faults
