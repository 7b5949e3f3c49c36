// y = x ± k sd t/(T-1): a sensor that warms up over the segment. The sign is one bit for each
// channel of each recording. Test: drift_test.cpp.

#include <algorithm>

#include "core/random.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr auto kName = "drift";

void add_ramp(double k, const Context& context, const Segment& segment, int channel) {
  const CounterRng rng(context.seed, kName);
  const bool down = rng.words(segment.recording, channel)[0] >> 31;
  const double end = (down ? -k : k) * context.sd[channel];
  const double last = std::max(segment.length - 1, 1);
  for (int t = 0; t < segment.length; ++t) {
    float& x = segment.at(t, channel);
    x = static_cast<float>(x + end * (t / last));
  }
}

}  // namespace

Definition drift() {
  return {.name = kName,
          .summary = "x ± k sd t/(T-1), random sign for each channel",
          .parameter = {.name = "sd",
                        .unit = "standard deviations of the channel, at the segment's end",
                        .min = 0,
                        .max = 100,
                        .severities = {0.25, 0.5, 1, 2, 4}},
          .apply = add_ramp};
}

}  // namespace edgeproof::faults
