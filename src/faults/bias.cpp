// y = x ± k sd: a zero point that has moved. The sign is one bit for each channel of each
// recording. Test: bias_test.cpp.

#include "core/random.h"
#include "faults/fault.h"

namespace edgeproof::faults {
namespace {

constexpr auto kName = "bias";

void shift(double k, const Context& context, const Segment& segment, int channel) {
  const CounterRng rng(context.seed, kName);
  const bool down = rng.words(segment.recording, channel)[0] >> 31;
  const double offset = (down ? -k : k) * context.sd[channel];
  for (int t = 0; t < segment.length; ++t) {
    float& x = segment.at(t, channel);
    x = static_cast<float>(x + offset);
  }
}

}  // namespace

Definition bias() {
  return {.name = kName,
          .summary = "x ± k sd, random sign for each channel",
          .parameter = {.name = "sd",
                        .unit = "standard deviations of the channel",
                        .min = 0,
                        .max = 100,
                        .severities = {0.1, 0.25, 0.5, 1, 2}},
          .apply = shift};
}

}  // namespace edgeproof::faults
