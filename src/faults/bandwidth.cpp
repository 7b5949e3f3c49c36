// A first-order low-pass with its half-power point at f fs: an amplifier that has become slow. The
// bilinear transform of 1 / (1 + s) with the cut-off prewarped (Oppenheim and Schafer,
// "Discrete-Time Signal Processing", 7.2), what scipy.signal.butter(1, 2 f) gives. It begins
// settled at the first value; through missing samples it sees the last one.

#include <cmath>
#include <numbers>

#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

struct LowPass {
  LowPass(const Site& site, const Lane&) {
    const double k = std::tan(std::numbers::pi * site.value);
    in_gain = k / (1 + k);
    feedback = (1 - k) / (1 + k);
  }

  void operator()(std::int64_t, std::span<float> x) {
    for (float& value : x) {
      const bool missing = value != value;
      if (!started) {
        if (missing) continue;
        in = out = value;
        started = true;
      }
      const double now = missing ? in : value;
      out = in_gain * (now + in) + feedback * out;
      in = now;
      if (!missing) value = static_cast<float>(out);
    }
  }

  double in_gain, feedback;
  double in = 0, out = 0;
  bool started = false;
};

}  // namespace

Definition bandwidth() {
  return {.name = "bandwidth",
          .summary = "first-order low-pass, cut-off f fs",
          .parameter = {"f", "of the sampling rate", 1e-6, 0.499},
          .severities = {0.4, 0.2, 0.1, 0.05, 0.02},
          .make = make<PerLane<LowPass>>};
}

}  // namespace edgeproof::faults
